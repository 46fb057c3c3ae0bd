"""The next open times, as patients are shown them to be asked for: by day, a few of each."""

import uuid
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import groupby
from typing import NamedTuple

from django.utils import timezone
from django.utils.translation import gettext as _

from bookings.models import Enquiry, Offer, Part, Roster
from bookings.rosters import reading, wishes
from bookings.rosters.wishes import Wish
from clinic import formats
from clinic.models import Location, Practitioner, Service

DAYS = 4  # that are shown
OF_EACH_PART = 2  # times of each part of a day


class Proposal(NamedTuple):
    """A time as the form shows it; `name` is what it sends."""

    name: str
    time: str
    practitioner: str
    location: str

    @property
    def words(self) -> str:
        return _("%(time)s with %(practitioner)s, %(location)s") % self._asdict()


@dataclass
class OpenTimes:
    """What is open for a service `at` a moment. `all`: any of it may be asked for; `shown`: what is
    proposed."""

    at: datetime
    all: set[Wish] = field(default_factory=set)
    shown: list[Wish] = field(default_factory=list)
    next_on: date | None = None  # the next day with open times that are not shown

    def by_day(self, chosen: Iterable[Wish] = ()) -> list[tuple[str, list[Proposal]]]:
        """Return days with what is shown and what was chosen before."""
        times = sorted({*self.shown, *(wish for wish in chosen if wish in self.all)})
        people = Practitioner.objects.in_bulk({wish.practitioner for wish in times})
        places = Location.objects.in_bulk({wish.location for wish in times})
        days: dict[str, list[Proposal]] = {}
        for wish in times:
            if wish.practitioner not in people or wish.location not in places:
                continue  # deleted at this moment
            day = formats.dated(wish.start, self.at, "WEEKDAY_FORMAT")
            time = formats.clock_time(wish.start)
            names = (people[wish.practitioner].name, places[wish.location].name)
            days.setdefault(day, []).append(Proposal(wish.name, time, *names))
        return list(days.items())


def find(
    at: datetime,
    service: Service | None,
    *,
    practitioner: Practitioner | None = None,
    location: Location | None = None,
    language: str = "",
    is_first: bool = True,
    form_key: uuid.UUID | None = None,
) -> OpenTimes | None:
    """Return the open times for what was chosen; None where the form asks for days alone: before
    the clinic has rosters, and before a service is chosen. What the request of `form_key` asks for
    is open for it: the form may be sent again after one of these times was offered."""
    if service is None or not Roster.objects.filter(hours__isnull=False).exists():
        return None
    found = [wishes.of(each) for each in reading.find(at, service=service, is_first=is_first)]
    speakers = _speakers(language) if language else set()
    wanted = [
        wish
        for wish in found
        if (practitioner is None or wish.practitioner == practitioner.pk)
        and (location is None or wish.location == location.pk)
        and (not language or wish.practitioner in speakers)
    ]
    sent = Enquiry.objects.filter(form_key=form_key) if form_key else Enquiry.objects.none()
    asked = sent.values_list("wishes", flat=True).first() or ()
    return OpenTimes(at, {*found, *wishes.read(asked)}, *_some(wanted))


def _speakers(language: str) -> set[int]:
    """The keys of those who speak it."""
    known = Practitioner.objects.exclude(languages="").values_list("pk", "languages")
    return {pk for pk, words in known if language in [each.strip() for each in words.split(",")]}


def to_move(
    at: datetime,
    visit: Offer,
    service: Service | None,
    *,
    is_first: bool,
    anyone: bool = False,
    first_on: date | None = None,
) -> OpenTimes:
    """Return the open times to which a booked appointment may be moved, from a day on: as long as
    it is, with the same person at the same place, or with `anyone` anywhere."""
    found = reading.find(
        at,
        service=service,
        is_first=is_first,
        length=visit.ends_at - visit.starts_at,
        besides=visit.enquiry_id,
    )
    now = Wish(visit.starts_at, visit.practitioner_id, visit.location_id)
    all_of_them = [wish for each in found if (wish := wishes.of(each)) != now]
    wanted = [
        wish
        for wish in all_of_them
        if (anyone or wish[1:] == now[1:])
        and (first_on is None or timezone.localtime(wish.start).date() >= first_on)
    ]
    return OpenTimes(at, set(all_of_them), *_some(wanted))


def _some(times: list[Wish]) -> tuple[list[Wish], date | None]:
    """Return the first times of each part of the next days, one of each hour, and the day after
    them. Of those that begin together, one with whoever has been shown least."""
    found: list[Wish] = []
    parts: Counter[tuple[date, Part]] = Counter()
    people: Counter[int] = Counter()
    days: set[date] = set()
    for (day, hour), of_hour in groupby(times, lambda wish: _hour(wish.start)):
        days.add(day)
        if len(days) > DAYS:
            return found, day
        part = (day, Part.of(hour))
        if parts[part] < OF_EACH_PART:
            first, *rest = of_hour
            together = [first, *(wish for wish in rest if wish.start == first.start)]
            wish = min(together, key=lambda wish: people[wish.practitioner])
            found.append(wish)
            parts[part] += 1
            people[wish.practitioner] += 1
    return found, None


def _hour(moment: datetime) -> tuple[date, int]:
    local = timezone.localtime(moment)
    return local.date(), local.hour
