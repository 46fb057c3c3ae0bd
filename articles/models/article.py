from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, OuterRef, Q, Subquery
from django.utils.translation import gettext_lazy as _
from markdownx.models import MarkdownxField

from clinic.models.service import lines
from clinic.slugs import validate_slug_is_free


class Kind(models.TextChoices):
    ARTICLE = "article", _("Article")
    PAGE = "page", _("Page")


class Certainty(models.TextChoices):
    """How firm the evidence is, as a clinical reviewer judged it."""

    FIRM = "firm", _("Firm evidence")
    FAIR = "fair", _("Fair evidence")
    THIN = "thin", _("Thin evidence")


class ArticleQuerySet(models.QuerySet["Article"]):
    def with_state(self, at: datetime) -> "ArticleQuerySet":
        """Annotate what articles.states puts into words: of the edition that decides now
        `edition_number`, `edition_revision`, `edition_withdrawn_at`; of the one that waits
        `waiting_at`."""
        from articles.models.edition import Edition  # it refers to this module

        own = Edition.objects.filter(article=OuterRef("pk"))
        decisive = (
            own.filter(goes_live_at__lte=at)
            .exclude(withdrawn_at__lt=F("goes_live_at"))
            .order_by("-goes_live_at", "-number")
        )
        waiting = own.filter(goes_live_at__gt=at, withdrawn_at=None)
        return self.annotate(
            edition_number=Subquery(decisive.values("number")[:1]),
            edition_revision=Subquery(decisive.values("manuscript_revision")[:1]),
            edition_withdrawn_at=Subquery(decisive.values("withdrawn_at")[:1]),
            waiting_at=Subquery(waiting.values("goes_live_at")[:1]),
        )


class Article(models.Model):
    """The manuscript: what staff edit, never shown to the public.

    What visitors read are its editions (articles.models.edition), made by articles.publishing.
    """

    kind = models.CharField(
        _("kind"),
        max_length=8,
        choices=Kind,
        default=Kind.ARTICLE,
        help_text=_("A page stands at its own address, may be in the menu, and is in no list."),
    )
    title = models.CharField(_("title"), max_length=140)
    slug = models.SlugField(
        _("address word"),
        max_length=80,
        validators=[validate_slug_is_free],
        help_text=_("The last part of the address. A past one keeps leading here."),
    )
    summary = models.TextField(
        _("in short"),
        max_length=600,
        blank=True,
        help_text=_("The answer in one or two sentences (TL;DR). Lists and search show it too."),
    )
    takeaways = models.TextField(
        _("key takeaways"), blank=True, help_text=_("One in each line, three to six of them.")
    )
    body = MarkdownxField(_("text"), blank=True)
    hero = models.ForeignKey(
        "clinic.Image",
        verbose_name=_("hero picture"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    author = models.ForeignKey(
        "clinic.Practitioner",
        verbose_name=_("written by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="articles_written",
    )
    reviewer = models.ForeignKey(
        "clinic.Practitioner",
        verbose_name=_("to be reviewed by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="articles_to_review",
        help_text=_("Shown as reviewer only once they have signed this text."),
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("looked after by"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="articles_owned",
    )
    topics = models.ManyToManyField(
        "articles.Topic", verbose_name=_("topics"), blank=True, related_name="articles"
    )
    services = models.ManyToManyField(
        "clinic.Service",
        verbose_name=_("services"),
        blank=True,
        related_name="articles",
        help_text=_("Their risks and who should not have them are shown with the text."),
    )
    related = models.ManyToManyField(
        "self",
        verbose_name=_("read next"),
        blank=True,
        symmetrical=False,
        related_name="related_from",
        help_text=_("Your choice comes first; the rest is found by topic."),
    )
    certainty = models.CharField(
        _("certainty of the evidence"),
        max_length=8,
        choices=Certainty,
        blank=True,
        help_text=_("Set by a clinical reviewer. Empty: nothing is shown."),
    )
    seo_title = models.CharField(
        _("title in search results"), max_length=70, blank=True, help_text=_("Empty: the title.")
    )
    seo_description = models.CharField(
        _("description in search results"),
        max_length=170,
        blank=True,
        help_text=_("Empty: “In short”."),
    )
    menu_order = models.PositiveSmallIntegerField(
        _("place in the menu"),
        null=True,
        blank=True,
        help_text=_(
            "Pages only. Empty: not in the menu. Articles stand at 20, People at 30, Services at "
            "40, Locations at 50."
        ),
    )
    # Set while the text waits for its clinical review.
    submitted_at = models.DateTimeField(null=True, blank=True, editable=False)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    # Which link shows the preview to whoever holds it: raised, it ends those that were passed on.
    preview_serial = models.PositiveIntegerField(default=0, editable=False)
    # Raised by every save of the manuscript or its questions: publishing and saving compare it.
    revision = models.PositiveIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = ArticleQuerySet.as_manager()

    class Meta:
        ordering = ["-updated_at", "-id"]
        verbose_name = _("article")
        indexes = [
            models.Index(name="article_last_changed", fields=["-updated_at", "-id"]),
            models.Index(name="article_kind_last_changed", fields=["kind", "-updated_at", "-id"]),
            models.Index(
                name="article_handed_in",
                fields=["submitted_at"],
                condition=Q(submitted_at__isnull=False),
            ),
        ]
        permissions = [
            ("publish_article", _("Can publish, schedule and withdraw")),
            ("review_article", _("Can sign a clinical review")),
        ]
        constraints = [
            models.UniqueConstraint(
                name="one_article_per_kind_and_slug",
                fields=["kind", "slug"],
                violation_error_message=_("Another text has this address word."),
            ),
            models.CheckConstraint(
                name="only_pages_stand_in_the_menu",
                condition=Q(menu_order=None) | Q(kind=Kind.PAGE),
                violation_error_message=_("Only pages can stand in the menu."),
            ),
            models.CheckConstraint(
                name="article_certainty_is_known",
                condition=Q(certainty__in=["", *Certainty.values]),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def takeaway_lines(self) -> list[str]:
        return lines(self.takeaways)


class Question(models.Model):
    """One entry of an article's FAQ."""

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="questions")
    question = models.CharField(_("question"), max_length=200)
    answer = models.TextField(_("answer"), help_text=_("Markdown."))
    order = models.PositiveSmallIntegerField(_("order"), default=0)

    class Meta:
        ordering = ["order", "id"]
        verbose_name = _("question")

    def __str__(self) -> str:
        return self.question
