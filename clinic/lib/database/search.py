"""Full text: one row of words for each thing that can be found; the database keeps the index.

The model has `kind`, `object_id` (unique together), `title` and `body` in plain text. On SQLite an
FTS5 table reads its text from the model's table and triggers keep it in step with every write; on
PostgreSQL a generated column, which the model does not know, keeps the words for its index and for
ranking. Both know English word stems.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connections, models, router, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

LONGEST_TEXT = 200_000  # characters; a PostgreSQL tsvector holds at most 1 MB
LONGEST_QUERY = 1_000  # characters; what follows is not looked at
MOST_WORDS = 16
SNIPPET_WORDS = 28
TITLE_WEIGHT = 50  # times that of the body: a name beats a text that repeats the word

_MARK, _UNMARK = "\x02", "\x03"  # around what was found; control characters are never stored
_CONTROLS = dict.fromkeys(range(32), " ")


@dataclass(frozen=True)
class Hit:
    """A thing that was found. A higher rank is a better match, among the hits of one query only."""

    kind: str
    object_id: int
    title: str
    snippet_html: SafeString
    rank: float


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
        _install_tsvector(connection, model)


def put(model: type[models.Model], kind: str, object_id: int, title: str, body: str) -> None:
    """Make this thing findable by these words, in place of those it had."""
    model._default_manager.update_or_create(
        kind=kind, object_id=object_id, defaults={"title": _clean(title), "body": _clean(body)}
    )


def remove(model: type[models.Model], kind: str, object_id: int) -> None:
    """Make this thing unfindable; one that was not to be found is no error."""
    model._default_manager.filter(kind=kind, object_id=object_id).delete()


def rebuild(model: type[models.Model]) -> None:
    """Make the index anew from the rows. PostgreSQL keeps its own in step: it is left alone."""
    connection = connections[router.db_for_write(model)]
    if connection.vendor == "sqlite":
        (index,) = _quoted(connection, model, "_fts")
        with connection.cursor() as cursor:
            cursor.execute(f"INSERT INTO {index} ({index}) VALUES ('rebuild')")  # noqa: S608


def find(
    model: type[models.Model],
    query: str,
    *,
    kinds: Sequence[str] | None = None,
    limit: int = 20,
    offset: int = 0,
) -> list[Hit]:
    """The things that have all words of the query, best first; if none has all, those with any.

    The last word may be the beginning of one. No query is an error: what is not a word is passed
    over, and one without words finds nothing. Words in the title count for more.
    """
    words = _words(query)
    if not words or (kinds is not None and not kinds):
        return []
    connection = connections[router.db_for_read(model)]
    look = _find_fts5 if connection.vendor == "sqlite" else _find_tsvector
    hits = look(connection, model, words, "AND", kinds, limit, offset)
    if hits or (offset and look(connection, model, words, "AND", kinds, 1, 0)):
        return hits
    return look(connection, model, words, "OR", kinds, limit, offset)


def _words(query: str) -> list[str]:
    text = unicodedata.normalize("NFC", query[:LONGEST_QUERY])
    return [word[:64] for word in re.findall(r"[^\W_]+", text)[:MOST_WORDS]]


def _clean(text: str) -> str:
    """The lines in one; between two that no full stop parts stands a dot, for snippets."""
    lines = unicodedata.normalize("NFC", text).splitlines()
    clean = [" ".join(line.translate(_CONTROLS).split()) for line in lines]
    said = [line for line in clean if line]
    parts = [line if line[-1] in ".!?…:;,·" else f"{line} ·" for line in said[:-1]]
    return " ".join([*parts, *said[-1:]])[:LONGEST_TEXT]


def _snippet(text: str) -> SafeString:
    """Escape a text, and mark what the database put between its marks."""
    parts = re.split(f"[{_MARK}{_UNMARK}]", text)
    return format_html_join(
        "",
        "{}",
        (
            (format_html("<mark>{}</mark>", part) if number % 2 else part,)
            for number, part in enumerate(parts)
        ),
    )


def _hits(connection: BaseDatabaseWrapper, sql: str, parameters: list[Any]) -> list[Hit]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return [
            Hit(kind, object_id, title, _snippet(snippet), rank)
            for kind, object_id, title, snippet, rank in cursor.fetchall()
        ]


def _quoted(connection: BaseDatabaseWrapper, model: type[models.Model], *endings: str) -> list[str]:
    return [connection.ops.quote_name(model._meta.db_table + ending) for ending in endings]


# -- SQLite -------------------------------------------------------------------------------------


def _install_fts5(connection: BaseDatabaseWrapper, model: type[models.Model]) -> None:
    table, index, inserted, deleted, updated = _quoted(
        connection, model, "", "_fts", "_fts_insert", "_fts_delete", "_fts_update"
    )
    # FTS5 forgets a row only if told the very words that it knows it by.
    forget = (
        f"INSERT INTO {index} ({index}, rowid, title, body)"  # noqa: S608
        " VALUES ('delete', OLD.id, OLD.title, OLD.body);"
    )
    learn = f"INSERT INTO {index} (rowid, title, body) VALUES (NEW.id, NEW.title, NEW.body);"  # noqa: S608
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM sqlite_master WHERE '\"' || name || '\"' IN (%s, %s, %s, %s)",
            [index, inserted, deleted, updated],
        )
        if cursor.fetchone()[0] == 4:
            return
        cursor.execute(
            f"CREATE VIRTUAL TABLE IF NOT EXISTS {index} USING fts5 (title, body,"
            f" content={table}, content_rowid='id',"
            " tokenize='porter unicode61 remove_diacritics 2')"
        )
        for name, event, work in (
            (inserted, "INSERT", learn),
            (deleted, "DELETE", forget),
            (updated, "UPDATE", forget + learn),
        ):
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}")
            cursor.execute(f"CREATE TRIGGER {name} AFTER {event} ON {table} BEGIN {work} END")
    rebuild(model)


def _find_fts5(
    connection: BaseDatabaseWrapper,
    model: type[models.Model],
    words: list[str],
    operator: str,
    kinds: Sequence[str] | None,
    limit: int,
    offset: int,
) -> list[Hit]:
    table, index = _quoted(connection, model, "", "_fts")
    match = f" {operator} ".join(f'"{word}"' for word in words) + "*"
    among = f"AND kind IN ({', '.join(['%s'] * len(kinds))})" if kinds else ""
    return _hits(
        connection,
        f"SELECT kind, object_id, d.title,"  # noqa: S608
        f" snippet({index}, 1, %s, %s, '…', {SNIPPET_WORDS}),"
        f" -bm25({index}, {TITLE_WEIGHT}, 1) AS score"
        f" FROM {index} JOIN {table} AS d ON d.id = {index}.rowid"
        f" WHERE {index} MATCH %s {among} ORDER BY score DESC, d.id LIMIT %s OFFSET %s",
        [_MARK, _UNMARK, match, *(kinds or []), limit, offset],
    )


# -- PostgreSQL ---------------------------------------------------------------------------------

# Words that "/", "." or "@" join would be one, a path, a host or an address; "<" would begin a tag.
_VECTOR = " || ".join(
    f"setweight(to_tsvector('english', translate({column}, '</.@_', '     ')), '{weight}')"
    for column, weight in (("title", "A"), ("body", "D"))
)


def _install_tsvector(connection: BaseDatabaseWrapper, model: type[models.Model]) -> None:
    table, index = _quoted(connection, model, "", "_words")
    with connection.cursor() as cursor:
        cursor.execute(
            f"ALTER TABLE {table} ADD COLUMN IF NOT EXISTS"
            f" words tsvector GENERATED ALWAYS AS ({_VECTOR}) STORED"
        )
        cursor.execute(f"CREATE INDEX IF NOT EXISTS {index} ON {table} USING gin (words)")


def _find_tsvector(
    connection: BaseDatabaseWrapper,
    model: type[models.Model],
    words: list[str],
    operator: str,
    kinds: Sequence[str] | None,
    limit: int,
    offset: int,
) -> list[Hit]:
    (table,) = _quoted(connection, model, "")
    sign = {"AND": " & ", "OR": " | "}[operator]
    match = sign.join(f"'{word}'" for word in words) + ":*"
    among = "AND kind = ANY (%s)" if kinds else ""
    weights = f"{{{1 / TITLE_WEIGHT}, 0, 0, 1}}"  # of D, C, B, A
    options = (
        f"StartSel={_MARK}, StopSel={_UNMARK}, MaxFragments=1,"
        f" MinWords={SNIPPET_WORDS // 2}, MaxWords={SNIPPET_WORDS}"
    )
    # The snippets are made of the page's hits only: the inner query cuts first.
    return _hits(
        connection,
        "SELECT kind, object_id, title, translate(ts_headline('english',"  # noqa: S608
        " translate(body, '<', chr(1)), query, %s), chr(1), '<'), score"
        f" FROM (SELECT *, ts_rank('{weights}', words, query, 1) AS score"
        f" FROM {table}, to_tsquery('english', %s) AS query"
        f" WHERE words @@ query {among}"
        " ORDER BY score DESC, id LIMIT %s OFFSET %s) AS hits"
        " ORDER BY score DESC, id",
        [options, match, *([list(kinds)] if kinds else []), limit, offset],
    )
