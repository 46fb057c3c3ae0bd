from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class NoticeKind(models.TextChoices):
    """What was said of a source after it appeared, kept apart as COPE and the NLM keep them."""

    CORRECTION = "correction", _("Correction")
    CONCERN = "concern", _("Expression of concern")
    RETRACTION = "retraction", _("Retraction")
    WITHDRAWAL = "withdrawal", _("Withdrawal")
    REINSTATEMENT = "reinstatement", _("Reinstatement")


class NoticeState(models.TextChoices):
    OPEN = "open", _("Somebody must look at it")
    SEEN = "seen", _("Seen to; readers keep seeing the notice")
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
    reasons = models.CharField(_("reasons given"), max_length=500, blank=True)
    source = models.CharField(_("known from"), max_length=40)  # articles.watch.finding
    found_at = models.DateTimeField(_("found"))
    state = models.CharField(
        _("state"), max_length=10, choices=NoticeState, default=NoticeState.OPEN
    )
    decision = models.CharField(
        _("reason"),
        max_length=200,
        blank=True,
        help_text=_("Why it was dismissed, or what was done."),
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
        verbose_name = _("notice on a source")
        verbose_name_plural = _("notices on sources")
        constraints = [
            models.UniqueConstraint(
                name="one_notice_per_doi",
                fields=["reference", "kind", "doi"],
                condition=~Q(doi=""),
            ),
            models.CheckConstraint(
                name="dismissed_with_a_reason",
                condition=~Q(state="dismissed") | ~Q(decision=""),
                violation_error_message=_("Say why it is dismissed."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.reference}"
