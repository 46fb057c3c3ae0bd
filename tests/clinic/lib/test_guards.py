"""The database's own rules, broken by every road, in raw SQL: no code of ours stands between."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction

from clinic.lib.database import guards
from clinic.lib.database.guards import Frozen, NoOverlap

pytestmark = pytest.mark.database

EDITION = Frozen("test_guard_edition", once=("withdrawn_at", "redacted_at"))
EVENT = Frozen("test_guard_event")
OFFER = NoOverlap("test_guard_offer", subject="person_id", start="starts", end="end")
SCRATCH = {EDITION, EVENT, OFFER}
AT = "2026-03-01 10:00:00"


@pytest.fixture(autouse=True)
def tables(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three guarded tables beside those of the project; they go with the test's transaction."""
    key, moment = types()
    create_edition_table("test_guard_edition")
    run(
        f"CREATE TABLE test_guard_event (id {key} PRIMARY KEY, edition_id bigint NOT NULL"
        " REFERENCES test_guard_edition (id) DEFERRABLE INITIALLY DEFERRED)"
    )
    run(
        f"CREATE TABLE test_guard_offer (id {key} PRIMARY KEY, person_id bigint NOT NULL,"
        f' starts {moment} NOT NULL, "end" {moment} NOT NULL, released_at {moment})'
    )
    monkeypatch.setattr(guards, "GUARDS", [*guards.GUARDS, EDITION, EVENT, OFFER])
    guards.install(connection)


@pytest.fixture
def edition() -> int:
    return add("test_guard_edition", title="'Dry needling'")


def types() -> tuple[str, str]:
    """Of a key that counts up, and of a moment."""
    return ("bigserial", "timestamptz") if is_postgres() else ("integer", "datetime")


def is_postgres() -> bool:
    return connection.vendor == "postgresql"


def create_edition_table(name: str) -> None:
    key, moment = types()
    run(
        f"CREATE TABLE {name} (id {key} PRIMARY KEY, title text NOT NULL, note text,"
        f" withdrawn_at {moment}, redacted_at {moment})"
    )


def run(sql: str) -> None:
    """Run one statement as its own savepoint, so that a refused one leaves the test usable."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


def add(table: str, **values: object) -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        columns = ", ".join(f'"{name}"' for name in values)
        cursor.execute(
            f"INSERT INTO {table} ({columns}) VALUES ({', '.join(map(str, values.values()))})"
            " RETURNING id"
        )
        return cursor.fetchone()[0]


def count(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        return cursor.fetchone()[0]


def offer(start: str, end: str, *, person: int = 1, released: bool = False) -> int:
    return add(
        "test_guard_offer",
        person_id=person,
        starts=f"'2026-03-01 {start}'",
        end=f"'2026-03-01 {end}'",
        released_at=f"'{AT}'" if released else "NULL",
    )


def ours(names: list[str]) -> list[str]:
    return [name for name in names if "test_guard_" in name]


def refused() -> pytest.RaisesExc[IntegrityError]:
    return pytest.raises(IntegrityError, match="guard")


# -- frozen rows --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE test_guard_edition SET title = 'Other'",
        "UPDATE test_guard_edition SET title = title",
        "UPDATE test_guard_edition SET title = 'dry needling'",
        "UPDATE test_guard_edition SET note = 'now there is one'",
        "UPDATE test_guard_edition SET id = id + 1",
        "UPDATE test_guard_edition SET withdrawn_at = NULL",
        f"UPDATE test_guard_edition SET withdrawn_at = '{AT}', title = 'Other'",
        f"UPDATE test_guard_edition SET withdrawn_at = '{AT}', redacted_at = '{AT}'",
        "DELETE FROM test_guard_edition",
        "INSERT INTO test_guard_edition (id, title) SELECT id, 'Other' FROM test_guard_edition"
        " WHERE true ON CONFLICT (id) DO UPDATE SET title = 'Other'",
    ],
)
def test_a_frozen_row_refuses(edition: int, change: str):
    with refused():
        run(change)
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, title, note, withdrawn_at FROM test_guard_edition")
        assert cursor.fetchall() == [(edition, "Dry needling", None, None)]


def test_a_once_column_is_set_once(edition: int):
    run(f"UPDATE test_guard_edition SET withdrawn_at = '{AT}'")
    for value in ("NULL", "'2027-01-01 00:00:00'"):
        with refused():
            run(f"UPDATE test_guard_edition SET withdrawn_at = {value}")
    run(f"UPDATE test_guard_edition SET redacted_at = '{AT}'")


def test_truncate_is_refused(edition: int):
    if is_postgres():
        with refused():
            run("TRUNCATE test_guard_edition CASCADE")
    else:  # SQLite has no TRUNCATE: this is its fast way to empty a table
        with refused():
            run("DELETE FROM test_guard_edition WHERE true")
    assert count("test_guard_edition") == 1


def test_replacing_a_row_is_refused(edition: int):
    """SQLite deletes the old row for it, past triggers unless they are recursive (settings)."""
    sql = f"INTO test_guard_edition (id, title) VALUES ({edition}, 'Other')"
    with refused() if not is_postgres() else pytest.raises(IntegrityError, match="duplicate"):
        run(f"INSERT {sql}" if is_postgres() else f"INSERT OR REPLACE {sql}")
    assert count("test_guard_edition") == 1


def test_a_table_without_once_refuses_every_update(edition: int):
    add("test_guard_event", edition_id=edition)
    with refused():
        run("UPDATE test_guard_event SET edition_id = edition_id")
    with refused():
        run("DELETE FROM test_guard_event")


def test_new_rows_are_welcome(edition: int):
    add("test_guard_edition", title="'A second'")
    assert count("test_guard_edition") == 2


# -- times that do not overlap --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("10:00:00", "11:00:00"),
        ("09:00:00", "12:00:00"),
        ("10:15:00", "10:30:00"),
        ("09:30:00", "10:00:00.000001"),
        ("10:59:59.999999", "12:00:00"),
    ],
)
def test_overlapping_times_are_refused(start: str, end: str):
    offer("10:00:00", "11:00:00")
    with refused():
        offer(start, end)
    assert count("test_guard_offer") == 1


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("09:00:00", "10:00:00"),
        ("09:00:00", "09:59:59.999999"),
        ("11:00:00.500000", "12:00:00"),
        ("11:00:00", "12:00:00"),
        ("11:00:00.000001", "11:00:00.500000"),
        ("10:30:00", "10:30:00"),
    ],
)
def test_touching_and_empty_times_are_no_overlap(start: str, end: str):
    offer("10:00:00", "11:00:00")
    offer(start, end)
    assert count("test_guard_offer") == 2


def test_microseconds_count():
    offer("10:00:00.000001", "10:00:00.500000")
    offer("10:00:00", "10:00:00.000001")
    offer("10:00:00.500000", "10:00:01")
    with refused():
        offer("10:00:00.499999", "10:00:00.600000", person=1)


def test_other_people_and_released_rows_do_not_count():
    offer("10:00:00", "11:00:00", released=True)
    offer("10:00:00", "11:00:00")
    offer("10:00:00", "11:00:00", person=2)
    offer("10:00:00", "11:00:00", released=True)
    assert count("test_guard_offer") == 4


@pytest.mark.parametrize(
    "change", ["released_at = NULL", "person_id = 1", "starts = '2026-03-01 10:30:00'"]
)
def test_a_change_must_not_lead_into_an_overlap(change: str):
    offer("10:00:00", "11:00:00")
    other = {
        "released_at = NULL": {"start": "10:30:00", "end": "11:30:00", "released": True},
        "person_id = 1": {"start": "10:30:00", "end": "11:30:00", "person": 2},
    }.get(change, {"start": "11:00:00", "end": "11:30:00"})
    number = offer(**other)
    with refused():
        run(f"UPDATE test_guard_offer SET {change} WHERE id = {number}")


def test_a_row_is_no_overlap_of_itself():
    number = offer("10:00:00", "11:00:00")
    run(f"UPDATE test_guard_offer SET starts = '2026-03-01 10:30:00' WHERE id = {number}")


# -- putting up and taking away -------------------------------------------------------------------


def test_nothing_is_missing_and_installing_again_changes_nothing():
    assert ours(guards.missing(connection)) == []
    guards.install(connection)
    guards.install(connection)
    assert ours(guards.missing(connection)) == []


def test_what_is_gone_is_named(edition: int):
    guards.remove(connection)
    missing = ours(guards.missing(connection))
    assert "guard_test_guard_edition_update" in missing
    assert "guard_test_guard_event_delete" in missing
    assert any(name.startswith("guard_test_guard_offer_person_id_") for name in missing)
    run("DELETE FROM test_guard_edition")


def test_a_rebuilt_table_has_lost_its_guards_until_the_next_install(edition: int):
    create_edition_table("test_guard_copy")
    run("INSERT INTO test_guard_copy SELECT * FROM test_guard_edition")
    run("DROP TABLE test_guard_edition" + (" CASCADE" if is_postgres() else ""))
    run("ALTER TABLE test_guard_copy RENAME TO test_guard_edition")
    assert "guard_test_guard_edition_update" in guards.missing(connection)
    guards.install(connection)
    with refused():
        run("UPDATE test_guard_edition SET title = 'Other'")


def test_a_new_column_is_guarded_after_the_next_install(edition: int):
    guards.remove(connection)
    run("ALTER TABLE test_guard_edition ADD COLUMN later text")
    guards.install(connection)
    with refused():
        run("UPDATE test_guard_edition SET later = 'x'")


def test_guards_without_their_table_or_column_are_passed_over(monkeypatch: pytest.MonkeyPatch):
    early = [Frozen("test_guard_absent"), Frozen("test_guard_event", once=("later",))]
    kept = [guard for guard in guards.GUARDS if guard != EVENT]
    monkeypatch.setattr(guards, "GUARDS", [*kept, *early])
    guards.install(connection)
    missing = guards.missing(connection)
    assert "guard_test_guard_absent_update" in missing
    assert "guard_test_guard_event_update" in missing
    there = guards.missing(connection, connection.introspection.table_names())
    assert set(missing) - set(there) == {
        "guard_test_guard_absent_delete",
        "guard_test_guard_absent_update",
        *(name for name in missing if name == "guard_test_guard_absent_truncate"),
    }


def test_a_table_that_the_next_migrate_makes_does_not_refuse_it(
    db: None, monkeypatch: pytest.MonkeyPatch
):
    """`manage.py migrate` runs the checks first: an upgrade may bring a guarded table."""
    monkeypatch.setattr(guards, "GUARDS", [*guards.GUARDS, Frozen("test_guard_absent")])
    call_command("check", databases=["default"], stdout=StringIO())


def test_a_guard_no_longer_registered_is_taken_away(edition: int, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(guards, "GUARDS", [g for g in guards.GUARDS if g != EDITION])
    guards.install(connection)
    run("DELETE FROM test_guard_edition")


def test_standing_aside_lasts_for_the_block(edition: int):
    with guards.stand_aside(connection):
        add("test_guard_event", edition_id=edition)  # a foreign key whose check waits
        run("UPDATE test_guard_edition SET title = 'Redacted'")
    with refused():
        run("UPDATE test_guard_edition SET title = 'Other'")
    assert ours(guards.missing(connection)) == []


def test_a_failure_while_aside_brings_rows_and_guards_back(edition: int):
    with pytest.raises(IntegrityError), guards.stand_aside(connection):  # noqa: PT012
        run("DELETE FROM test_guard_edition")
        add("test_guard_edition", title="NULL")
    assert count("test_guard_edition") == 1
    assert ours(guards.missing(connection)) == []


def test_overlaps_left_while_aside_are_refused():
    offer("10:00:00", "11:00:00")
    with pytest.raises(IntegrityError), guards.stand_aside(connection):
        offer("10:00:00", "11:00:00")
    assert count("test_guard_offer") == 1


def test_guards_are_registered_once_and_by_short_names(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(guards, "GUARDS", [])
    guards.register(EDITION, EDITION)
    guards.register(EDITION)
    assert guards.GUARDS == [EDITION]
    with pytest.raises(ValueError, match="too long"):
        guards.register(Frozen("x" * 50))
