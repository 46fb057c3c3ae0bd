"""The blocks of a BibTeX file: strings and entries, with their raw values and lines.

One pass, linear in the length of the text. A block that is not closed ends where the next one
begins at the start of a line, so that it does not take the rest of the file with it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from articles.references.formats.entry import Broken

_START = re.compile(r"^[ \t]*@[ \t]*([A-Za-z]+)\s{0,9}([{(])", re.MULTILINE)
_NO_START = re.compile(
    r"^[ \t]*@[ \t]*(article|book|booklet|inbook|incollection|inproceedings|conference|manual|misc|"
    r"online|(?:phd|masters)?thesis|proceedings|(?:tech)?report|unpublished)\b(?!\s{0,9}[{(])",
    re.MULTILINE | re.IGNORECASE,
)
# A key may hold anything but these; one that is no key of ours is replaced later.
_KEYS = {
    "}": re.compile(r"\s*+((?:[^\s,{}=\"]++(?:[^\S\n]++(?=[^\s,{}=\"]))?)*+)\s*+(?:,|(?=\}))"),
    ")": re.compile(r"\s*+((?:[^\s,{}()=\"]++(?:[^\S\n]++(?=[^\s,{}()=\"]))?)*+)\s*+(?:,|(?=\)))"),
}
_KEY_WITHOUT_COMMA = re.compile(r"\s*([^\s,{}()=\"]+)\s+(?=[A-Za-z]+\s*=)")
_NAME = re.compile(r"[\s,]*([^\s,={}()\"#]+)\s*=\s*")
_WORD = re.compile(r"[^\s,{}()\"#=]+")
_SPACE = re.compile(r"\s*")
_BRACE = re.compile(r"\\.|[{}]", re.DOTALL)
_QUOTE = re.compile(r"\\.|[{}\"]", re.DOTALL)

LONGEST_VALUE = 100_000  # characters
# What strings may put into the values of one file, in characters: names of journals, used often.
MOST_PUT_IN = 2_000_000

_MONTHS = (
    "jan",
    "feb",
    "mar",
    "apr",
    "may",
    "jun",
    "jul",
    "aug",
    "sep",
    "oct",
    "nov",
    "dec",
)


@dataclass
class Block:
    """An entry as its file has it. `fields`: raw values by name in small letters, strings put in;
    a name that comes twice is in `again` the second time."""

    line: int
    kind: str
    key: str
    fields: dict[str, str] = field(default_factory=dict)
    again: list[tuple[str, str]] = field(default_factory=list)


class _Unreadable(Exception):
    pass


class _Strings(dict[str, str]):
    """The strings of a file, and how much they may still put into its values."""

    left = MOST_PUT_IN

    def put_in(self, word: str) -> str:
        value = self.get(word.lower(), word)
        self.left -= len(value)
        if self.left < 0:
            raise _Unreadable(_("The strings of this file (@string) make it too long."))
        return value


def read(text: str) -> Iterator[Block | Broken]:
    """Every entry of the text; comments and preambles are no entries."""
    strings = _Strings((name, name) for name in _MONTHS)
    starts = list(_START.finditer(text))
    line, counted = 1, 0
    done = 0  # where the last whole block ended: an "@" inside one starts nothing
    for index, start in enumerate(starts):
        if start.start() < done:
            continue
        yield from _unopened(text, done, start.start())
        line += text.count("\n", counted, start.start())
        counted = start.start()
        kind = start[1].lower()
        if kind in ("comment", "preamble"):
            done = start.end()
            continue
        limit = starts[index + 1].start() if index + 1 < len(starts) else len(text)
        try:
            block, done = _block(text, start, limit, line, strings)
        except _Unreadable as error:
            # Perhaps a line of a value begins with "@", like a new entry.
            try:
                block, done = _block(text, start, _reach(starts, index, len(text)), line, strings)
            except _Unreadable:
                done = limit
                yield Broken(line, str(error))
                continue
        if kind == "string":
            strings.update((name, value) for name, value in block.fields.items())
        else:
            yield block
    yield from _unopened(text, done, len(text))


def _unopened(text: str, start: int, end: int) -> Iterator[Broken]:
    """What looks like the start of an entry between two of them, and opens none."""
    for found in _NO_START.finditer(text, start, end):
        why = _("“@%(kind)s” is not followed by an entry in braces.") % {"kind": found[1]}
        yield Broken(text.count("\n", 0, found.start()) + 1, why)


def count(text: str) -> int:
    """How many entries a text seems to hold, counted without reading them."""
    return sum(
        found[1].lower() not in ("comment", "preamble", "string") for found in _START.finditer(text)
    )


def _reach(starts: list[re.Match[str]], index: int, length: int) -> int:
    """How far a block may reach over lines that look like the next one: ten of them."""
    return starts[index + 10].start() if index + 10 < len(starts) else length


def _block(
    text: str, start: re.Match[str], limit: int, line: int, strings: _Strings
) -> tuple[Block, int]:
    closing = "}" if start[2] == "{" else ")"
    position = start.end()
    block = Block(line, start[1].lower(), "")
    if block.kind != "string":
        found = _KEYS[closing].match(text, position, limit)
        found = found or _KEY_WITHOUT_COMMA.match(text, position, limit)
        if found:
            block.key, position = found[1], found.end()
        elif not _NAME.match(text, position, limit):
            raise _Unreadable(_("The entry has no key and no fields."))
    while True:
        position = _after_space(text, position, limit)
        if position >= limit:
            raise _Unreadable(_("The entry is not closed: a brace or quotation mark is missing."))
        if text[position] == closing:
            return block, position + 1
        if text[position] == ",":
            position += 1
            continue
        named = _NAME.match(text, position, limit)
        if not named:
            what = text[position : position + 20].split("\n")[0]
            raise _Unreadable(_("Expected a field at “%(what)s”.") % {"what": what})
        value, position = _value(text, named.end(), limit, strings)
        name = named[1].lower()
        if name in block.fields:
            block.again.append((name, value))
        else:
            block.fields[name] = value


def _value(text: str, position: int, limit: int, strings: _Strings) -> tuple[str, int]:
    """A value: pieces in braces, in quotation marks, numbers and strings, joined by `#`."""
    pieces: list[str] = []
    while True:
        sign = text[position : position + 1] if position < limit else ""
        if sign == "{":
            end = _closed(text, position + 1, limit)
            pieces.append(text[position + 1 : end - 1])
        elif sign == '"':
            end = _quoted(text, position + 1, limit)
            pieces.append(text[position + 1 : end - 1])
        elif word := _WORD.match(text, position, limit):
            end = word.end()
            pieces.append(strings.put_in(word.group()))
        else:
            return _joined(pieces), position
        position = _after_space(text, end, limit)
        if text[position : position + 1] != "#":
            return _joined(pieces), position
        position = _after_space(text, position + 1, limit)


def _joined(pieces: list[str]) -> str:
    if sum(map(len, pieces)) > LONGEST_VALUE:
        most = {"n": LONGEST_VALUE}
        raise _Unreadable(_("A field is longer than %(n)s characters.") % most)
    return "".join(pieces)


def _closed(text: str, position: int, limit: int) -> int:
    """The place after the brace that closes what is open before `position`."""
    depth = 1
    for found in _BRACE.finditer(text, position, limit):
        if found.group() == "{":
            depth += 1
        elif found.group() == "}":
            depth -= 1
            if not depth:
                return found.end()
    raise _Unreadable(_("A brace is not closed."))


def _quoted(text: str, position: int, limit: int) -> int:
    """The place after the quotation mark that ends the value: one inside braces does not."""
    depth = 0
    for found in _QUOTE.finditer(text, position, limit):
        if found.group() == "{":
            depth += 1
        elif found.group() == "}":
            depth -= 1
        elif found.group() == '"' and depth <= 0:
            return found.end()
    raise _Unreadable(_("A quotation mark is not closed."))


def _after_space(text: str, position: int, limit: int) -> int:
    found = _SPACE.match(text, position, limit)
    return found.end() if found else position
