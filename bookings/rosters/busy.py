"""When practitioners are busy for reasons that are not held here: the one place to ask."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from bookings.rosters.working_hours import Span


def spans(
    practitioners: Iterable[int], starts_at: datetime, ends_at: datetime
) -> Mapping[int, Sequence[Span]]:
    """Return by practitioner (keys) when they are busy between two moments, in UTC and in order.

    Nothing is known yet: calendars of practitioners are not read.
    """
    return {}
