"""Synthetic practitioners who work by a roster, with their appointments, for measuring.

All is written in bulk: a roster costs milliseconds. The appointments lie within the rules, as open
times would be found for them.
"""

import random
import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import transaction

from bookings.models import DayOff, Enquiry, Event, Offer, Roster, State, WorkingHours
from bookings.rosters import open_times, reading
from bookings.rosters.open_times import OpenTime, Place
from bookings.sample_data import DOMAIN, FORM_KEYS, NAMES, PERSON
from clinic.lib.calendar import wall_time
from clinic.models import Clinic, Location, Practitioner, Service
from clinic.operations.sample_data import NotFilled, batches, random_for
from clinic.site import content_version

PREFIX = "S"  # of the numbers of their requests: no request that came in has it
LENGTH = timedelta(minutes=30)
EVERY_NTH = 3  # of the times that are open is taken
MOST_FIRST = 4
HOLD = timedelta(days=365)  # offered times do not run out while somebody measures

SHIFTS = ((time(8), time(16)), (time(9), time(17)), (time(11), time(19)))
BREAK = (time(13), time(13, 30))


def add_rosters(count: int, at: datetime) -> Iterator[None]:
    """Add practitioners with working hours, days off and held times for the eight weeks to come."""
    first = Practitioner.objects.filter(slug__startswith=f"{PERSON}-").count()
    office = _Office(at) if count else None
    for numbers in batches(first, count):
        if office:
            with transaction.atomic():
                office.add(numbers)
                content_version.raise_version()
        yield from (None for _ in numbers)


class _Office:
    """The clinic as it is."""

    def __init__(self, at: datetime) -> None:
        self.at = at
        self.zone = Clinic.objects.get().zone
        self.today: date = at.astimezone(self.zone).date()
        self.services = list(Service.objects.order_by("id"))
        self.locations = list(Location.objects.order_by("id"))
        self.places: dict[int, Place] = reading.places_of(None)
        self.names: dict[int, str] = {}
        if not (self.locations and self.services):
            raise NotFilled("Rosters need a location and a service.")

    def add(self, numbers: Sequence[int]) -> None:
        draws = {number: random_for("roster", number) for number in numbers}
        people = Practitioner.objects.bulk_create(
            _person(number, draw) for number, draw in draws.items()
        )
        self.names = {person.pk: person.name for person in people}
        rosters = Roster.objects.bulk_create(
            Roster(practitioner=person, buffer_minutes=10, most_first=MOST_FIRST)
            for person in people
        )
        drawn = list(zip(rosters, draws.values(), strict=True))
        self._bind(drawn)
        WorkingHours.objects.bulk_create(
            row for roster, draw in drawn for row in self._hours(roster, draw)
        )
        DayOff.objects.bulk_create(self._day_off(roster, draw) for roster, draw in drawn)
        self._book(drawn)

    def _bind(self, drawn: list[tuple[Roster, random.Random]]) -> None:
        """Each gives two services; where somebody works is said by their hours."""
        through = Practitioner.services.through
        through.objects.bulk_create(
            through(practitioner_id=roster.practitioner_id, service_id=service.pk)
            for roster, draw in drawn
            for service in draw.sample(self.services, min(2, len(self.services)))
        )

    def _hours(self, roster: Roster, draw: random.Random) -> Iterator[WorkingHours]:
        for weekday in sorted(draw.sample(range(5), 4)):
            starts, ends = draw.choice(SHIFTS)
            yield WorkingHours(
                roster=roster,
                weekday=weekday,
                starts=starts,
                ends=ends,
                break_starts=BREAK[0],
                break_ends=BREAK[1],
                location=draw.choice(self.locations),
            )

    def _day_off(self, roster: Roster, draw: random.Random) -> DayOff:
        first = self.today + timedelta(days=draw.randint(3, 50))
        return DayOff(roster=roster, starts_on=first, ends_on=first + timedelta(days=4))

    def _book(self, drawn: list[tuple[Roster, random.Random]]) -> None:
        """Take some of what is open; two of three are booked, the others offered."""
        made = Roster.objects.filter(pk__in=[roster.pk for roster, _draw in drawn])
        by_key = {row.pk: row for row in made.prefetch_related("hours", "days_off")}
        taken: list[tuple[Enquiry, OpenTime]] = []
        for roster, draw in drawn:
            taken += self._requests(by_key[roster.pk], draw)
        Enquiry.objects.bulk_create(enquiry for enquiry, _time in taken)
        Offer.objects.bulk_create(self._offer(enquiry, time) for enquiry, time in taken)
        Event.objects.bulk_create(
            Event(enquiry=enquiry, kind=kind, at=enquiry.created_at, data=data)
            for enquiry, time in taken
            for kind, data in self._lines(enquiry, time)
        )

    def _lines(
        self, enquiry: Enquiry, time: OpenTime
    ) -> Iterator[tuple[Event.Kind, dict[str, Any]]]:
        """Yield the timeline of a request."""
        start = wall_time.written(time.starts_at, self.zone)
        yield Event.Kind.RECEIVED, {"answer_by": None}
        yield Event.Kind.OFFERED, {"starts": [start], "practitioner": self.names[time.practitioner]}
        if enquiry.state == State.BOOKED:
            yield Event.Kind.ACCEPTED, {"start": start}

    def _requests(self, roster: Roster, draw: random.Random) -> Iterator[tuple[Enquiry, OpenTime]]:
        found = open_times.open_times(
            [reading.as_value(roster)],
            self.places,
            zone=self.zone,
            length=LENGTH,
            at=self.at,
            is_first=False,
        )
        free_from, new = self.at, Counter[date]()
        for each in found:
            if each.starts_at < free_from or draw.randrange(EVERY_NTH):
                continue
            day = each.starts_at.astimezone(self.zone).date()
            returning = new[day] == MOST_FIRST or draw.random() < 0.5
            new[day] += not returning
            free_from = each.ends_at + timedelta(minutes=roster.buffer_minutes)
            yield self._request(each, draw, returning=returning), each

    def _request(self, time: OpenTime, draw: random.Random, *, returning: bool) -> Enquiry:
        first, last = (draw.choice(names) for names in NAMES)
        name = f"{time.practitioner}-{time.starts_at:%y%m%d%H%M}"
        received = self.at - timedelta(hours=draw.randint(1, 200))
        return Enquiry(
            number=f"{PREFIX}{uuid.uuid5(FORM_KEYS, name).hex[:12]}",
            form_key=uuid.uuid5(FORM_KEYS, name),
            practitioner_id=time.practitioner,
            location_id=time.location,
            returning=returning,
            name=f"{first} {last}",
            email=f"{first}.{last}.{name}@rosters.{DOMAIN}".lower(),
            state=State.WAITING if draw.randrange(3) == 0 else State.BOOKED,
            state_since=received,
            created_at=received,
        )

    def _offer(self, enquiry: Enquiry, time: OpenTime) -> Offer:
        is_booked = enquiry.state == State.BOOKED
        return Offer(
            enquiry=enquiry,
            practitioner_id=time.practitioner,
            location_id=time.location,
            starts_at=time.starts_at,
            ends_at=time.ends_at,
            starts_agreed=wall_time.written(time.starts_at, self.zone),
            state=Offer.State.ACCEPTED if is_booked else Offer.State.OFFERED,
            held_until=min(self.at + HOLD, time.starts_at),
            created_at=enquiry.created_at,
        )


def _person(number: int, draw: random.Random) -> Practitioner:
    first, last = (draw.choice(names) for names in NAMES)
    return Practitioner(
        name=f"{first} {last} {number}",
        slug=f"{PERSON}-{number:06}",
        role="Invented physiotherapist",
        order=1000,
    )
