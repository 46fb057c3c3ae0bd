"""What is free, asked of the rows by the clock on the wall: slow, and by another way than ours."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bookings.models import Offer, Roster
from bookings.rosters.open_times import OpenTime
from bookings.rosters.working_hours import Span
from clinic.models import Closure, Location

TORONTO = ZoneInfo("America/Toronto")
HOUR = timedelta(hours=1)
MINUTES = {True: 45, False: 30}  # of a first appointment, and of a later one


class Free:
    """What stands in the way of a time, by the rows as they are now."""

    def __init__(self, at: datetime, busy: Mapping[int, Sequence[Span]]) -> None:
        self.at, self.busy = at, busy
        self.rosters = {
            each.practitioner_id: each
            for each in Roster.objects.prefetch_related("hours", "days_off")
        }
        self.places = {each.pk: each for each in Location.objects.prefetch_related("periods")}
        self.closures = list(Closure.objects.all())
        self.known: dict[tuple[datetime, int, int], list[str]] = {}
        self.held = [
            offer
            for offer in Offer.objects.select_related("enquiry")
            if offer.state == Offer.State.ACCEPTED  # also when it is over
            or (offer.released_at is None and offer.held_until > at)
        ]

    def against(self, one: OpenTime, is_first: bool) -> Iterator[str]:
        """Yield what is wrong with an open time."""
        roster = self.rosters[one.practitioner]
        local = one.starts_at.astimezone(TORONTO)
        if (one.ends_at - one.starts_at) != timedelta(minutes=MINUTES[is_first]):
            yield "length"
        if local.minute % 15 or local.second:
            yield "not on the quarter-hour"
        if one.starts_at < self.at + roster.notice_hours * HOUR:
            yield "too soon"
        if one.starts_at > self.at + timedelta(weeks=roster.horizon_weeks):
            yield "too far"
        held = [offer for offer in self.held if offer.practitioner_id == one.practitioner]
        buffer = timedelta(minutes=roster.buffer_minutes)
        for offer in held:
            if one.starts_at < offer.ends_at + buffer and offer.starts_at - buffer < one.ends_at:
                yield f"held {offer.starts_at}"
        for start, end in self.busy.get(one.practitioner, ()):
            if one.starts_at < end and start < one.ends_at:
                yield f"busy {start}"
        new = {
            offer.enquiry_id
            for offer in held
            if not offer.enquiry.returning
            and offer.starts_at.astimezone(TORONTO).date() == local.date()
        }
        if is_first and roster.most_first is not None and len(new) >= roster.most_first:
            yield "too many first appointments"
        minute = one.starts_at
        while minute < one.ends_at:
            key = (minute, one.practitioner, one.location)
            if key not in self.known:
                self.known[key] = list(self._against_minute(*key))
            yield from self.known[key]
            minute += timedelta(minutes=5)

    def _against_minute(self, minute: datetime, person: int, where: int) -> Iterator[str]:
        roster, place = self.rosters[person], self.places[where]
        local = minute.astimezone(TORONTO)
        day, clock = local.date(), local.time()
        if not any(
            row.location_id == place.pk
            and row.weekday == day.weekday()
            and (row.first_on or day) <= day <= (row.last_on or day)
            and row.starts <= clock < row.ends
            and not (row.break_starts and row.break_starts <= clock < row.break_ends)
            for row in roster.hours.all()
        ):
            yield f"not worked at {local}"
        if any(each.starts_on <= day <= each.ends_on for each in roster.days_off.all()):
            yield f"off on {day}"
        if any(
            each.location_id in (None, place.pk) and each.starts_on <= day <= each.ends_on
            for each in self.closures
        ):
            yield f"closed on {day}"
        periods = place.periods.all()
        if periods and not any(
            each.weekday == day.weekday() and each.opens <= clock < each.closes for each in periods
        ):
            yield f"not open at {local}"
