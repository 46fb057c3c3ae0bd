"""What the search of the site knows, and what visitors looked for in vain."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clinic.lib.fields import href
from clinic.lib.fields.visible_text import LineField


class SearchDocument(models.Model):
    """What can be found: one public thing as it is shown, and its stems (clinic.finding.indexing;
    clinic.lib.search.index keeps the index)."""

    kind = models.CharField(max_length=20)
    object_id = models.PositiveBigIntegerField()
    # By what it was made, and from what: where this differs it is made again.
    stamp = models.CharField(max_length=80)
    path = models.CharField(max_length=300, db_index=True)
    title = models.TextField()
    passages = models.JSONField(default=list)  # list of [anchor, heading, text]
    # Stems; of `heads` and `rest` one line for each passage.
    name = models.TextField()
    heads = models.TextField()
    topic = models.TextField()
    rest = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="one_search_document_per_thing", fields=["kind", "object_id"]
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.object_id}"


class SynonymGroup(models.Model):
    """Words that mean the same to a visitor who searches, and a page to show for them."""

    words = LineField(
        _("words"),
        max_length=400,
        help_text=_(
            "Separated by commas, such as: IMS, dry needling, intramuscular stimulation. A search "
            "for one also finds the others."
        ),
    )
    page = models.CharField(
        _("page to show first"),
        max_length=300,
        blank=True,
        validators=[href.validate_link],
        help_text=_("For searches for exactly one of these, such as /fees/. Optional."),
    )

    class Meta:
        ordering = ["words", "id"]
        verbose_name = _("group of search synonyms")
        verbose_name_plural = _("search synonyms")
        constraints = [
            models.CheckConstraint(
                name="synonym_page_is_safe",
                condition=Q(page="") | href.is_link("page") | href.is_own_path("page"),
                violation_error_message=href.REFUSAL,
            )
        ]

    def __str__(self) -> str:
        return self.words


class EmptySearch(models.Model):
    """Words that were searched for and found nothing: how often, and when last. Nothing is kept of
    who searched; words with a digit or an @ are not kept at all."""

    words = models.CharField(_("searched for"), max_length=60, unique=True)
    hits = models.PositiveIntegerField(_("searches"), default=1)
    last_seen_at = models.DateTimeField(_("last searched"))

    class Meta:
        ordering = ["-hits", "-last_seen_at", "id"]
        verbose_name = _("search without results")
        verbose_name_plural = _("searches without results")
        indexes = [models.Index(name="empty_search_by_age", fields=["last_seen_at"])]

    def __str__(self) -> str:
        return self.words
