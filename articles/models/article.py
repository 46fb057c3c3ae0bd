import uuid
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import OuterRef, Q, Subquery
from django.utils.translation import gettext_lazy as _
from markdownx.models import MarkdownxField

from articles.models.choices import Certainty, Kind
from articles.models.edition import Edition
from clinic.lib.fields.bounded_text import LONG, LONGEST, SHORT, BoundedTextField
from clinic.lib.fields.reserved_slugs import validate_slug_is_free
from clinic.lib.fields.visible_text import LineField, VisibleText
from clinic.models import User
from clinic.models.service import lines


class BodyField(VisibleText, MarkdownxField, models.TextField):
    """markdownx's field, without signs that nobody sees."""

    def deconstruct(self) -> Any:
        name, _path, args, kwargs = super().deconstruct()
        return name, "markdownx.models.MarkdownxField", args, kwargs


def new_feed_id() -> str:
    """A name for an entry of a feed that nothing else has."""
    return f"urn:uuid:{uuid.uuid4()}"


class ArticleQuerySet(models.QuerySet["Article"]):
    def with_state(self, at: datetime) -> "ArticleQuerySet":
        """Annotate what articles.editor.status_text puts into words: of the edition that decides
        now `edition_number`, `edition_revision`, `edition_withdrawn_at`; of the one that waits
        `waiting_at`."""
        own = Edition.objects.filter(article=OuterRef("pk"))
        # The first of them is the decisive one: cheaper in a subquery than `decisive`.
        decisive = own.gone_live(at).order_by("-goes_live_at", "-number")
        waiting = own.waiting(at)
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
        help_text=_(
            "A page is not in the public list of articles, can appear in the menu, and has a web "
            "address without /articles/."
        ),
    )
    title = LineField(_("title"), max_length=140)
    slug = models.SlugField(
        _("slug"),
        max_length=80,
        validators=[validate_slug_is_free],
        help_text=_("The last part of the web address. Old slugs redirect here."),
    )
    summary = BoundedTextField(
        _("in short"),
        max_length=600,
        blank=True,
        help_text=_("The answer in one or two sentences. Also shown in lists and search results."),
    )
    takeaways = BoundedTextField(
        _("key takeaways"),
        max_length=SHORT,
        blank=True,
        help_text=_("Three to six, one per line."),
    )
    body = BodyField(
        _("text"), max_length=LONGEST, validators=[MaxLengthValidator(LONGEST)], blank=True
    )
    hero = models.ForeignKey(
        "clinic.Image",
        verbose_name=_("hero image"),
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
        verbose_name=_("reviewer"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="articles_to_review",
        help_text=_("Shown as reviewer only after they have approved this article."),
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("owner"),
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
        help_text=_(
            "The risks of these services, and who should not have them, are shown with the article."
        ),
    )
    related = models.ManyToManyField(
        "self",
        verbose_name=_("read next"),
        blank=True,
        symmetrical=False,
        related_name="related_from",
        help_text=_("Your choices come first; the rest are chosen by topic."),
    )
    certainty = models.CharField(
        _("certainty of the evidence"),
        max_length=8,
        choices=Certainty,
        blank=True,
        help_text=_("Set by a clinical reviewer. Not shown if empty."),
    )
    seo_title = LineField(
        _("title in search results"),
        max_length=70,
        blank=True,
        help_text=_("If empty, the title is used."),
    )
    seo_description = LineField(
        _("description in search results"),
        max_length=170,
        blank=True,
        help_text=_("If empty, “In short” is used."),
    )
    menu_order = models.PositiveSmallIntegerField(
        _("menu position"),
        null=True,
        blank=True,
        help_text=_(
            "Pages only. Leave empty to keep it out of the menu. Articles are at 20, "
            "Practitioners at 30, Services at 40, Locations at 50."
        ),
    )
    # What feeds know it by, whatever its address becomes (RFC 4287, 4.2.6).
    feed_id = models.CharField(max_length=300, unique=True, default=new_feed_id, editable=False)
    menu_below = models.BooleanField(
        _("below the entry before it"),
        default=False,
        help_text=_("In the menu, the page appears under the entry that comes before it."),
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
    # The number of the preview link that works; raising it revokes those that were shared.
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
                violation_error_message=_("Another article or page already uses this slug."),
            ),
            models.CheckConstraint(
                name="only_pages_stand_in_the_menu",
                condition=Q(menu_order=None) | Q(kind=Kind.PAGE),
                violation_error_message=_("Only pages can be in the menu."),
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

    def addresses(self) -> list[str]:
        """Return where email to its author and its owner goes, each address once."""
        owner = self.owner.email if self.owner and self.owner.is_active else ""
        both = [self.author.address if self.author else "", owner]
        return list({address.casefold(): address for address in both if address}.values())

    def responsible_user(self) -> User | None:
        """Return who is notified about the article: its owner, or else its author. Return None if
        both have left."""
        author = self.author.user if self.author else None
        return next((user for user in (self.owner, author) if user and user.is_active), None)


class Question(models.Model):
    """One entry of an article's FAQ."""

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="questions")
    question = LineField(_("question"), max_length=200)
    answer = BoundedTextField(
        _("answer"), max_length=LONG, help_text=_("You can format this text with Markdown.")
    )
    order = models.PositiveSmallIntegerField(_("order"), default=0)

    class Meta:
        ordering = ["order", "id"]
        verbose_name = _("question")

    def __str__(self) -> str:
        return self.question
