"""Tables as JSON lines, the same from every kind of database.

The first line names the columns, every other line is one row. Values are written as Django's
fields read them: moments in ISO 8601 with their offset, identifiers and decimals as text, bytes in
base64, JSON as it is. Encrypted columns travel as the tokens that are stored: writing needs no key
and shows no text, reading makes sure that a key is there.
"""

import base64
import datetime
import decimal
import json
import uuid
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import IO, Any

from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, models
from django.db.models.functions import Cast
from django.utils.duration import duration_string

from clinic.lib.fields.encrypted import EncryptedTextField

BATCH = 500
WRITTEN_AS_TEXT = (
    datetime.datetime,
    datetime.date,
    datetime.time,
    decimal.Decimal,
    uuid.UUID,
)


class Unfit(Exception):
    """Lines that this table does not take. Names table and lines, never what stands in them."""


def write(model: type[models.Model], out: IO[bytes]) -> int:
    """Write the model's own table, by primary key; returns the number of rows."""
    fields = _fields(model)
    out.write(_line([field.column for field in fields]))
    stored = [
        Cast(field.attname, models.TextField())
        if isinstance(field, EncryptedTextField)
        else field.attname
        for field in fields
    ]
    rows = model._base_manager.order_by("pk").values_list(*stored)
    count = 0
    for row in rows.iterator(chunk_size=2000):
        out.write(_line(row))
        count += 1
    return count


def read(model: type[models.Model], lines: Iterable[bytes]) -> int:
    """Insert rows as `write` wrote them, in the caller's transaction; returns their number.

    Ids stay, nothing is computed anew. Raises Unfit for columns that are not the table's, a line
    that is no row, or rows that the database refuses, Undecryptable for a token that no key opens.
    """
    source = iter(lines)
    table = model._meta.db_table
    by_column = {field.column: field for field in _fields(model)}
    columns = _values(next(source, b""), table, 1)
    if sorted(map(str, columns)) != sorted(by_column):
        raise Unfit(f"{table}: its columns are not those of this version.")
    fields = [by_column[column] for column in columns]  # migrations know another order
    quote = connection.ops.quote_name
    insert = (
        f"INSERT INTO {quote(table)} ({', '.join(map(quote, columns))})"  # noqa: S608
        f" VALUES ({', '.join(['%s'] * len(columns))})"
    )
    count = 0
    while batch := list(islice(source, BATCH)):
        first = count + 2
        rows = [list(_row(fields, line, table, first + n)) for n, line in enumerate(batch)]
        try:
            with connection.cursor() as cursor:
                cursor.executemany(insert, rows)
        except DatabaseError as error:
            raise Unfit(
                f"{table}, lines {first} to {first + len(batch) - 1}: the database does not accept "
                f"them ({type(error).__name__})."
            ) from None
        count += len(batch)
    return count


def _fields(model: type[models.Model]) -> list[Any]:
    return [field for field in model._meta.local_concrete_fields if not field.generated]


def _line(values: Iterable[Any]) -> bytes:
    text = json.dumps(list(values), ensure_ascii=False, separators=(",", ":"), default=_text)
    return text.encode("utf-8", "surrogatepass") + b"\n"


def _text(value: Any) -> str:
    if isinstance(value, bytes | bytearray | memoryview):
        return base64.b64encode(value).decode()
    if isinstance(value, datetime.timedelta):
        return duration_string(value)
    if isinstance(value, WRITTEN_AS_TEXT):
        return str(value)
    raise TypeError(f"There is no rule for writing a {type(value).__name__}.")


def _values(line: bytes, table: str, number: int) -> list[Any]:
    try:
        values = json.loads(line)
    except (ValueError, RecursionError):
        values = None
    if not isinstance(values, list):
        raise Unfit(f"{table}, line {number}: this is not a row.")
    return values


def _row(fields: list[Any], line: bytes, table: str, number: int) -> Iterator[Any]:
    values = _values(line, table, number)
    if len(values) != len(fields):
        raise Unfit(f"{table}, line {number}: this is not one of its rows.")
    for field, value in zip(fields, values, strict=True):
        if isinstance(field, EncryptedTextField):
            field.from_db_value(value, None, connection)
            yield value
            continue
        if value is None and isinstance(field, models.JSONField) and not field.null:
            yield connection.ops.adapt_json_value(None, field.encoder)  # null of JSON, not of SQL
            continue
        try:
            yield field.get_db_prep_save(field.to_python(value), connection)
        except (ValidationError, TypeError, ValueError):
            raise Unfit(f"{table}, line {number}: {field.column} does not fit.") from None
