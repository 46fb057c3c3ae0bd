import uuid
from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from clinic import formats
from clinic.lib.calendar import wall_time


def new_uid() -> str:
    return uuid.uuid4().hex


class OfferQuerySet(models.QuerySet["Offer"]):
    def held(self) -> "OfferQuerySet":
        return self.filter(released_at=None)

    def expired(self, at: datetime) -> "OfferQuerySet":
        """Offered or asked for, not answered, and the hold is over."""
        open_ones = (Offer.State.OFFERED, Offer.State.ASKED)
        return self.held().filter(state__in=open_ones, held_until__lte=at)


class Offer(models.Model):
    """One time proposed for an enquiry, held for it until released.

    A guard of the database keeps held times of one practitioner apart.
    """

    class State(models.TextChoices):
        ASKED = "asked", _("Asked for, and held")  # by the patient, until we say yes
        OFFERED = "offered", _("Offered")
        ACCEPTED = "accepted", _("Accepted")
        DECLINED = "declined", _("Declined")
        EXPIRED = "expired", _("Expired")
        CANCELLED = "cancelled", _("Cancelled")

    enquiry = models.ForeignKey("bookings.Enquiry", on_delete=models.CASCADE, related_name="offers")
    practitioner = models.ForeignKey(
        "clinic.Practitioner", on_delete=models.PROTECT, related_name="offers"
    )
    location = models.ForeignKey("clinic.Location", on_delete=models.PROTECT, related_name="offers")
    starts_at = models.DateTimeField(_("begins"))
    ends_at = models.DateTimeField(_("ends"))
    # The beginning as it was agreed, by the clock on the wall (clinic.lib.calendar.wall_time).
    starts_agreed = models.CharField(max_length=wall_time.LONGEST, blank=True, editable=False)
    state = models.CharField(max_length=10, choices=State, default=State.OFFERED)
    held_until = models.DateTimeField(_("held until"))
    released_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    # Of the calendar entry (RFC 5545): the same for good, and raised by each change.
    uid = models.CharField(max_length=64, unique=True, default=new_uid, editable=False)
    sequence = models.PositiveIntegerField(default=0)

    objects = OfferQuerySet.as_manager()

    class Meta:
        verbose_name = _("offered time")
        verbose_name_plural = _("offered times")
        ordering = ["starts_at", "id"]
        indexes = [
            models.Index(
                name="offer_held",
                fields=["practitioner", "starts_at"],
                condition=Q(released_at=None),
            )
        ]
        constraints = [
            models.CheckConstraint(
                name="offer_ends_after_it_starts", condition=Q(ends_at__gt=F("starts_at"))
            ),
            models.CheckConstraint(
                name="offer_state_tells_whether_it_is_held",
                condition=Q(state__in=["asked", "offered"], released_at=None)
                | Q(state="accepted")
                | Q(state__in=["declined", "expired", "cancelled"], released_at__isnull=False),
            ),
            models.UniqueConstraint(
                name="one_accepted_offer_per_enquiry",
                fields=["enquiry"],
                condition=Q(state="accepted", released_at=None),
            ),
        ]

    def __str__(self) -> str:
        return formats.moment_format(self.starts_at, "DATETIME_FORMAT")

    @property
    def minutes(self) -> int:
        """How long it is."""
        return int((self.ends_at - self.starts_at).total_seconds() // 60)

    @property
    def start_text(self) -> str:
        """The beginning as lines of the timeline keep it: as agreed, or else the moment alone."""
        return self.starts_agreed or self.starts_at.isoformat()
