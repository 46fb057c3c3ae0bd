"""When practitioners are busy for reasons that are not held here: the one place to ask."""

from collections.abc import Iterable
from datetime import datetime

from bookings.models import PractitionerCalendar
from bookings.rosters.working_hours import Span


def spans(
    practitioners: Iterable[int], starts_at: datetime, ends_at: datetime
) -> dict[int, list[Span]]:
    """Return by practitioner (keys) when their calendars say that they are busy between two
    moments, in UTC and in order. What comes after the last moment that is known may be busy."""
    calendars = PractitionerCalendar.objects.filter(practitioner__in=practitioners)
    found: dict[int, list[Span]] = {}
    for each in calendars.only("practitioner", "spans", "known_until"):
        known = each.busy(starts_at, ends_at)
        if each.known_until and each.known_until < ends_at:
            known.append((max(each.known_until, starts_at), ends_at))
        found[each.practitioner_id] = known
    return found
