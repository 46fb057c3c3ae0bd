"""CSL-JSON, the library's own form, as Zotero, Pandoc and this site write it; and Crossref's JSON,
which is close to it."""

import json
import re
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from articles.import_problems import is_storable
from articles.references.formats import crossref, names
from articles.references.formats.entry import Broken, Entry
from clinic.lib.nested_json import is_within_bounds

_SPACE = " \t\r\n"
_PMID = re.compile(r"^PMID: ?(\d{1,8})$", re.MULTILINE)  # a line of Zotero's field "Extra"


def read(text: str) -> Iterator[Entry | Broken]:
    """Every object of the list (or the one object), one decoded at a time.

    Where the text stops being JSON nothing after it can be told apart: that is one problem, at its
    line, and what stands before it is read.
    """
    decoder = json.JSONDecoder()
    position = _skip(text, 0, _SPACE)
    many = text[position : position + 1] == "["
    position += many
    line, counted = 1, 0
    while True:
        position = _skip(text, position, _SPACE + "," if many else _SPACE)
        line += text.count("\n", counted, position)
        counted = position
        if position >= len(text):
            if many:
                yield Broken(line, _("The list is not closed: “]” is missing."), 0)
            return
        if text[position] == "]":
            return
        try:
            entry, position = decoder.raw_decode(text, position)
        except (ValueError, RecursionError) as error:
            at = getattr(error, "lineno", line)
            why = getattr(error, "msg", _("it is nested too deeply"))
            yield Broken(
                at,
                _("This is not JSON: %(why)s. Nothing after it was read.") % {"why": why},
                max(1, text.count('"title"', position)),
            )
            return
        for one in crossref.works(entry) or [entry]:
            if is_within_bounds(one):
                yield _entry(one, line)
            else:
                yield Broken(line, _("The entry is nested too deeply, or too long."))
        if not many:
            return


def count(text: str) -> int:
    """How many entries a text holds, or 0 where it is not JSON: `read` says so."""
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError):
        return 0
    if isinstance(whole, list):
        return len(whole)
    return len(crossref.works(whole) or [whole])


def _entry(entry: Any, line: int) -> Entry | Broken:
    if not isinstance(entry, dict):
        return Broken(line, _("Expected an object here: { … }."))
    if not is_storable(entry):
        return Broken(line, _("This contains characters that are not allowed."))
    csl = crossref.as_csl(entry) if crossref.is_work(entry) else dict(entry)
    key = csl.pop("id", "")
    fields = len(csl)
    for role in ("author", "editor"):
        if isinstance(csl.get(role), list):
            csl[role] = [name for one in csl[role] for name in _people(one)]
    if found := _PMID.search(str(csl.get("note") or "")):
        csl.setdefault("PMID", found[1])
    return Entry(line, csl, str(key), fields)


def _people(name: Any) -> list[Any]:
    """A name, or those of a list in one field."""
    if isinstance(name, dict) and set(name) in ({"literal"}, {"family"}):
        [words] = name.values()
        return (isinstance(words, str) and names.separated(words)) or [name]
    return [name]


def _skip(text: str, position: int, signs: str) -> int:
    while position < len(text) and text[position] in signs:
        position += 1
    return position
