"""By when we answer: so many open hours from now, as the clinic has set."""

from datetime import datetime, timedelta

from django.utils import timezone

from clinic.lib.calendar import opening_hours
from clinic.models import Clinic, Closure, Location

DAYS_AHEAD = 90


def answer_by(at: datetime, location: Location | None = None) -> datetime | None:
    """The moment when the clinic's `answer_hours` have passed at an open location.

    Without a location the first one to reach it counts. None where no hours are known.
    """
    clinic = Clinic.objects.get()
    places = Location.objects.filter(is_public=True).prefetch_related("periods")
    if location is not None:
        places = places.filter(pk=location.pk)
    closures = list(Closure.objects.all())
    first_day = timezone.localdate(at, clinic.zone) - timedelta(days=1)
    moments = []
    for place in places:
        open_spans = opening_hours.spans(
            place.weekly_hours(),
            place.closed_days(closures),
            clinic.zone,
            first_day,
            DAYS_AHEAD,
        )
        moment = opening_hours.add_open_time(open_spans, at, timedelta(hours=clinic.answer_hours))
        if moment is not None:
            moments.append(moment)
    return min(moments, default=None)
