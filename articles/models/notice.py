from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clinic.lib.fields import href
from clinic.lib.fields.visible_text import LineField


class NoticeKind(models.TextChoices):
    """What was said of a source after it appeared, kept apart as COPE and the NLM keep them."""

    CORRECTION = "correction", _("Correction")
    CONCERN = "concern", _("Expression of concern")
    RETRACTION = "retraction", _("Retraction")
    WITHDRAWAL = "withdrawal", _("Withdrawal")
    REINSTATEMENT = "reinstatement", _("Reinstatement")
    SUPERSEDED = "superseded", _("Newer version")


class NoticeState(models.TextChoices):
    OPEN = "open", _("Needs a decision")
    SEEN = "seen", _("Handled; readers see the notice")
    DISMISSED = "dismissed", _("Dismissed; readers do not see it")


class NoticeQuerySet(models.QuerySet["ReferenceNotice"]):
    def open(self) -> "NoticeQuerySet":
        """The tasks."""
        return self.filter(state=NoticeState.OPEN)

    def shown(self) -> "NoticeQuerySet":
        """What readers may be told."""
        return self.exclude(state=NoticeState.DISMISSED)


class ReferenceNotice(models.Model):
    """One change in the standing of a source: the editors' task and the readers' notice."""

    reference = models.ForeignKey(
        "articles.Reference",
        on_delete=models.CASCADE,
        related_name="notices",
        verbose_name=_("reference"),
    )
    kind = models.CharField(_("kind of notice"), max_length=16, choices=NoticeKind)
    noticed_on = models.DateField(_("date of the notice"), null=True)
    doi = models.CharField(_("DOI of the notice"), max_length=200, blank=True)
    url = models.URLField(
        _("address of the newer version"),
        max_length=400,
        blank=True,
        validators=[href.validate_outside],
    )
    reasons = LineField(_("reasons given"), max_length=500, blank=True)
    source = models.CharField(_("reported by"), max_length=40)  # articles.references.watch.finding
    found_at = models.DateTimeField(_("found on"))
    state = models.CharField(
        _("status"), max_length=10, choices=NoticeState, default=NoticeState.OPEN
    )
    decision = LineField(
        _("reason"),
        max_length=200,
        blank=True,
        help_text=_("Why it was dismissed, or what you did."),
    )
    kept_because = LineField(
        _("reason for readers"),
        max_length=300,
        blank=True,
        help_text=_(
            "Why articles still cite this source. Readers see it with the notice, for example: "
            "We cite it only to explain why the advice has changed."
        ),
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=_("decided by"),
    )
    decided_at = models.DateTimeField(_("decided"), null=True, editable=False)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        ordering = ["-found_at", "-id"]
        verbose_name = _("source notice")
        verbose_name_plural = _("source notices")
        constraints = [
            models.UniqueConstraint(
                name="one_notice_per_doi",
                fields=["reference", "kind", "doi"],
                condition=~Q(doi=""),
            ),
            models.CheckConstraint(
                name="notice_link_is_safe",
                condition=Q(url="") | href.is_link("url", href.OUTSIDE),
                violation_error_message=href.OUTSIDE_REFUSAL,
            ),
            models.CheckConstraint(
                name="dismissed_with_a_reason",
                condition=~Q(state="dismissed") | ~Q(decision=""),
                violation_error_message=_("Give a reason for dismissing it."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.reference}"
