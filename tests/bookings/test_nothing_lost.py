"""A small run of the script that kills the site; `make nothing-lost` does the large one."""

import pytest

from tests.benchmarks.bench_nothing_lost import run

pytestmark = pytest.mark.long


def test_what_was_confirmed_is_there_once_and_its_receipt_arrives() -> None:
    """And of three who are offered one time one gets it, and the others are told. Who comes last
    is not sure, and asks for no time."""
    result = run(7, takers=3, pause=(0.5, 1.5))
    assert result.confirmed == 7
    assert (result.lost, result.twice, result.unsent) == ([], [], [])
    assert result.told in (2, 3), "who got it, and had no answer, asked again"
    assert result.won + result.told == 3
    assert result.booked == 1
    assert result.is_good
