"""Whatever is entered, offered, accepted, moved and cancelled, in any order and over the nights in
which the clocks change: held times stay apart, and only what is free is open.
"""

import uuid
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from bookings import workflow
from bookings.intake import submission
from bookings.models import CloseReason, Enquiry, Event, Offer, Roster
from bookings.rosters import reading, wishes
from bookings.rosters.open_times import OpenTime
from bookings.workflow import NotAllowed, duties, holds, undo
from clinic.models import Clinic, Closure, Location, Practitioner
from tests.bookings.rosters.what_is_free import HOUR, MINUTES, TORONTO, Free

# With `make test-slow` 20 times as often: Hypothesis marks only what it calls itself.
pytestmark = [pytest.mark.django_db, pytest.mark.hypothesis]

SPRING = datetime(2027, 3, 12, 17, tzinfo=UTC)  # Friday noon; clocks change on Sunday at two
AUTUMN = datetime(2027, 11, 5, 16, tzinfo=UTC)
DAY = timedelta(days=1)

WHICH = st.integers(0, 3)
PERSON = PLACE = st.integers(0, 1)
SOON = st.integers(0, 4)  # days from today
# Around the hour in which clocks change, and in the day.
BEGINS = st.sampled_from([time(0, 30), time(1), time(1, 45), time(2, 15), time(9), time(13, 10)])
LENGTHS = {is_first: timedelta(minutes=each) for is_first, each in MINUTES.items()}
LENGTH = st.sampled_from([HOUR, 2 * HOUR, 5 * HOUR])


def _machine(
    content: dict[str, Any], people: list[Practitioner], places: list[Location], staff: Any
) -> type[RuleBasedStateMachine]:
    class Week(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            for rows in (Event, Enquiry, Roster, Closure):
                rows.objects.all().delete()
            self.at = SPRING
            self.acknowledged: list[int] = []
            self.busy: dict[int, list[tuple[datetime, datetime]]] = defaultdict(list)
            self.shown: list[OpenTime] = []  # to a patient, a while ago
            self.steps = 0
            for person in people:
                roster = Roster.objects.create(
                    practitioner=person, horizon_weeks=1, buffer_minutes=15, most_first=2
                )
                # Every day at one of the two, the other one alternates.
                for weekday in range(7):
                    where = places[(person.pk * weekday) % 2]
                    roster.hours.create(
                        weekday=weekday, starts=time(8), ends=time(11), location=where
                    )

        # -- what is entered ----------------------------------------------------------------------

        def _roster(self, person: int) -> Roster:
            return Roster.objects.get(practitioner=people[person])

        @rule(
            person=PERSON,
            place=PLACE,
            days=SOON,
            starts=BEGINS,
            length=LENGTH,
            once=st.booleans(),
            pause=st.booleans(),
        )
        def work_more(
            self,
            person: int,
            place: int,
            days: int,
            starts: time,
            length: timedelta,
            once: bool,
            pause: bool,
        ) -> None:
            day = self._day(days)

            def later(by: timedelta) -> time:
                return (datetime.combine(day, starts) + by).time()

            middle = (later(length / 4), later(length / 2)) if pause else (None, None)
            with suppress(IntegrityError), transaction.atomic():
                self._roster(person).hours.create(
                    weekday=day.weekday(),
                    starts=starts,
                    ends=later(length),
                    break_starts=middle[0],
                    break_ends=middle[1],
                    location=places[place],
                    first_on=day if once else None,
                    last_on=day if once else None,
                )

        @rule(person=PERSON, days=SOON)
        def work_less(self, person: int, days: int) -> None:
            self._roster(person).hours.filter(weekday=self._day(days).weekday()).delete()

        @rule(person=PERSON, first=SOON, more=st.integers(0, 2))
        def take_days_off(self, person: int, first: int, more: int) -> None:
            days = {"starts_on": self._day(first), "ends_on": self._day(first + more)}
            self._roster(person).days_off.create(**days)

        @rule(place=st.integers(0, 2), days=SOON)
        def close(self, place: int, days: int) -> None:
            where = [*places, None][place]
            day = self._day(days)
            Closure.objects.create(location=where, starts_on=day, ends_on=day, reason="Training")

        @rule()
        def open_again(self) -> None:
            Closure.objects.all().delete()

        @rule(person=PERSON, hours=st.integers(-3, 90), length=LENGTH)
        def be_busy(self, person: int, hours: int, length: timedelta) -> None:
            start = self.at + hours * HOUR
            self.busy[people[person].pk].append((start, start + length))

        @rule(most=st.sampled_from([None, 0, 1, 2]), buffer=st.sampled_from([0, 10, 60]))
        def change_the_rules(self, most: int | None, buffer: int) -> None:
            Roster.objects.update(most_first=most, buffer_minutes=buffer)

        # -- the clock ----------------------------------------------------------------------------

        @rule(hours=st.integers(1, 30))
        def wait(self, hours: int) -> None:
            self.at += hours * HOUR

        @rule()
        def wait_for_autumn(self) -> None:
            self.at = max(self.at, AUTUMN)

        @rule()
        def work(self) -> None:
            duties.expire(self.at)
            duties.close_past_visits(self.at)

        # -- what patients and staff do -----------------------------------------------------------

        @rule(returning=st.booleans())
        def send(self, returning: bool) -> None:
            sent = submission.submit(
                content | {"returning": returning}, form_key=uuid.uuid4(), at=self.at
            )
            self.acknowledged.append(sent.enquiry.pk)

        @rule(returning=st.booleans(), nth=st.integers(0, 400), opened=st.booleans())
        def choose_and_hold(self, returning: bool, nth: int, opened: bool) -> None:
            """A patient sends the form with a time of a service that is held for them."""
            found = self._open(not returning) if opened else self.shown
            if not found or not self.acknowledged:
                return
            person = {"returning": returning, "email": "", "phone": f"+1613555{nth:04}"}
            wish = wishes.of(found[nth % len(found)])
            person |= {"wishes": wishes.kept([wish], TORONTO)}
            before = _everything()
            form = {"form_key": uuid.uuid4(), "holds_for": LENGTHS[not returning], "at": self.at}
            try:
                sent = submission.submit(content | person, **form)
            except NotAllowed:
                assert _everything() == before
            else:
                self.acknowledged.append(sent.enquiry.pk)

        @rule(which=WHICH, verb=st.sampled_from(["confirm", "release", "give_back"]))
        def answer_who_chose(self, which: int, verb: str) -> None:
            enquiry = self._enquiry(which)
            chosen = holds.chosen(enquiry) if enquiry else None
            if enquiry and chosen:
                by = {} if verb == "give_back" else {"offer_id": chosen.pk, "by": staff}
                self._do(enquiry, getattr(workflow, verb), **by)

        @rule(first=st.booleans())
        def look(self, first: bool) -> None:
            self.shown = self._open(first)

        @rule(which=WHICH, nths=st.lists(st.integers(0, 400), min_size=1, max_size=3))
        def offer_what_is_open(self, which: int, nths: list[int]) -> None:
            enquiry = self._enquiry(which)
            if enquiry is None or not workflow.allowed(enquiry, "offer"):
                return
            found = self._open(not enquiry.returning)
            times = [found[nth % len(found)] for nth in nths if found]
            times = [each for each in times if each[2:] == times[0][2:]]
            held = enquiry.offers.filter(practitioner=times[0].practitioner) if times else None
            if held is None or held.held().expired(self.at).exists():
                return
            room = enquiry.offers.held().count() + len(times) <= 3
            apart = all(a.ends_at <= b.starts_at for a, b in pairwise(sorted(times)))
            done = self._do(enquiry, workflow.offer, **self._as_offer(times), by=staff)
            assert done == (room and apart), "what is open is nobody else's"

        @rule(which=WHICH, nth=st.integers(0, 400))
        def offer_what_was_open(self, which: int, nth: int) -> None:
            """It may be taken by now: then it is refused, and nothing lost (see _do)."""
            enquiry = self._enquiry(which)
            if enquiry and self.shown:
                time = self.shown[nth % len(self.shown)]
                self._do(enquiry, workflow.offer, **self._as_offer([time]), by=staff)

        @rule(
            which=WHICH, person=PERSON, place=PLACE, hours=st.integers(-2, 90), agreed=st.booleans()
        )
        def offer_anything(
            self, which: int, person: int, place: int, hours: int, agreed: bool
        ) -> None:
            """As staff may, once they were asked."""
            enquiry = self._enquiry(which)
            if enquiry:
                start = self.at + hours * HOUR
                time = OpenTime(start, start + HOUR, people[person].pk, places[place].pk)
                self._do(enquiry, workflow.offer, **self._as_offer([time]), agreed=agreed, by=staff)

        @rule(which=WHICH, whose=WHICH, nth=st.integers(0, 2))
        def accept(self, which: int, whose: int, nth: int) -> None:
            """Also what was offered to somebody else."""
            enquiry, other = self._enquiry(which), self._enquiry(whose)
            if enquiry and other:
                held = list(other.offers.held().values_list("pk", flat=True))
                offer = held[nth % len(held)] if held else 0
                self._do(enquiry, workflow.accept, offer_id=offer)

        @rule(which=WHICH, nth=st.integers(0, 400), opened=st.booleans())
        def move(self, which: int, nth: int, opened: bool) -> None:
            enquiry = self._enquiry(which)
            found = self._open(False) if opened else self.shown
            if enquiry and found:
                values = self._as_offer([found[nth % len(found)]])
                [values["starts_at"]] = values.pop("starts")
                self._do(enquiry, workflow.move, **values, by=staff)

        @rule(which=WHICH, verb=st.sampled_from(["decline", "withdraw"]))
        def say_no(self, which: int, verb: str) -> None:
            if enquiry := self._enquiry(which):
                self._do(enquiry, getattr(workflow, verb))

        @rule(which=WHICH)
        def attend(self, which: int) -> None:
            if enquiry := self._enquiry(which):
                reason = CloseReason.VISITED
                self._do(enquiry, workflow.close, reason=reason, by=staff)

        @rule(which=WHICH)
        def undo(self, which: int) -> None:
            if enquiry := self._enquiry(which):
                self._do(enquiry, undo.undo, by=staff)

        # -- what must hold -----------------------------------------------------------------------

        @invariant()
        def held_times_do_not_overlap(self) -> None:
            held = list(Offer.objects.held().order_by("practitioner_id", "starts_at"))
            for one, following in pairwise(held):
                same = one.practitioner_id == following.practitioner_id
                assert not same or one.ends_at <= following.starts_at

        @invariant()
        def nobody_is_lost(self) -> None:
            assert set(Enquiry.objects.values_list("pk", flat=True)) == set(self.acknowledged)

        @invariant()
        def only_what_is_free_is_open(self) -> None:
            self.steps += 1
            is_first = bool(self.steps % 2)
            free = Free(self.at, self.busy)
            for each in self._open(is_first):
                assert not list(free.against(each, is_first))

        # -- by which they do it ------------------------------------------------------------------

        def _day(self, days: int) -> date:
            return self.at.astimezone(TORONTO).date() + days * DAY

        def _enquiry(self, which: int) -> Enquiry | None:
            if not self.acknowledged:
                return None
            return Enquiry.objects.get(pk=self.acknowledged[which % len(self.acknowledged)])

        def _open(self, is_first: bool) -> list[OpenTime]:
            service = content["service"]
            return reading.find(self.at, service=service, is_first=is_first, busy=self.busy)

        def _as_offer(self, times: list[OpenTime]) -> dict[str, Any]:
            return {
                "practitioner": Practitioner.objects.get(pk=times[0].practitioner),
                "location": Location.objects.get(pk=times[0].location),
                "starts": [each.starts_at for each in times],
                "minutes": (times[0].ends_at - times[0].starts_at) // timedelta(minutes=1),
            }

        def _do(self, enquiry: Enquiry, verb: Callable[..., Any], **values: Any) -> bool:
            """Whether it was done. Refused, it says why, and nothing has changed."""
            before = _everything()
            try:
                verb(enquiry, at=self.at, **values)
            except NotAllowed as error:
                refusal = str(error)
            else:
                return True
            assert refusal.endswith((".", "”."))
            assert _everything() == before
            return False

    return Week


def _everything() -> tuple[list[Any], ...]:
    """All requests and times, and how many lines."""
    return (
        list(Enquiry.objects.order_by("pk").values_list("pk", "state", "name", "answer_by")),
        list(Offer.objects.order_by("pk").values_list("pk", "state", "starts_at", "released_at")),
        [Event.objects.count()],
    )


def test_only_what_is_free_is_open_whatever_happens(
    content: Any, practitioner: Any, location: Any, receptionist: Any
) -> None:
    Clinic.objects.update(time_zone="America/Toronto")
    service = content["service"]
    service.first_minutes, service.follow_minutes = MINUTES[True], MINUTES[False]
    service.save()
    location.periods.all().delete()
    for weekday in range(7):
        location.periods.create(weekday=weekday, opens=time(1), closes=time(17, 20))
    elsewhere = Location.objects.create(name="Harbour", slug="harbour", street="1 Q", city="H")
    other = Practitioner.objects.create(name="Tomas Lindqvist", slug="tomas", role="x")
    other.services.add(service)
    run_state_machine_as_test(
        _machine(content, [practitioner, other], [location, elsewhere], receptionist),
        settings=settings(
            max_examples=settings.default.max_examples // 8,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
