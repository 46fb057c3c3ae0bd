from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


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
        default=0, help_text=_("Tells apart mails of one kind about one object.")
    )
    message_id = models.CharField(max_length=120, unique=True, editable=False)
    created_at = models.DateTimeField()
    due_at = models.DateTimeField(_("due"))
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    leased_until = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    failed_at = models.DateTimeField(_("given up"), null=True, blank=True)
    error = models.CharField(_("last error"), max_length=300, blank=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        verbose_name = _("message")
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
