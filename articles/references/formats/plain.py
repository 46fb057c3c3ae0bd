"""Pasted lines: a DOI, a PMID, a reference, or words that stay as they are."""

import re
from collections.abc import Iterator

from django.utils.translation import gettext as _

from articles.references import identifiers
from articles.references.formats.entry import Broken, Csl, Entry
from articles.references.formats.pasted.parsing import parse
from articles.references.formats.pasted.titles import LABELS

LONGEST_LINE = 2000  # characters; a reference has a few hundred


def read(text: str) -> Iterator[Entry | Broken]:
    """An entry for each line that is not empty; what is no reference is a stub until it
    is looked up."""
    for number, line in enumerate(text.split("\n"), start=1):
        words = " ".join(line.split())
        if not words:
            continue
        if len(words) > LONGEST_LINE:
            yield Broken(number, f"The line is longer than {LONGEST_LINE} characters.")
        else:
            yield _entry(number, words)


def count(text: str) -> int:
    """How many lines hold anything."""
    return sum(1 for line in text.split("\n") if line.strip())


def _entry(number: int, words: str) -> Entry | Broken:
    """A line that reads as a reference, taken apart; else a stub of its words."""
    if re.fullmatch(r"@[A-Za-z]+", words):
        return Broken(number, _("“%(words)s” is not followed by an entry.") % {"words": words})
    parsed = parse(words)
    if not parsed.is_reference:
        return _stub(number, words)
    csl = {**parsed.csl, "custom": {"pasted": words}}
    labels = ", ".join(str(label) for name, label in LABELS.items() if name in parsed.unsure)
    note = _("Check: %(fields)s.") % {"fields": labels} if labels else ""
    return Entry(number, csl, "", fields=len(parsed.csl), note=note)


def _stub(number: int, words: str) -> Entry:
    csl: Csl = {"type": "document", "title": words, "custom": {"pasted": words}}
    bare_doi, bare_pmid = identifiers.bare_doi(words), identifiers.bare_pmid(words)
    if doi := bare_doi or identifiers.doi_in(words):
        csl["DOI"] = doi
    if pmid := bare_pmid or identifiers.pmid_in(words):
        csl["PMID"] = pmid
    key = stub_key(bare_doi, bare_pmid)
    return Entry(number, csl, key, fields=1)


def stub_key(doi: str, pmid: str) -> str:
    """The key of a stub until its author is known: "pmid29952980", "doi-10-3390-jcm12031205"."""
    words = re.sub(r"[^a-z0-9]+", "-", doi.lower()).strip("-")[:56]
    return f"pmid{pmid}" if pmid else f"doi-{words}" if words else ""
