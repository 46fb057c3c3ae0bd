from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from clinic.lib.fields.encrypted import EncryptedTextField


class Event(models.Model):
    """One line in an enquiry's timeline. Written once; it goes when its enquiry goes.

    Searches and exports are lines too, of no enquiry.
    """

    class Kind(models.TextChoices):
        RECEIVED = "received", _("Received")
        CHANGED = "changed", _("Changed by the patient")
        CORRECTED = "corrected", _("Contact details corrected")
        SEEN = "seen", _("Opened")
        SEARCHED = "searched", _("Searched")
        EXPORTED = "exported", _("Exported")
        NOTE = "note", _("Note")
        ASSIGNED = "assigned", _("Assigned")
        CONTACTED = "contacted", _("Patient reached")
        TRIED = "tried", _("Patient not reached")
        OFFERED = "offered", _("Times offered")
        HELD = "held", _("Time chosen and held")
        GIVEN_BACK = "given_back", _("Held time given back")
        ACCEPTED = "accepted", _("Time accepted")
        DECLINED = "declined", _("Asked for other times")
        MOVED = "moved", _("Appointment rescheduled")
        MOVE_ASKED = "move_asked", _("Asked to reschedule")
        MOVE_DROPPED = "move_dropped", _("No longer asks to reschedule")
        MOVE_REFUSED = "move_refused", _("Not rescheduled")
        CLOCKS = "clocks", _("Time zone rules changed")
        RELEASED = "released", _("Time released")
        EXPIRED = "expired", _("Offered times expired")
        ANSWERED = "answered", _("Message to the patient")
        MAILED = "mailed", _("Email sent")
        LINKED = "linked", _("New private link; older ones revoked")
        JOINED = "joined", _("Merged")
        GENUINE = "genuine", _("Marked as genuine")
        UNDONE = "undone", _("Undone")
        ASKED = "asked", _("Asked if still needed")
        KEPT = "kept", _("Still needed, says the patient")
        WITHDRAWN = "withdrawn", _("Cancelled by the patient")
        CLOSED = "closed", _("Closed")
        REOPENED = "reopened", _("Reopened")

    enquiry = models.ForeignKey(
        "bookings.Enquiry", null=True, on_delete=models.CASCADE, related_name="events"
    )
    kind = models.CharField(max_length=12, choices=Kind)
    at = models.DateTimeField()
    # Empty for the patient and for what the clock did.
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    by_name = models.CharField(max_length=160, blank=True)
    text = EncryptedTextField(blank=True)
    data = models.JSONField(default=dict)  # never words of the patient, never health
    # Access is logged once per person, enquiry and hour: this names the three.
    once = models.CharField(max_length=80, null=True, blank=True, unique=True)

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [models.Index(name="event_timeline", fields=["enquiry", "at"])]
        constraints = [
            models.CheckConstraint(
                name="event_has_an_enquiry",
                condition=Q(enquiry__isnull=False) | Q(kind__in=["searched", "exported"]),
            )
        ]

    def __str__(self) -> str:
        at = date_format(timezone.localtime(self.at), "DATETIME_FORMAT")
        return f"{self.get_kind_display()}, {at}"
