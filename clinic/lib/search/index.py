"""The index: one row of stems for each thing that can be found; the database keeps it in step.

The model has the text columns `FIELDS`, each of stems (clinic.lib.search.words) with spaces or line
ends between. On SQLite an FTS5 table reads them from the model's table and triggers keep it in step
with every write; on PostgreSQL generated columns, which the model does not know, hold the words for
its indexes. Neither database stems or ranks, so both match the same rows, in the same order.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connections, models, router, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

FIELDS = ("name", "heads", "topic", "rest")
# How much of a row is looked at: the name alone, what stands out, everything.
NAME, HEAD, ALL = 1, 3, 4
LONGEST_FIELD = 200_000  # characters; a PostgreSQL tsvector holds at most 1 MB
MOST_COUNTED = 1_000  # rows; a word of more is common

_COLUMNS = {NAME: "name_words", HEAD: "head_words", ALL: "all_words"}


@dataclass(frozen=True)
class Wanted:
    """Stems that a row must have: all of them, next to each other in a phrase; of the last one
    only the beginning with `prefix`."""

    stems: tuple[str, ...]
    phrase: bool = False
    prefix: bool = False


@dataclass(frozen=True)
class Look:
    """For rows that match all groups, or any of them, in these fields."""

    among: int
    any_of_them: bool = False


# What any one of these says; a query has several.
Group = Sequence[Wanted]


def install(connection: BaseDatabaseWrapper, model: type[models.Model]) -> None:
    """Make the index where it, or one of its triggers, is not there; a rebuilt table loses them.

    Does nothing while the model has no table.
    """
    with connection.cursor() as cursor:
        if model._meta.db_table not in connection.introspection.table_names(cursor):
            return
    if connection.vendor == "sqlite":
        _install_fts5(connection, model)
    else:
        _install_tsvectors(connection, model)


def rebuild(model: type[models.Model]) -> None:
    """Make the index anew from the rows. PostgreSQL keeps its own in step: it is left alone."""
    connection = connections[router.db_for_write(model)]
    if connection.vendor == "sqlite":
        (index,) = _quoted(connection, model, "_index")
        with connection.cursor() as cursor:
            cursor.execute(f"INSERT INTO {index} ({index}) VALUES ('rebuild')")  # noqa: S608


def counts(model: type[models.Model], groups: Sequence[Group]) -> list[int]:
    """Return how many rows each group matches, counted to MOST_COUNTED. One query."""
    if not groups:
        return []
    connection = connections[router.db_for_read(model)]
    condition, (column,) = _condition(connection, model, ALL), _source(connection, model)
    one = f"SELECT count(*) FROM (SELECT 1 FROM {column} WHERE {condition} LIMIT %s) AS matched"  # noqa: S608
    parameters: list[str | int] = []
    for group in groups:
        parameters += [_expression(connection, [group], " AND ", ALL), MOST_COUNTED]
    with connection.cursor() as cursor:
        cursor.execute("SELECT " + ", ".join(f"({one})" for _group in groups), parameters)
        return list(cursor.fetchone())


def matching(
    model: type[models.Model], groups: Sequence[Group], looks: Sequence[Look], *, most: int
) -> set[int]:
    """Return the ids of rows that match; of each look the newest, at most so many. One query."""
    if not groups or not looks:
        return set()
    connection = connections[router.db_for_read(model)]
    (source,) = _source(connection, model)
    key = "rowid" if connection.vendor == "sqlite" else "id"
    parts: list[str] = []
    parameters: list[str | int] = []
    for look in looks:
        condition = _condition(connection, model, look.among)
        parts.append(
            f"SELECT * FROM (SELECT {key} FROM {source} WHERE {condition}"  # noqa: S608
            f" ORDER BY {key} DESC LIMIT %s) AS look"
        )
        operator = " OR " if look.any_of_them else " AND "
        parameters += [_expression(connection, groups, operator, look.among), most]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ".join(parts), parameters)
        return {row[0] for row in cursor.fetchall()}


def _expression(
    connection: BaseDatabaseWrapper, groups: Sequence[Group], operator: str, among: int
) -> str:
    """What is asked, in the words of the database. Stems are letters and digits of ASCII alone."""
    if connection.vendor != "sqlite":
        signs = {" AND ": " & ", " OR ": " | "}
        said = [" | ".join(_tsquery(wanted) for wanted in group) for group in groups]
        return signs[operator].join(f"({text})" for text in said)
    said = [" OR ".join(_fts5(wanted) for wanted in group) for group in groups]
    text = operator.join(f"({text})" for text in said)
    return f"{{{' '.join(FIELDS[:among])}}} : ({text})"


def _fts5(wanted: Wanted) -> str:
    if wanted.phrase:
        said = f'"{" ".join(wanted.stems)}"'
    else:
        said = " AND ".join(f'"{stem}"' for stem in wanted.stems)
    said += "*" if wanted.prefix else ""
    return f"({said})"


def _tsquery(wanted: Wanted) -> str:
    sign = " <-> " if wanted.phrase else " & "
    said = sign.join(f"'{stem}'" for stem in wanted.stems) + (":*" if wanted.prefix else "")
    return f"({said})"


def _quoted(connection: BaseDatabaseWrapper, model: type[models.Model], *endings: str) -> list[str]:
    return [connection.ops.quote_name(model._meta.db_table + ending) for ending in endings]


def _source(connection: BaseDatabaseWrapper, model: type[models.Model]) -> list[str]:
    return _quoted(connection, model, "_index" if connection.vendor == "sqlite" else "")


def _condition(connection: BaseDatabaseWrapper, model: type[models.Model], among: int) -> str:
    if connection.vendor == "sqlite":
        (index,) = _quoted(connection, model, "_index")
        return f"{index} MATCH %s"
    return f"{_COLUMNS[among]} @@ to_tsquery('simple', %s)"


def _install_fts5(connection: BaseDatabaseWrapper, model: type[models.Model]) -> None:
    table, index, inserted, deleted, updated = _quoted(
        connection, model, "", "_index", "_index_insert", "_index_delete", "_index_update"
    )
    columns = ", ".join(FIELDS)
    old, new = (", ".join(f"{row}.{name}" for name in FIELDS) for row in ("OLD", "NEW"))
    # FTS5 forgets a row only if told the very words that it knows it by.
    forget = f"INSERT INTO {index} ({index}, rowid, {columns}) VALUES ('delete', OLD.id, {old});"  # noqa: S608
    learn = f"INSERT INTO {index} (rowid, {columns}) VALUES (NEW.id, {new});"  # noqa: S608
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM sqlite_master WHERE '\"' || name || '\"' IN (%s, %s, %s, %s)",
            [index, inserted, deleted, updated],
        )
        if cursor.fetchone()[0] == 4:
            return
        cursor.execute(
            f"CREATE VIRTUAL TABLE IF NOT EXISTS {index} USING fts5 ({columns},"
            f" content={table}, content_rowid='id', tokenize='ascii')"
        )
        for name, event, work in (
            (inserted, "INSERT", learn),
            (deleted, "DELETE", forget),
            (updated, "UPDATE", forget + learn),
        ):
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}")
            cursor.execute(f"CREATE TRIGGER {name} AFTER {event} ON {table} BEGIN {work} END")
    rebuild(model)


def _install_tsvectors(connection: BaseDatabaseWrapper, model: type[models.Model]) -> None:
    (table,) = _quoted(connection, model, "")
    with connection.cursor() as cursor:
        for among, column in _COLUMNS.items():
            text = " || ' ' || ".join(FIELDS[:among])
            (index,) = _quoted(connection, model, f"_{column}")
            cursor.execute(
                f"ALTER TABLE {table} ADD COLUMN IF NOT EXISTS {column} tsvector"
                f" GENERATED ALWAYS AS (to_tsvector('simple', {text})) STORED"
            )
            cursor.execute(f"CREATE INDEX IF NOT EXISTS {index} ON {table} USING gin ({column})")
