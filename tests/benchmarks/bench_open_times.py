"""What it costs to find the open times of a clinic: run as a module.

python -m tests.benchmarks.bench_open_times

Eight weeks, ten practitioners, three locations with opening hours and closures, 120 times held for
each practitioner. Milliseconds are those of this processor; the ratio, to a bare loop that makes as
many pairs of moments in the same run, says the same on every machine. Of many rounds the fastest
counts.
"""

import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock
from zoneinfo import ZoneInfo

from bookings.rosters.open_times import EVERY, Held, OpenTime, Place, Roster, open_times
from bookings.rosters.working_hours import Hours
from clinic.lib.calendar.opening_hours import Closure, Period

AT = datetime(2027, 10, 4, 12, tzinfo=UTC)  # the clocks change within the eight weeks
ZONE = ZoneInfo("America/Toronto")
ROUNDS = 30


def main() -> None:
    count, spent, least = measure(ROUNDS)
    print(
        f"{count:,} open times: {spent * 1000:.1f} ms of CPU, {spent / least:.1f} times a bare "
        f"loop that makes as many ({least * 1000:.1f} ms)"
    )


def measure(rounds: int) -> tuple[int, float, float]:
    """Return how many open times there are, and the seconds for them and for the bare loop."""
    rosters, places = [_roster(n) for n in range(10)], {n: _place(n) for n in range(3)}

    def find() -> list[OpenTime]:
        return open_times(rosters, places, zone=ZONE, length=timedelta(minutes=45), at=AT)

    count = len(find())

    def bare() -> list[OpenTime]:
        found, start, length = [], AT, timedelta(minutes=45)
        for _n in range(count):
            found.append(OpenTime(start, start + length, 1, 1))
            start += EVERY
        return found

    return count, _fastest(find, rounds), _fastest(bare, rounds)


def _roster(number: int) -> Roster:
    hours = [
        Hours(day, clock(8), clock(17), (number + day) % 3, None, None, clock(12), clock(13))
        for day in range(5)
    ]
    held = [
        Held(start, start + timedelta(minutes=45), n, n % 3 == 0)
        for n in range(120)
        if (start := AT + timedelta(days=n // 3, hours=1 + n % 3 * 2))
    ]
    off = [(date(2027, 10, 11), date(2027, 10, 15))]
    rules = {"buffer": timedelta(minutes=10), "notice": timedelta(hours=4)}
    return Roster(number, hours, off, most_first=4, held=held, **rules)


def _place(number: int) -> Place:
    periods = [Period(day, clock(7, 30), clock(18)) for day in range(6)]
    return Place(periods, [Closure(date(2027, 11, number + 1), date(2027, 11, number + 1))])


def _fastest(work: Callable[[], object], rounds: int) -> float:
    return min(_seconds(work) for _ in range(rounds))


def _seconds(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


if __name__ == "__main__":
    main()
