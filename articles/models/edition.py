from datetime import date, datetime

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from articles.models.choices import Certainty, Kind
from articles.models.review import Review
from clinic.lib.calendar import wall_time
from clinic.lib.fields.visible_text import LineField
from clinic.lib.markdown import FORMAT


class EditionQuerySet(models.QuerySet["Edition"]):
    """Which editions are public, were, or will be: decided here alone."""

    def not_cancelled(self) -> "EditionQuerySet":
        """Leave out those withdrawn before their moment came, as if they had never been made."""
        return self.exclude(withdrawn_at__isnull=False, withdrawn_at__lt=F("goes_live_at"))

    def gone_live(self, at: datetime) -> "EditionQuerySet":
        """Those that are or were public at some moment up to this one."""
        return self.not_cancelled().filter(goes_live_at__lte=at)

    def decisive(self, at: datetime) -> "EditionQuerySet":
        """Of each article the edition that decides at that moment.

        Of those that have gone live, the latest by (goes_live_at, number). Whether it is public
        depends on its withdrawal: see `live`.
        """
        own = Edition.objects.gone_live(at).filter(article=OuterRef("article"))
        later = own.filter(
            Q(goes_live_at__gt=OuterRef("goes_live_at"))
            | Q(goes_live_at=OuterRef("goes_live_at"), number__gt=OuterRef("number"))
        )
        return self.gone_live(at).filter(~Exists(later))

    def live(self, at: datetime) -> "EditionQuerySet":
        """What the public sees at that moment: the one word for "public", asked by every page."""
        return self.decisive(at).exclude(withdrawn_at__lte=at)

    def waiting(self, at: datetime) -> "EditionQuerySet":
        """Scheduled: their moment is still to come and nobody cancelled them."""
        return self.filter(goes_live_at__gt=at, withdrawn_at=None)

    def articles(self) -> "EditionQuerySet":
        return self.filter(kind=Kind.ARTICLE)

    def newest_first(self) -> "EditionQuerySet":
        return self.order_by("-first_live_at", "-id")

    def with_stamp(self) -> "EditionQuerySet":
        """Annotate the sign-off that counts for exactly this content and author, if there is one:
        `checked_at`, `check_due_on`, `checked_by` (name), `checked_by_id` (practitioner)."""
        signed = (
            Review.objects.counting()
            .of_author(OuterRef("author_id"))
            .filter(article=OuterRef("article"), content_hash=OuterRef("content_hash"))
            .order_by("-signed_at", "-id")
        )
        return self.annotate(
            checked_at=Subquery(signed.values("signed_at")[:1]),
            check_due_on=Subquery(signed.values("next_due_on")[:1]),
            checked_by=Subquery(signed.values("reviewer_name")[:1]),
            checked_by_id=Subquery(signed.values("reviewer_id")[:1]),
        )


class Edition(models.Model):
    """An immutable, numbered snapshot of an article as published.

    It holds all that its page and the lists show. Database guards refuse any change but setting
    `withdrawn_at` and `withdrawal_note` once.
    """

    article = models.ForeignKey(
        "articles.Article", on_delete=models.PROTECT, related_name="editions"
    )
    number = models.PositiveIntegerField(_("edition"))
    kind = models.CharField(max_length=8, choices=Kind)
    title = models.CharField(_("title"), max_length=140)
    slug = models.SlugField(max_length=80)
    summary = models.TextField(blank=True)
    takeaways = models.JSONField(default=list)  # list of str
    body = models.TextField(blank=True)
    faq = models.JSONField(default=list)  # list of {"question", "answer"}, Markdown
    # Of the Markdown (clinic.lib.markdown.FORMAT): what was published keeps its meaning.
    format = models.PositiveSmallIntegerField(default=FORMAT, editable=False)
    hero = models.ForeignKey(
        "clinic.Image", null=True, on_delete=models.PROTECT, related_name="editions"
    )
    hero_alt = models.CharField(max_length=250, blank=True)
    author = models.ForeignKey(
        "clinic.Practitioner", null=True, on_delete=models.PROTECT, related_name="editions"
    )
    author_name = models.CharField(max_length=80, blank=True)
    # The names as they were; the relations beside them are for finding.
    topic_list = models.JSONField(default=list)  # list of {"id", "name"}
    service_list = models.JSONField(default=list)  # list of {"id", "name"}
    topics = models.ManyToManyField("articles.Topic", related_name="editions")
    services = models.ManyToManyField("clinic.Service", related_name="editions")
    images = models.ManyToManyField("clinic.Image", related_name="shown_in")
    related_ids = models.JSONField(default=list)  # article ids, staff's choice, in order
    certainty = models.CharField(max_length=8, choices=Certainty, blank=True)
    seo_title = models.CharField(max_length=70, blank=True)
    seo_description = models.CharField(max_length=170, blank=True)
    references = models.JSONField(default=list)  # CSL-JSON of each cited reference, by number
    # The manuscript's revision that was published; None when an old edition was republished.
    manuscript_revision = models.PositiveIntegerField(null=True)
    content_hash = models.CharField(max_length=64)
    hash_recipe = models.PositiveSmallIntegerField()

    goes_live_at = models.DateTimeField(_("goes live"))
    # Of a scheduled one, as the editor chose it by the clock on the wall
    # (clinic.lib.calendar.wall_time).
    goes_live_agreed = models.CharField(max_length=wall_time.LONGEST, blank=True, editable=False)
    # When the article was first public: what lists are ordered by, and "published" on the page.
    first_live_at = models.DateTimeField(_("first published"))
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)
    # What the editor told readers when it was withdrawn; set once, together with that.
    withdrawal_note = LineField(  # guards let through what was NULL
        _("note on withdrawal"), max_length=300, null=True, blank=True
    )
    created_at = models.DateTimeField(_("created"))
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    published_by_name = models.CharField(_("published by"), max_length=160, blank=True)
    change_note = LineField(_("change note for readers"), max_length=200, blank=True)
    unreviewed_reason = LineField(max_length=200, blank=True)
    # The checks of grade "should" that were passed over, and why (articles.manuscript.checks).
    checks_passed = models.JSONField(default=list)  # list of {"code", "where", "line"}
    checks_reason = LineField(max_length=200, blank=True)

    # Of `with_stamp`. Where nobody signed this content `checked_at` is None, and so are the others.
    checked_at: datetime | None
    check_due_on: date
    checked_by: str
    checked_by_id: int

    objects = EditionQuerySet.as_manager()

    class Meta:
        ordering = ["-number"]
        verbose_name = _("edition")
        indexes = [
            models.Index(name="edition_decisive", fields=["article", "goes_live_at", "number"]),
            models.Index(name="edition_by_address", fields=["kind", "slug"]),
            models.Index(name="edition_by_moment", fields=["goes_live_at"]),
            models.Index(name="edition_newest", fields=["kind", "first_live_at"]),
        ]
        constraints = [
            models.UniqueConstraint(name="one_edition_per_number", fields=["article", "number"]),
            models.CheckConstraint(name="edition_numbers_start_at_1", condition=Q(number__gte=1)),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.number})"

    def get_absolute_url(self) -> str:
        if self.kind == Kind.PAGE:
            return reverse("page", args=[self.slug])
        return reverse("articles:article", args=[self.slug])


class Rendering(models.Model):
    """The HTML made from an edition by one version of the renderer. May be made again."""

    edition = models.OneToOneField(Edition, on_delete=models.CASCADE, related_name="rendering")
    version = models.CharField(max_length=40)  # articles.manuscript.rendering.version_of
    html = models.TextField()
    # Numbered in the HTML: what may change without a new edition. See clinic.lib.markdown.fill.
    marks = models.JSONField(default=list)
    toc = models.JSONField(default=list)  # list of {"level", "id", "text"}
    takeaways = models.JSONField(default=dict)  # {"html", "marks"}
    faq = models.JSONField(default=list)  # list of {"question", "id", "html", "marks"}
    sources = models.JSONField(default=list)  # the list of references: Citations.sources
    words = models.PositiveIntegerField(default=0)
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.edition_id} {self.version}"

    @property
    def reading_minutes(self) -> int:
        """At 220 words a minute, an adult's silent reading (Brysbaert 2019: 238), rounded up."""
        return max(1, -(-self.words // 220))


class Citation(models.Model):
    """Edition ↔ reference: its number there, the locator, the sentence it stands in."""

    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="citations")
    reference = models.ForeignKey(
        "articles.Reference", on_delete=models.PROTECT, related_name="citations"
    )
    number = models.PositiveIntegerField()
    position = models.PositiveIntegerField()  # among the citations of the text, from 1
    locator = models.CharField(max_length=80, blank=True)
    prefix = models.CharField(max_length=200, blank=True)
    suffix = models.CharField(max_length=200, blank=True)
    sentence = models.TextField(blank=True)
    anchor = models.CharField(max_length=60, blank=True)  # id of its place in the page

    class Meta:
        ordering = ["edition", "position"]
        constraints = [
            models.UniqueConstraint(name="one_citation_per_place", fields=["edition", "position"])
        ]

    def __str__(self) -> str:
        return f"{self.edition_id}: {self.number}"
