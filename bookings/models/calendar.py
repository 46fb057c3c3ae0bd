from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _

from bookings.models.offer import new_uid
from clinic.lib.fields.encrypted import EncryptedTextField

Span = tuple[datetime, datetime]
MINUTE = 60


class PractitionerCalendar(models.Model):
    """When a practitioner can't be booked for other reasons, read from a calendar of theirs.

    Busy spans alone are kept, never a title, a place or a person. Without an address it was a file,
    which is read once.
    """

    FRESH = timedelta(minutes=30)

    practitioner = models.OneToOneField(
        "clinic.Practitioner",
        verbose_name=_("practitioner"),
        on_delete=models.CASCADE,
        related_name="calendar",
    )
    address = EncryptedTextField(_("calendar address"), blank=True)
    entered_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)
    # What the server said of the file: RFC 9110, 8.8.
    etag = models.CharField(max_length=200, blank=True)
    last_modified = models.CharField(max_length=60, blank=True)
    # Merged, in order, as [beginning, end] in minutes since 1970.
    spans = models.JSONField(default=list, blank=True)
    known_until = models.DateTimeField(null=True, blank=True)
    # Why it was not read last time: a key of bookings.calendars.problems.
    problem = models.CharField(max_length=20, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(null=True, blank=True, db_index=True)

    class Meta:
        verbose_name = _("calendar")
        verbose_name_plural = _("calendars")

    def __str__(self) -> str:
        return str(self.practitioner)

    def is_fresh(self, at: datetime) -> bool:
        """Whether it was read so lately that times beside its busy spans can be promised."""
        return self.read_at is not None and self.read_at > at - self.FRESH

    def busy(self, first: datetime, last: datetime) -> list[Span]:
        """Return the busy spans between two moments, as far as is known."""
        low, high = first.timestamp() / MINUTE, last.timestamp() / MINUTE
        return [
            (_moment(start), _moment(end))
            for start, end in self.spans
            if end > low and start < high
        ]


class CalendarFeed(models.Model):
    """A secret address at which a practitioner's calendar reads their appointments.

    A feed that is made again has another key, and so another address.
    """

    practitioner = models.OneToOneField(
        "clinic.Practitioner", on_delete=models.CASCADE, related_name="calendar_feed"
    )
    key = models.CharField(max_length=32, unique=True, default=new_uid, editable=False)
    made_at = models.DateTimeField()

    class Meta:
        verbose_name = _("calendar feed")
        verbose_name_plural = _("calendar feeds")

    def __str__(self) -> str:
        return str(self.practitioner)


def as_minutes(spans: Iterable[Span]) -> list[list[int]]:
    """Return spans as a calendar keeps them: whole minutes, rather more than less."""
    return [
        [int(start.timestamp()) // MINUTE, -(-int(end.timestamp()) // MINUTE)]
        for start, end in spans
    ]


def _moment(minute: int) -> datetime:
    return datetime.fromtimestamp(minute * MINUTE, UTC)
