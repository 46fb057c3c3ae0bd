from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clinic.lib.fields.visible_text import EmailAddressField


class MessageQuerySet(models.QuerySet["Message"]):
    def waiting(self, at: datetime) -> "MessageQuerySet":
        """To be sent now: due, not sent, not given up, and nobody holds a lease on it."""
        return self.filter(sent_at=None, failed_at=None, due_at__lte=at).filter(
            Q(leased_until=None) | Q(leased_until__lte=at)
        )


class Message(models.Model):
    """One mail in the outbox: kind and object, never its text.

    The text is made when it is sent, by the function that the app registered for the kind.
    """

    kind = models.CharField(_("kind"), max_length=40)
    object_id = models.PositiveBigIntegerField()
    serial = models.PositiveIntegerField(
        default=0, help_text=_("Distinguishes emails of the same type about the same object.")
    )
    to_address = EmailAddressField(
        max_length=254,
        blank=True,
        default="",
        help_text=_("Only where the object does not have the address. Cleared once it is sent."),
    )
    message_id = models.CharField(max_length=120, unique=True, editable=False)
    created_at = models.DateTimeField()
    due_at = models.DateTimeField(_("due"))
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    leased_until = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    failed_at = models.DateTimeField(_("failed"), null=True, blank=True)
    error = models.CharField(_("last error"), max_length=300, blank=True)

    # Not stored: the moment at which its mail is being written, set by outbox.compose.
    written_at: datetime

    objects = MessageQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        verbose_name = _("email")
        verbose_name_plural = _("emails")
        indexes = [
            models.Index(
                name="message_waiting",
                fields=["due_at"],
                condition=Q(sent_at=None, failed_at=None),
            )
        ]
        constraints = [
            models.UniqueConstraint(
                name="one_message_per_cause", fields=["kind", "object_id", "serial"]
            ),
            models.CheckConstraint(
                name="message_sent_or_failed",
                condition=Q(sent_at=None) | Q(failed_at=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.object_id}"
