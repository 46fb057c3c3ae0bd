"""Lines that somebody pastes: a DOI, a PMID, or words that stay as they are."""

import re
from collections.abc import Iterator

from articles.bibliography import identifiers
from articles.bibliography.entry import Broken, Csl, Entry

LONGEST_LINE = 2000  # characters; a reference has a few hundred


def read(text: str) -> Iterator[Entry | Broken]:
    """An entry for each line that is not empty; each is a stub until it is looked up."""
    for number, line in enumerate(text.split("\n"), start=1):
        words = " ".join(line.split())
        if not words:
            continue
        if len(words) > LONGEST_LINE:
            yield Broken(number, f"The line is longer than {LONGEST_LINE} characters.")
        else:
            yield _stub(number, words)


def count(text: str) -> int:
    """How many lines hold anything."""
    return sum(1 for line in text.split("\n") if line.strip())


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
