from datetime import datetime

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from articles.models.edition import Citation, Edition


class ReferenceQuerySet(models.QuerySet["Reference"]):
    def cited(self, at: datetime) -> "ReferenceQuerySet":
        """Those that a live edition cites: only they are public."""
        live = Edition.objects.live(at).values("pk")
        return self.filter(
            Exists(Citation.objects.filter(reference=OuterRef("pk"), edition__in=live))
        )


class Reference(models.Model):
    """One source, stored once as CSL-JSON; the columns beside it are read from it, to search."""

    key = models.CharField(
        _("key"),
        max_length=60,
        unique=True,
        validators=[
            RegexValidator(
                r"\A[a-z][a-z0-9_-]*\Z",
                _("Small letters, digits, - and _, beginning with a letter: chys2023."),
            )
        ],
        help_text=_("How texts cite it: [@chys2023]. It stays as it is."),
    )
    csl = models.JSONField(_("CSL-JSON"), help_text=_("All that is known of the source."))
    doi = models.CharField(_("DOI"), max_length=200, blank=True)
    pmid = models.CharField(_("PMID"), max_length=16, blank=True)
    title = models.TextField(_("title"), blank=True)
    authors = models.CharField(_("authors"), max_length=300, blank=True)
    year = models.PositiveSmallIntegerField(_("year"), null=True, blank=True)
    kind = models.CharField(
        _("kind of source"),
        max_length=40,
        blank=True,
        help_text=_("Systematic review, trial, guideline, …"),
    )
    plain = models.TextField(
        _("in one plain sentence"), blank=True, help_text=_("What it is and what it found.")
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = ReferenceQuerySet.as_manager()

    class Meta:
        ordering = ["key"]
        verbose_name = _("reference")
        indexes = [models.Index(name="reference_by_year", fields=["-year", "key"])]
        constraints = [
            models.UniqueConstraint(
                name="one_reference_per_doi",
                fields=["doi"],
                condition=~models.Q(doi=""),
                violation_error_message=_("This DOI is in the library already."),
            ),
            models.UniqueConstraint(
                name="one_reference_per_pmid",
                fields=["pmid"],
                condition=~models.Q(pmid=""),
                violation_error_message=_("This PMID is in the library already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key}: {self.title}" if self.title else self.key

    def get_absolute_url(self) -> str:
        return reverse("evidence:reference", args=[self.key])
