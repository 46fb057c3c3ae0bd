"""The list of references at the end of an article: its entries, to be cited as sources."""

import re

from articles.references import identifiers
from clinic.lib import markdown

_HEADING = re.compile(
    r"(?:#{1,6} |\*\*)\W*(?:\d+\.? )?(?:selected |key |list of )?"
    r"(?:references?|sources?|bibliography|literature|works cited|citations|further reading)"
    r"(?: (?:cited|list|used|and further reading))?\W*$",
    re.IGNORECASE,
)
_ENTRY = re.compile(r"(?:[-*•] |\d{1,3}[.)] |\\\[\d{1,3}\\\] ?|\d{1,3}\\[.)] )")
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_NEXT_HEADING = re.compile(r"#{1,6} ")


def entries_of(body: str) -> list[str]:
    """The entries under the last heading that names references, as plain text, one per source.

    Empty if fewer than half of them look like sources (a year, a DOI, a PMID or an address).
    """
    lines = body.split("\n")
    start = next((n for n in range(len(lines) - 1, -1, -1) if _HEADING.match(lines[n])), None)
    if start is None:
        return []
    entries: list[str] = []
    for line in lines[start + 1 :]:
        if _NEXT_HEADING.match(line) or line.startswith("[^"):
            break
        words = line.strip()
        if not words:
            continue
        said = _plain(_ENTRY.sub("", words, count=1))
        if said and (_ENTRY.match(words) or not line.startswith(" ")):
            entries.append(said)
        elif said and entries:
            entries[-1] += f" {said}"
    alike = [entry for entry in entries if _is_source(entry)]
    return entries if entries and 2 * len(alike) >= len(entries) else []


def _plain(line: str) -> str:
    """The words of a line, and the addresses of its links where they name a source."""
    said = markdown.plain_inline(line.removesuffix("\\"))
    addresses = re.findall(r"\]\(<?(https?://[^\s)>]+)", line)
    named = [a for a in addresses if identifiers.doi_in(a) or identifiers.pmid_in(a)]
    return " ".join([said, *(a for a in named if a not in said)])


def _is_source(entry: str) -> bool:
    return bool(
        _YEAR.search(entry)
        or identifiers.doi_in(entry)
        or identifiers.pmid_in(entry)
        or "://" in entry
    )
