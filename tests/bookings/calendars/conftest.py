from datetime import time
from typing import Any

import pytest


@pytest.fixture
def roster(practitioner: Any, location: Any) -> Any:
    """Mondays and Tuesdays, nine to five at Millbrook, with a break at noon."""
    from bookings.models import Roster

    roster = Roster.objects.create(practitioner=practitioner)
    for weekday in (0, 1):
        roster.hours.create(
            weekday=weekday,
            starts=time(9),
            ends=time(17),
            break_starts=time(12),
            break_ends=time(13),
            location=location,
        )
    return roster
