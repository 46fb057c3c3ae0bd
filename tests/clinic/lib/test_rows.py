"""Tables as JSON lines: what is written is read again, and nothing that is not a row."""

import io
import json
from datetime import UTC, date, datetime
from typing import Any

import pytest

from clinic.lib.database import rows
from clinic.models import Closure, Throttle

pytestmark = [pytest.mark.database, pytest.mark.django_db]

AT = datetime(2027, 3, 14, 9, 15, 0, 123456, tzinfo=UTC)
HEAD = b'["id","key","window_started_at","hits"]\n'


def written(model: Any) -> bytes:
    out = io.BytesIO()
    rows.write(model, out)
    return out.getvalue()


def test_what_is_written_is_read_again() -> None:
    Throttle.objects.create(key="ä “b”\n", window_started_at=AT, hits=3)
    Closure.objects.create(starts_on=date(2027, 12, 24), ends_on=date(2027, 12, 26), reason="")
    lines = {model: written(model) for model in (Throttle, Closure)}
    before = {model: list(model.objects.values()) for model in lines}
    for model, text in lines.items():
        model.objects.all().delete()
        assert rows.read(model, io.BytesIO(text)) == 1
        assert list(model.objects.values()) == before[model]
        assert written(model) == text


def test_moments_keep_their_microseconds() -> None:
    Throttle.objects.create(key="k", window_started_at=AT)
    row = json.loads(written(Throttle).splitlines()[1])
    assert row[2] == "2027-03-14 09:15:00.123456+00:00"


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (b"", "line 1: this is not a row"),
        (b'["id","key"]\n', "columns are not those"),
        (HEAD + b"{}\n", "line 2: this is not a row"),
        (HEAD + b'[1,"a","2027-03-14 09:15:00+00:00"', "line 2: this is not a row"),
        (HEAD + b'[1,"a","2027-03-14 09:15:00+00:00"]\n', "line 2: this is not one of its rows"),
        (HEAD + b'[1,"a","Sunday",0]\n', "line 2: window_started_at does not fit"),
        (HEAD + b'[1,"a",{},0]\n', "line 2: window_started_at does not fit"),
        (HEAD + b'[1,"secret words",null,0]\n', "lines 2 to 2: the database does not accept"),
    ],
)
def test_what_is_no_row_is_refused_without_its_words(lines: bytes, words: str) -> None:
    with pytest.raises(rows.Unfit) as refusal:
        rows.read(Throttle, io.BytesIO(lines))
    assert words in str(refusal.value)
    assert "clinic_throttle" in str(refusal.value)
    assert "secret words" not in str(refusal.value)
