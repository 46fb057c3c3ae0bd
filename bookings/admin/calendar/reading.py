"""What the calendar draws, read from the database: a fixed number of queries, whatever the clinic's
size."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.contrib.admin.models import ADDITION, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Q

from bookings.models import DayOff, Enquiry, Offer, Roster
from bookings.rosters import busy, day_plan
from bookings.rosters import reading as rosters
from bookings.rosters.day_plan import DayPlan
from bookings.rosters.open_times import Held, Place
from bookings.rosters.working_hours import Span
from clinic.models import Closure, Location, Practitioner, User


@dataclass(frozen=True)
class Book:
    """Some days of all practitioners.

    held: what is offered or booked, by practitioner, in order. named: the requests whose patient
    may be named. absences: days off that were marked on the calendar, by practitioner.
    """

    zone: ZoneInfo
    people: Sequence[Practitioner]
    locations: Mapping[int, Location]
    places: Mapping[int, Place]
    rosters: Mapping[int, Roster]
    held: Mapping[int, list[Offer]]
    busy: Mapping[int, Sequence[Span]]
    named: set[int]
    absences: Mapping[int, list[DayOff]]

    def plan(self, practitioner: int, day: date, *, besides: int | None = None) -> DayPlan | None:
        """Return the day of a practitioner; None without a roster. `besides`: the key of an offer
        that is to be moved, so it takes no time."""
        roster = self.rosters.get(practitioner)
        if roster is None:
            return None
        held = [
            Held(each.starts_at, each.ends_at, each.enquiry_id, False)
            for each in self.held.get(practitioner, ())
            if each.pk != besides
        ]
        value = rosters.as_value(roster, held, self.busy)
        return day_plan.plan(value, self.places, zone=self.zone, day=day)


def read(start: datetime, end: datetime, *, zone: ZoneInfo, user: User, at: datetime) -> Book:
    """Return what there is between two moments. What nobody answered in time is not held any more,
    appointments stay when they are over."""
    entered = Roster.objects.select_related("practitioner")
    by_person = {
        each.practitioner_id: each for each in entered.prefetch_related("hours", "days_off")
    }
    held = _held(start, end, at)
    people = {each.practitioner_id: each.practitioner for each in by_person.values()}
    people |= {of[0].practitioner_id: of[0].practitioner for of in held.values()}
    ordered = sorted(people.values(), key=lambda each: (each.order, each.name, each.pk))
    closures = list(Closure.objects.order_by("id"))
    locations = {each.pk: each for each in Location.objects.prefetch_related("periods")}
    requests = [each.enquiry_id for of in held.values() for each in of]
    named = Enquiry.objects.seen_by(user).filter(pk__in=requests).values_list("pk", flat=True)
    return Book(
        zone=zone,
        people=ordered,
        locations=locations,
        places={
            key: Place(each.weekly_hours(), each.closed_days(closures))
            for key, each in locations.items()
        },
        rosters=by_person,
        held=held,
        busy=busy.spans(people, start, end),
        named=set(named),
        absences=_absences(by_person.values(), start.date(), end.date()),
    )


def marked(days_off: Iterable[DayOff]) -> set[int]:
    """Return the keys of those that were marked on the calendar: each has a line in the admin's
    log. The others were entered in a roster."""
    kind = ContentType.objects.get_for_model(DayOff)
    keys = [str(each.pk) for each in days_off]
    lines = LogEntry.objects.filter(content_type=kind, action_flag=ADDITION, object_id__in=keys)
    return {int(key) for key in lines.values_list("object_id", flat=True) if key}


def _absences(of: Iterable[Roster], first: date, last: date) -> dict[int, list[DayOff]]:
    rows = [
        (roster.practitioner_id, each)
        for roster in of
        for each in roster.days_off.all()
        if each.starts_on <= last and each.ends_on >= first
    ]
    keys = marked(each for _person, each in rows)
    found: dict[int, list[DayOff]] = defaultdict(list)
    for person, each in rows:
        if each.pk in keys:
            found[person].append(each)
    return found


def _held(start: datetime, end: datetime, at: datetime) -> dict[int, list[Offer]]:
    rows = (
        Offer.objects.filter(Q(released_at=None) | Q(state=Offer.State.ACCEPTED))
        .filter(starts_at__lt=end, ends_at__gt=start)
        .exclude(pk__in=Offer.objects.expired(at))
        .select_related("practitioner", "location", "enquiry")
        .only(
            "starts_at",
            "ends_at",
            "state",
            "held_until",
            "location__name",
            "practitioner__name",
            "practitioner__order",
            "enquiry__number",
            "enquiry__name",
            "enquiry__phone",
            "enquiry__close_reason",
        )
        .order_by("starts_at", "id")
    )
    found: dict[int, list[Offer]] = defaultdict(list)
    for each in rows:
        found[each.practitioner_id].append(each)
    return found
