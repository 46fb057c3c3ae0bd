"""Any order of acts, by several people: what must hold whatever they do."""

import uuid
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from bookings import workflow
from bookings.intake import submission
from bookings.models import CloseReason, Enquiry, Offer, State
from bookings.patient import correspondence
from bookings.workflow import NotAllowed, duties, undo

pytestmark = pytest.mark.django_db(transaction=True)

MONDAY = datetime(2027, 3, 1, 10, 0, tzinfo=UTC)
WHICH = st.integers(0, 3)
HOURS = st.lists(st.integers(1, 12), min_size=1, max_size=3, unique=True)


def _machine(
    content: dict[str, Any], practitioner: Any, location: Any, staff: Any
) -> type[RuleBasedStateMachine]:
    where: dict[str, Any] = {"practitioner": practitioner, "location": location}

    class Desk(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            Enquiry.objects.all().delete()
            self.at = MONDAY
            self.acknowledged: list[int] = []
            self.entries: dict[str, int] = {}  # uid: sequence

        def _do(self, which: int, verb: Callable[..., Any], **values: Any) -> None:
            if not self.acknowledged:
                return
            enquiry = Enquiry.objects.get(pk=self.acknowledged[which % len(self.acknowledged)])
            name = verb.__name__
            before = enquiry.state
            try:
                verb(enquiry, at=self.at, **values)
            except NotAllowed:
                enquiry.refresh_from_db()
                assert enquiry.state == before
            else:
                assert name == "undo" or before in workflow.ALLOWED[name]

        @rule()
        def send(self) -> None:
            sent = submission.submit(content, form_key=uuid.uuid4(), at=self.at)
            self.acknowledged.append(sent.enquiry.pk)

        @rule(hours=st.integers(1, 60))
        def wait(self, hours: int) -> None:
            self.at += timedelta(hours=hours)

        @rule()
        def work(self) -> None:
            duties.expire(self.at)
            duties.close_past_visits(self.at)

        @rule(which=WHICH, hours=HOURS, agreed=st.booleans())
        def offer(self, which: int, hours: list[int], agreed: bool) -> None:
            starts = [self.at + timedelta(hours=hour) for hour in hours]
            values: dict[str, Any] = {"starts": starts, "minutes": 90, "agreed": agreed}
            self._do(which, workflow.offer, **where, **values, by=staff)

        @rule(which=WHICH, by_phone=st.booleans(), nth=st.integers(0, 2))
        def accept(self, which: int, by_phone: bool, nth: int) -> None:
            held = list(Offer.objects.held().values_list("pk", flat=True))
            offer = held[nth % len(held)] if held else 0
            self._do(which, workflow.accept, offer_id=offer, by=staff if by_phone else None)

        @rule(which=WHICH, hours=st.integers(1, 30))
        def move(self, which: int, hours: int) -> None:
            start = self.at + timedelta(hours=hours)
            self._do(which, workflow.move, **where, starts_at=start, minutes=60, by=staff)

        @rule(which=WHICH)
        def decline(self, which: int) -> None:
            self._do(which, workflow.decline)

        @rule(which=WHICH)
        def withdraw(self, which: int) -> None:
            self._do(which, workflow.withdraw)

        @rule(which=WHICH)
        def answer(self, which: int) -> None:
            self._do(which, correspondence.answer, text="x", by=staff)

        @rule(which=WHICH, reason=st.sampled_from(list(CloseReason)))
        def close(self, which: int, reason: CloseReason) -> None:
            self._do(which, workflow.close, reason=reason, by=staff)

        @rule(which=WHICH)
        def reopen(self, which: int) -> None:
            self._do(which, workflow.reopen, by=staff)

        @rule(which=WHICH)
        def undo(self, which: int) -> None:
            self._do(which, undo.undo, by=staff)

        @invariant()
        def every_acknowledged_request_exists(self) -> None:
            assert set(Enquiry.objects.values_list("pk", flat=True)) == set(self.acknowledged)

        @invariant()
        def held_times_do_not_overlap(self) -> None:
            _assert_apart()

        @invariant()
        def a_state_fits_its_times(self) -> None:
            for enquiry in Enquiry.objects.prefetch_related("offers"):
                held = [each.state for each in enquiry.offers.all() if each.released_at is None]
                assert (enquiry.state == State.BOOKED) == (Offer.State.ACCEPTED in held)
                if enquiry.state in (State.CLOSED, State.NEEDS_REPLY):
                    assert not held

        @invariant()
        def an_entry_keeps_its_name_and_its_sequence_rises(self) -> None:
            now = dict(Offer.objects.values_list("uid", "sequence"))
            for uid, sequence in self.entries.items():
                assert now[uid] >= sequence
            self.entries = now

    return Desk


def _assert_apart() -> None:
    held = list(Offer.objects.held().order_by("practitioner_id", "starts_at"))
    for one, next_one in pairwise(held):
        if one.practitioner_id == next_one.practitioner_id:
            assert one.ends_at <= next_one.starts_at


@pytest.mark.hypothesis  # it marks only what it calls itself: for `make test-slow`
def test_whatever_happens_in_whatever_order(
    content: Any, practitioner: Any, location: Any, receptionist: Any
) -> None:
    run_state_machine_as_test(
        _machine(content, practitioner, location, receptionist),
        settings=settings(
            max_examples=settings.default.max_examples // 4,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_two_who_offer_the_same_times_in_turn_do_not_block_each_other(
    make_enquiry: Any, practitioner: Any, location: Any, receptionist: Any
) -> None:
    """One begins with the first time, the other with the last: one gets them, the other is told."""
    import threading

    times = [MONDAY + timedelta(hours=hour) for hour in (1, 2, 3)]
    pairs = [(make_enquiry(when=MONDAY), make_enquiry(when=MONDAY)) for _round in range(8)]
    together, told, failures = threading.Barrier(2, timeout=60), [], []

    def act(mine: int) -> None:
        try:
            for pair in pairs:
                together.wait()
                try:
                    workflow.offer(
                        pair[mine],
                        practitioner=practitioner,
                        location=location,
                        starts=times[:: -1 if mine else 1],
                        minutes=60,
                        by=receptionist,
                        at=MONDAY,
                    )
                except NotAllowed as error:
                    told.append(str(error))
                together.wait()
                if not mine:
                    for enquiry in pair:
                        with suppress(NotAllowed):
                            workflow.decline(enquiry, at=MONDAY)
        except BaseException as error:
            failures.append(error)
            together.abort()
        finally:
            connection.close()

    threads = [threading.Thread(target=act, args=(mine,)) for mine in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    assert failures == []
    assert len(told) == len(pairs)
    # Its holder may have let it go before it is looked for.
    words = ("is already held for", "was held a moment ago")
    assert all(any(each in sentence for each in words) for sentence in told)


def test_parallel_writers(
    make_enquiry: Any, practitioner: Any, location: Any, receptionist: Any
) -> None:
    """Four people offer, accept and withdraw at once; the database keeps held times apart."""
    import random
    import threading

    ids = [make_enquiry(when=MONDAY).pk for _number in range(6)]
    failures: list[BaseException] = []

    def act(seed: int) -> None:
        chance = random.Random(seed)
        try:
            for _step in range(12):
                enquiry = Enquiry.objects.get(pk=chance.choice(ids))
                with suppress(NotAllowed):
                    _act_once(enquiry, chance)
        except BaseException as error:
            failures.append(error)
        finally:
            connection.close()

    def _act_once(enquiry: Enquiry, chance: random.Random) -> None:
        start = MONDAY + timedelta(minutes=30 * chance.randint(1, 12))
        match chance.randrange(3):
            case 0:
                workflow.offer(
                    enquiry,
                    practitioner=practitioner,
                    location=location,
                    starts=[start],
                    minutes=60,
                    by=receptionist,
                    at=MONDAY,
                )
            case 1:
                held = enquiry.offers.held().first()
                workflow.accept(enquiry, offer_id=held.pk if held else 0, at=MONDAY)
            case _:
                workflow.decline(enquiry, at=MONDAY)

    threads = [threading.Thread(target=act, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    assert failures == []
    _assert_apart()
    assert set(Enquiry.objects.values_list("pk", flat=True)) == set(ids)
    for enquiry in Enquiry.objects.all():
        accepted = enquiry.offers.held().filter(state=Offer.State.ACCEPTED)
        assert accepted.count() == (1 if enquiry.state == State.BOOKED else 0)
