"""Throttles: the limit holds to the hit and the microsecond, also among racing processes."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, models
from django.test.utils import isolate_apps

from clinic.lib import throttle

AT = datetime(2026, 3, 1, 10, tzinfo=UTC)
HOUR = timedelta(hours=1)
MOMENT = timedelta(microseconds=1)

with isolate_apps():

    class Knock(models.Model):
        key = models.CharField(max_length=64, unique=True)
        window_started_at = models.DateTimeField()
        hits = models.PositiveIntegerField()

        class Meta:
            app_label = "scratch"
            db_table = "test_throttle_knock"


@pytest.fixture(autouse=True)
def knocks(db: None) -> None:
    """The table of Knock; it goes with the test's transaction."""
    postgres = connection.vendor == "postgresql"
    key, moment = ("bigserial", "timestamptz") if postgres else ("integer", "datetime")
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TABLE test_throttle_knock (id {key} PRIMARY KEY,"
            f" key varchar(64) NOT NULL UNIQUE, window_started_at {moment} NOT NULL,"
            " hits integer NOT NULL)"
        )


def knock(key: str = "192.0.2.1", *, limit: int = 3, at: datetime = AT) -> bool:
    return throttle.allow(Knock.objects.all(), key, limit=limit, per=HOUR, at=at)


def test_the_limit_holds():
    assert [knock() for _ in range(5)] == [True, True, True, False, False]


def test_a_limit_of_one():
    assert [knock(limit=1), knock(limit=1)] == [True, False]


def test_keys_do_not_share_a_limit():
    assert [knock(limit=1), knock("192.0.2.2", limit=1)] == [True, True]


def test_the_window_ends_to_the_microsecond_and_refusals_do_not_prolong_it():
    assert knock(limit=1)
    assert not knock(limit=1, at=AT + HOUR - MOMENT)
    assert knock(limit=1, at=AT + HOUR)
    assert not knock(limit=1, at=AT + HOUR + MOMENT)


def test_a_clock_that_goes_back_lets_nobody_through():
    assert knock(limit=1)
    assert not knock(limit=1, at=AT - HOUR)


def test_no_address_is_kept(settings):
    knock("192.0.2.1")
    (row,) = Knock.objects.values()
    assert len(row["key"]) == 64
    assert "192.0.2.1" not in str(row)
    settings.SECRET_KEY = "another key of another clinic"
    knock("192.0.2.1")
    assert Knock.objects.count() == 2, "without the key nobody can tell the address by trying"


def test_a_row_made_by_a_racing_process_is_counted_too(monkeypatch: pytest.MonkeyPatch):
    """The other one makes the row, and fills it, between our look and our insert."""
    rows = Knock.objects.all()
    plain = models.QuerySet.get_or_create

    def raced(self: models.QuerySet, **values: object) -> tuple[object, bool]:
        self.create(key=values["key"], window_started_at=AT, hits=1)
        return plain(self, **values)

    monkeypatch.setattr(models.QuerySet, "get_or_create", raced)
    assert throttle.allow(rows, "a", limit=2, per=HOUR, at=AT)
    assert not throttle.allow(rows, "b", limit=1, per=HOUR, at=AT)
    assert sorted(Knock.objects.values_list("hits", flat=True)) == [1, 2]


def test_a_hit_is_given_back_or_all_forgotten():
    rows = Knock.objects.all()
    assert [knock() for _ in range(4)] == [True, True, True, False]
    throttle.give_back(rows, "192.0.2.1")
    assert [knock(), knock()] == [True, False]
    for _ in range(5):
        throttle.give_back(rows, "192.0.2.1")
    assert rows.get().hits == 0, "never below nothing"
    knock("other")
    throttle.forget(rows, "192.0.2.1", "never counted")
    assert rows.count() == 1
    assert [knock() for _ in range(4)] == [True, True, True, False]


def test_old_rows_are_pruned():
    knock("old", at=AT - throttle.LONGEST)
    knock("recent", at=AT - throttle.LONGEST + MOMENT)
    assert throttle.prune(Knock.objects.all(), AT) == 1
    assert Knock.objects.count() == 1


def test_pruning_happens_by_itself(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(throttle, "PRUNE_EVERY", 2)
    knock("old", at=AT - throttle.LONGEST)
    for name in "abc":
        knock(name)
    assert not Knock.objects.filter(window_started_at__lt=AT).exists()
    assert Knock.objects.count() == 3


@pytest.mark.parametrize(
    ("limit", "per"), [(0, HOUR), (1, timedelta(0)), (1, throttle.LONGEST + MOMENT)]
)
def test_senseless_throttles_are_refused(limit: int, per: timedelta):
    with pytest.raises(ValueError, match="throttle"):
        throttle.allow(Knock.objects.all(), "a", limit=limit, per=per, at=AT)
