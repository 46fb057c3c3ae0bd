"""Files of tagged lines, as RIS and PubMed's NBIB are: `TAG - value`, one field a line."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass
class Record:
    """The fields of one record in their order: (tag, value)."""

    line: int
    fields: list[tuple[str, str]] = field(default_factory=list)

    def all(self, *tags: str) -> list[str]:
        return [value for tag, value in self.fields if tag in tags]

    def first(self, *tags: str) -> str:
        """The first value under the first of these tags that has one."""
        return next((value for tag in tags for value in self.all(tag) if value), "")


def read(
    text: str,
    line_of_tag: re.Pattern[str],
    first: str,
    last: str = "",
    lists: frozenset[str] = frozenset(),
) -> Iterator[Record]:
    """The records of a text. A line without a tag goes on with the field before it, or is the next
    of a list where that has one of these tags.

    `line_of_tag` gives (tag, value); `first` opens a record, `last` closes it. Fields that stand
    outside any record make one of their own, so that they are seen.
    """
    record: Record | None = None
    more: list[str] = []  # lines that go on with the last field
    for number, line in enumerate(text.split("\n"), start=1):
        found = line_of_tag.match(line)
        if not found:
            if record and record.fields and line.strip():
                tag, _value = record.fields[-1]
                if tag in lists:
                    record.fields.append((tag, line.strip()))
                else:
                    more.append(line.strip())
            continue
        _go_on(record, more)
        tag, value = found[1], found[2].strip()
        if last and tag == last:
            if record:
                yield record
            record = None
            continue
        if tag == first and record:
            yield record
            record = None
        if record is None:
            record = Record(number)
        record.fields.append((tag, value))
    _go_on(record, more)
    if record:
        yield record


def _go_on(record: Record | None, more: list[str]) -> None:
    """Put the lines that go on with the last field to it, all at once."""
    if record and more:
        tag, value = record.fields[-1]
        record.fields[-1] = (tag, " ".join([value, *more]).strip())
    more.clear()
