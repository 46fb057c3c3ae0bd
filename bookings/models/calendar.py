from bisect import bisect_left, bisect_right
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
    tentative_is_free = models.BooleanField(_("tentative entries are free"), default=False)
    declined_is_busy = models.BooleanField(_("declined invitations are busy"), default=False)
    entered_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)
    # What the server said of the file: RFC 9110, 8.8.
    etag = models.CharField(max_length=200, blank=True)
    last_modified = models.CharField(max_length=60, blank=True)
    # Beginning, end, beginning, end, … in minutes since 1970: in order, and none touches another.
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
        low, high = int(first.timestamp()) // MINUTE, int(last.timestamp()) // MINUTE
        # From the first that ends later, until the last that begins earlier.
        begin = bisect_right(self.spans, low) // 2 * 2
        end = (bisect_left(self.spans, high) + 1) // 2 * 2
        moments = [datetime.fromtimestamp(each * MINUTE, UTC) for each in self.spans[begin:end]]
        return list(zip(moments[::2], moments[1::2], strict=True))


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


def as_minutes(spans: Iterable[Span]) -> list[int]:
    """Return spans that are in order as a calendar keeps them: whole minutes, rather more."""
    found: list[int] = []
    for start, end in spans:
        begins, ends = int(start.timestamp()) // MINUTE, -(-int(end.timestamp()) // MINUTE)
        if found and begins <= found[-1]:
            found[-1] = max(found[-1], ends)
        else:
            found += [begins, ends]
    return found
