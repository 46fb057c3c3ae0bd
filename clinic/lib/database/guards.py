"""Rules that the database itself keeps against every writer: rows that do not change, times that
do not overlap.

Apps register their guards when they start; `install` puts all of them in place after every
migrate, since SQLite drops the triggers of a table that a migration rebuilds. Both databases
answer a breach with an IntegrityError. SQLite compares moments as Django writes them, in UTC with
either no fraction or six digits, so the order of the texts is the order of the moments; `strftime`
would cut them to milliseconds.
"""

from collections.abc import Container, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, NotSupportedError, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

PREFIX = "guard_"
LONGEST_STEM = 54  # leaves room for "_truncate" in PostgreSQL's 63 bytes, beyond which it cuts


@dataclass(frozen=True)
class Frozen:
    """Rows of `table` refuse DELETE, TRUNCATE and UPDATE, except setting one column of `once`
    from NULL to a value, and nothing else with it."""

    table: str
    once: tuple[str, ...] = ()

    @property
    def stem(self) -> str:
        return f"{PREFIX}{self.table}"

    @property
    def columns(self) -> set[str]:
        return set(self.once)


@dataclass(frozen=True)
class NoOverlap:
    """Half-open ranges [start, end) of one `subject` do not overlap among the rows of `table` for
    which the SQL condition `where` holds. Ranges that touch, or are empty, do not overlap.

    That start and end are there, and in this order, is for the table's own constraints.

    With `week`, start and end are times of the day, and two of them overlap only on one weekday and
    in days, first and last included, that have one in common; NULL is a day that never comes.
    """

    table: str
    subject: str
    start: str
    end: str
    where: str = "released_at IS NULL"
    week: "Week | None" = None

    @property
    def stem(self) -> str:
        return f"{PREFIX}{self.table}_{self.subject}"

    @property
    def columns(self) -> set[str]:
        more = {self.week.weekday, self.week.first, self.week.last} if self.week else set()
        return {self.subject, self.start, self.end} | more


@dataclass(frozen=True)
class Week:
    """The columns that say on which weekday, and from which day to which, times of the day hold."""

    weekday: str
    first: str
    last: str


Guard = Frozen | NoOverlap
GUARDS: list[Guard] = []


def register(*guards: Guard) -> None:
    """Add guards, once each; they stand after the next `install`."""
    for guard in guards:
        if len(guard.stem.encode()) > LONGEST_STEM:
            raise ValueError(f"{guard.stem} is too long for the name of a guard.")
        if guard not in GUARDS:
            GUARDS.append(guard)


def is_frozen(table: str) -> bool:
    """Whether a guard refuses to delete rows of this table."""
    return any(isinstance(guard, Frozen) and guard.table == table for guard in GUARDS)


def install(connection: BaseDatabaseWrapper) -> None:
    """Put every guard in place, and take away those that are no longer registered.

    A guard whose table or columns do not exist (yet) is passed over; `missing` names it. Raises
    IntegrityError where the rows already break one.
    """
    database = _database(connection)
    with transaction.atomic(using=connection.alias):
        remove(connection)
        for guard in GUARDS:
            columns = _columns(connection, guard.table)
            if columns and guard.columns <= set(columns):
                database.install(guard, columns)


def remove(connection: BaseDatabaseWrapper) -> None:
    """Take all guards away."""
    database = _database(connection)
    with transaction.atomic(using=connection.alias):
        database.settle()
        for drop in database.installed().values():
            database.run(drop)


def missing(connection: BaseDatabaseWrapper, tables: Container[str] | None = None) -> list[str]:
    """The names of the triggers and constraints that should stand and do not, sorted. `tables`:
    only those of guards of these tables."""
    database = _database(connection)
    guarded = [guard for guard in GUARDS if tables is None or guard.table in tables]
    wanted = {name for guard in guarded for name in database.names(guard).values()}
    return sorted(wanted - set(database.installed()))


@contextmanager
def stand_aside(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Run the block without guards, in one transaction: no other connection sees them gone.

    Does not nest. Raises IntegrityError, with nothing changed, if the block leaves rows that
    overlap.
    """
    with transaction.atomic(using=connection.alias):
        remove(connection)
        yield
        install(connection)


def _database(connection: BaseDatabaseWrapper) -> "_SQLite | _PostgreSQL":
    if connection.vendor == "sqlite":
        return _SQLite(connection)
    if connection.vendor == "postgresql":
        return _PostgreSQL(connection)
    raise NotSupportedError(f"There are no guards for {connection.vendor}.")


def _columns(connection: BaseDatabaseWrapper, table: str) -> list[str]:
    """The columns of a table; none if there is no such table."""
    with connection.cursor() as cursor:
        if table not in connection.introspection.table_names(cursor):
            return []
        described = connection.introspection.get_table_description(cursor, table)
    return [column.name for column in described]


class _Database:
    """What guards need of a database. `EVENTS` tells which objects make up each kind of guard."""

    EVENTS: dict[type, tuple[str, ...]]

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        self.connection = connection
        self.quote = connection.ops.quote_name

    def names(self, guard: Guard) -> dict[str, str]:
        return {event: f"{guard.stem}_{event}" for event in self.EVENTS[type(guard)]}

    def run(self, sql: str) -> list[tuple[Any, ...]]:
        with self.connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall() if cursor.description else []


class _SQLite(_Database):
    EVENTS = {Frozen: ("update", "delete"), NoOverlap: ("insert", "update")}

    def settle(self) -> None:
        """Nothing waits here that would stop a change of the schema."""

    def installed(self) -> dict[str, str]:
        """The guards that stand: name → the statement that drops it."""
        rows = self.run("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        names = [name for (name,) in rows if name.startswith(PREFIX)]
        return {name: f"DROP TRIGGER {self.quote(name)}" for name in names}

    def install(self, guard: Guard, columns: list[str]) -> None:
        if isinstance(guard, Frozen):
            self._freeze(guard, columns)
        else:
            self._keep_apart(guard)

    def _freeze(self, guard: Frozen, columns: list[str]) -> None:
        table, names = self.quote(guard.table), self.names(guard)
        refuse = f"SELECT RAISE(ABORT, 'guard: rows of {guard.table} do not change')"
        unless = " OR ".join(self._set_alone(column, columns) for column in guard.once) or "FALSE"
        self.run(
            f"CREATE TRIGGER {self.quote(names['update'])} BEFORE UPDATE ON {table}"
            f" WHEN NOT ({unless}) BEGIN {refuse}; END"
        )
        self.run(
            f"CREATE TRIGGER {self.quote(names['delete'])} BEFORE DELETE ON {table}"
            f" BEGIN {refuse}; END"
        )

    def _set_alone(self, column: str, columns: list[str]) -> str:
        name = self.quote(column)
        others = [self.quote(other) for other in columns if other != column]
        conditions = [f"OLD.{name} IS NULL", f"NEW.{name} IS NOT NULL"]
        conditions += [f"OLD.{other} IS NEW.{other} COLLATE BINARY" for other in others]
        return f"({' AND '.join(conditions)})"

    def _keep_apart(self, guard: NoOverlap) -> None:
        table, subject, start, end = map(
            self.quote, (guard.table, guard.subject, guard.start, guard.end)
        )
        more = also = ""
        if week := guard.week:
            weekday, first, last = map(self.quote, (week.weekday, week.first, week.last))
            more = (
                f", {weekday} AS weekday, coalesce({first}, '0001-01-01') AS first"
                f", coalesce({last}, '9999-12-31') AS last"
            )
            also = " AND a.weekday = b.weekday AND max(a.first, b.first) <= min(a.last, b.last)"
        counted = (
            f"(SELECT rowid AS number, {subject} AS subject, {start} AS starts, {end} AS ends{more}"  # noqa: S608
            f" FROM {table} WHERE {guard.where})"
        )
        clash = (
            f"SELECT 1 FROM {counted} AS a JOIN {counted} AS b"  # noqa: S608
            " ON a.subject = b.subject AND a.number <> b.number"
            f" AND max(a.starts, b.starts) < min(a.ends, b.ends){also}"
        )
        message = f"guard: times of one {guard.subject} in {guard.table} overlap"
        if self.run(f"{clash} LIMIT 1"):
            raise IntegrityError(message)
        # After the event, not before it: only then is the row in the table, for `where` to judge.
        for event, name in self.names(guard).items():
            self.run(
                f"CREATE TRIGGER {self.quote(name)} AFTER {event} ON {table} BEGIN"
                f" SELECT RAISE(ABORT, '{message}')"
                f" WHERE EXISTS ({clash} WHERE a.number = NEW.rowid); END"
            )


class _PostgreSQL(_Database):
    EVENTS = {Frozen: ("update", "delete", "truncate"), NoOverlap: ("overlap",)}

    # Compares rows as JSON, so that one function serves all tables, whatever their columns.
    FUNCTION = """
        CREATE OR REPLACE FUNCTION guard_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'UPDATE' AND (
                SELECT count(*) = 1 AND bool_and(was.value = 'null' AND key = ANY (TG_ARGV))
                FROM jsonb_each(to_jsonb(OLD)) AS was JOIN jsonb_each(to_jsonb(NEW)) AS becomes
                USING (key) WHERE was.value <> becomes.value
            ) THEN
                RETURN NEW;
            END IF;
            RAISE EXCEPTION 'guard: rows of % do not change', TG_TABLE_NAME
                USING ERRCODE = 'integrity_constraint_violation';
        END $$
    """

    def settle(self) -> None:
        """Check deferred foreign keys now: a table with checks that wait cannot be altered."""
        self.connection.check_constraints()

    def installed(self) -> dict[str, str]:
        """The guards that stand: name → the statement that drops it."""
        triggers = self.run(
            "SELECT tgname, relname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid"
            " WHERE NOT tgisinternal AND pg_table_is_visible(tgrelid)"
        )
        exclusions = self.run(
            "SELECT conname, relname FROM pg_constraint JOIN pg_class ON pg_class.oid = conrelid"
            " WHERE contype = 'x' AND pg_table_is_visible(conrelid)"
        )
        drops = {
            name: f"DROP TRIGGER {self.quote(name)} ON {self.quote(table)}"
            for name, table in triggers
        } | {
            name: f"ALTER TABLE {self.quote(table)} DROP CONSTRAINT {self.quote(name)}"
            for name, table in exclusions
        }
        return {name: drop for name, drop in drops.items() if name.startswith(PREFIX)}

    def install(self, guard: Guard, columns: list[str]) -> None:
        if isinstance(guard, Frozen):
            self._freeze(guard)
        else:
            self._keep_apart(guard)

    def _freeze(self, guard: Frozen) -> None:
        self.run(self.FUNCTION)
        once = ", ".join(f"'{column}'" for column in guard.once)
        for event, name in self.names(guard).items():
            each = "STATEMENT" if event == "truncate" else "ROW"
            self.run(
                f"CREATE TRIGGER {self.quote(name)} BEFORE {event} ON {self.quote(guard.table)}"
                f" FOR EACH {each} EXECUTE FUNCTION guard_frozen({once})"
            )

    def _keep_apart(self, guard: NoOverlap) -> None:
        table, subject, start, end = map(
            self.quote, (guard.table, guard.subject, guard.start, guard.end)
        )
        apart = [f"{subject} WITH =", f"tstzrange({start}, {end}, '[)') WITH &&"]
        if week := guard.week:
            weekday, first, last = map(self.quote, (week.weekday, week.first, week.last))
            # There is no range of times: those of one day, whichever, do as well.
            start, end = (f"DATE '2000-01-01' + {each}" for each in (start, end))
            apart = [
                f"{subject} WITH =",
                f"{weekday} WITH =",
                f"tsrange({start}, {end}, '[)') WITH &&",
                f"daterange({first}, {last}, '[]') WITH &&",
            ]
        self.run("CREATE EXTENSION IF NOT EXISTS btree_gist")  # for "=" beside "&&"
        self.run(
            f"ALTER TABLE {table} ADD CONSTRAINT {self.quote(self.names(guard)['overlap'])}"
            f" EXCLUDE USING gist ({', '.join(apart)}) WHERE ({guard.where})"
        )
