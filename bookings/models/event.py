from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clinic.lib.encrypted import EncryptedTextField


class Event(models.Model):
    """One line in an enquiry's timeline. Written once; it goes when its enquiry goes.

    Searches and exports are lines too, of no enquiry.
    """

    class Kind(models.TextChoices):
        RECEIVED = "received", _("Received")
        CHANGED = "changed", _("Sent again with changes")
        CORRECTED = "corrected", _("Contact details corrected")
        SEEN = "seen", _("Opened")
        SEARCHED = "searched", _("Searched")
        EXPORTED = "exported", _("Exported")
        NOTE = "note", _("Note")
        ASSIGNED = "assigned", _("Given to somebody")
        CONTACTED = "contacted", _("Patient reached")
        TRIED = "tried", _("Patient not reached")
        OFFERED = "offered", _("Times offered")
        ACCEPTED = "accepted", _("Time accepted")
        DECLINED = "declined", _("Asked for other times")
        MOVED = "moved", _("Visit moved")
        RELEASED = "released", _("Time released")
        EXPIRED = "expired", _("Offered times expired")
        ANSWERED = "answered", _("Written to the patient")
        MAILED = "mailed", _("Mail sent")
        LINKED = "linked", _("New private link, older ones revoked")
        JOINED = "joined", _("Joined")
        GENUINE = "genuine", _("Looked at: a real request")
        UNDONE = "undone", _("Undone")
        WITHDRAWN = "withdrawn", _("Withdrawn by the patient")
        CLOSED = "closed", _("Closed")
        REOPENED = "reopened", _("Opened again")

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
        return f"{self.get_kind_display()} {self.at:%Y-%m-%d %H:%M}"
