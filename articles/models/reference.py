from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from articles.models.edition import Citation, Edition
from clinic.lib.fields.bounded_text import SHORT, BoundedTextField
from clinic.lib.fields.visible_text import LineField, VisibleTextField


class ReferenceQuerySet(models.QuerySet["Reference"]):
    def cited(self, at: datetime) -> "ReferenceQuerySet":
        """Those that a live edition cites: only they are public."""
        live = Citation.objects.filter(edition__in=Edition.objects.live(at).values("pk"))
        return self.kept().filter(
            Exists(live.filter(reference=OuterRef("pk")))
            | Exists(live.filter(reference__merged_into=OuterRef("pk")))
        )

    def kept(self) -> "ReferenceQuerySet":
        """Without those that were merged into another."""
        return self.filter(merged_into=None)

    def by_key(self, keys: Iterable[str]) -> "dict[str, Reference]":
        """What these keys mean today: after a merge the key that went means the one that stayed.
        One query; unknown keys are left out."""
        found = self.filter(key__in=keys).select_related("merged_into")
        return {reference.key: reference.merged_into or reference for reference in found}


class Reference(models.Model):
    """One source, stored once as CSL-JSON; the columns beside it are read from it, to search."""

    key = LineField(
        _("key"),
        max_length=60,
        unique=True,
        validators=[
            RegexValidator(
                r"\A[a-z][a-z0-9_-]*\Z",
                _("Lowercase letters, digits, - and _, starting with a letter: chys2023."),
            )
        ],
        help_text=_("Used to cite it in articles: [@chys2023]. It can’t be changed later."),
    )
    csl = models.JSONField(_("CSL-JSON"), help_text=_("All details of the source."))
    doi = LineField(_("DOI"), max_length=200, blank=True)
    pmid = LineField(_("PMID"), max_length=16, blank=True)
    title = VisibleTextField(_("title"), blank=True)
    authors = LineField(_("authors"), max_length=300, blank=True)
    year = models.PositiveSmallIntegerField(_("year"), null=True, blank=True)
    kind = LineField(
        _("kind of source"),
        max_length=40,
        blank=True,
        help_text=_("Systematic review, trial, guideline, …"),
    )
    plain = BoundedTextField(
        _("in one plain-language sentence"),
        max_length=SHORT,
        blank=True,
        help_text=_("What kind of study it is and what it found."),
    )
    # The key stays, as another name of that one; editions that cite it keep what they say.
    merged_into = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="merged",
        verbose_name=_("merged into"),
    )
    # Added on purpose although the library had this DOI or PMID: see the report of duplicates.
    kept_apart = models.BooleanField(default=False, editable=False)
    # A stub waits until its DOI or PMID is looked up; empty when there is nothing to look up.
    lookup_due_at = models.DateTimeField(_("details pending"), null=True, editable=False)
    lookup_tries = models.PositiveSmallIntegerField(default=0, editable=False)
    # When the reference watch last asked Crossref about it.
    watched_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = ReferenceQuerySet.as_manager()

    class Meta:
        ordering = ["key"]
        verbose_name = _("reference")
        indexes = [
            models.Index(name="reference_by_year", fields=["-year", "key"]),
            models.Index(name="reference_by_doi", fields=["doi"]),
            models.Index(name="reference_by_pmid", fields=["pmid"]),
        ]
        constraints = [
            models.UniqueConstraint(
                name="one_reference_per_doi",
                fields=["doi"],
                condition=~Q(doi="") & Q(merged_into=None, kept_apart=False),
                violation_error_message=_("This DOI is already in the library."),
            ),
            models.UniqueConstraint(
                name="one_reference_per_pmid",
                fields=["pmid"],
                condition=~Q(pmid="") & Q(merged_into=None, kept_apart=False),
                violation_error_message=_("This PMID is already in the library."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key}: {self.title}" if self.title else self.key

    def get_absolute_url(self) -> str:
        return reverse("evidence:reference", args=[self.key])


def in_a_line(authors: str) -> str:
    """Whose work it is: of more than six surnames the first three, as in entries."""
    names = authors.replace("et al", "et\N{NO-BREAK SPACE}al").split(", ")
    return ", ".join(names if len(names) <= 6 else [*names[:3], "et\N{NO-BREAK SPACE}al"])


class ReferenceUpload(models.Model):
    """An uploaded bibliography that is not yet imported: what the preview reads.

    Taken away when it has been taken in, and after a day.
    """

    name = models.CharField(max_length=200)
    content = models.BinaryField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
