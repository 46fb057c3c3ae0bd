"""A booked appointment, and the private page of its patient."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

VISIT = datetime(2027, 3, 3, 10, 0, tzinfo=UTC)  # Wednesday


@pytest.fixture
def roster(practitioner: Any, location: Any) -> Any:
    from bookings.models import Roster

    roster = Roster.objects.create(practitioner=practitioner)
    for weekday in range(5):
        roster.hours.create(weekday=weekday, starts=time(9), ends=time(16), location=location)
    return roster


@pytest.fixture
def visit(
    roster: Any, enquiry: Any, practitioner: Any, location: Any, receptionist: Any, at: Any
) -> Any:
    from bookings import workflow

    workflow.offer(
        enquiry,
        practitioner=practitioner,
        location=location,
        starts=[VISIT],
        minutes=45,
        agreed=True,
        by=receptionist,
        at=at - timedelta(hours=1),
    )
    return enquiry.offers.held().get()


@pytest.fixture
def path(visit: Any) -> str:
    from bookings.patient import private_links

    return private_links.path(visit.enquiry)
