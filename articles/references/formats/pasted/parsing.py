"""One reference as people paste it, as CSL-JSON, with the names of the fields that are doubtful.

The end of a reference has the firmest form ("2020;7(2):11-19"), so it is read first; the people are
read from the start; title and journal are what is between.
"""

import re
from collections.abc import Iterable

from articles.references.csl import hyphens
from articles.references.formats.pasted import pieces, works
from articles.references.formats.pasted.draft import Draft, Parsed
from articles.references.formats.pasted.pieces import MONTHS as _MONTHS
from articles.references.formats.pasted.pieces import PAGE as _PAGE
from articles.references.formats.pasted.titles import (
    is_abbreviated,
    looks_like_journal,
    pages,
    sentences,
    without_end,
)

LONGEST = 4_000  # characters
_VOLUME = r"[A-Za-z]{0,3}\d[\w/-]*(?:\s(?:Suppl?|Pt)\.?(?:\s\w{1,4})?)?"
_ISSUE = r"[^()]{1,40}"
# "2020 Feb 2;7(2):11-19": AMA, NLM, Vancouver, PubMed.
_NUMERATION = re.compile(
    rf"(?<![\d-])(?P<date>(?:1[89]|20)\d\d{_MONTHS})\s?;\s?(?P<volume>{_VOLUME})?"
    rf"\s?(?:\((?P<issue>{_ISSUE})\))?\s?(?::\s?(?P<page>{_PAGE}))?\s?[.,;]*"
)
# The same with other signs between: "2020, 7(2), 11-19".
_LOOSE = re.compile(
    rf"(?<![\d-])(?P<date>(?:1[89]|20)\d\d{_MONTHS})[\s.,;:]{{1,3}}(?:[Vv]ol\.?\s?)?(?P<volume>\d{{1,4}})"
    rf"(?:\s?\((?P<issue>{_ISSUE})\)|[\s,]+(?:no\.?|issue)\s?(?P<number>\w+))?"
    rf"[\s,:;.]+(?:pp?\.?\s?)?(?P<page>{_PAGE})\s?[.,;]*"
)
_APA = re.compile(
    r"^(?P<people>.{2,4000}?)(?<!\s)\s*+\((?P<date>(?:1[89]|20)\d\d)[a-z]?(?:,\s*(?P<day>[^()]{3,30}))?\)[.,:]?\s+"
    r"(?P<rest>.+)$"
)
_APA_END = re.compile(
    rf"^(?P<before>.+?),\s+(?P<volume>{_VOLUME})(?:\s?\((?P<issue>{_ISSUE})\))?"
    rf"(?:,\s+(?:pp?\.\s?|[Aa]rticle\s)?(?P<page>{_PAGE}))?\s?\.?$"
)


def parse(text: str) -> Parsed:
    """Take a pasted reference apart. Never raises; what cannot be told is left out."""
    found = pieces.take(text[:LONGEST])
    draft = _Draft(found)
    if len(text) > LONGEST:
        draft.doubt("title")
    apa = _APA.match(found.text)
    if apa and draft.take_apa_people(apa["people"]):
        draft.read_apa(apa)
    elif apa and works.read_page(draft, apa["people"], apa["rest"]):
        draft.date_apa(apa)
    elif end := _last(_NUMERATION.finditer(found.text), "volume", "page", "issue"):
        draft.read_article(end, sure=True)
    elif end := _last(_LOOSE.finditer(found.text), "page"):
        draft.read_article(end, sure=False)
    else:
        works.read(draft)
    return draft.parsed()


def _last(found: Iterable[re.Match[str]], *needed: str) -> re.Match[str] | None:
    """The last match that has one of these parts."""
    last = None
    for match in found:
        if any(match[name] for name in needed):
            last = match
    return last


class _Draft(Draft):
    """A draft of an article, or of what `works` reads."""

    def read_article(self, end: re.Match[str], *, sure: bool) -> None:
        """Read what has a numeration: people, title and journal before it."""
        self.csl["type"] = "article-journal"
        parts = end.groupdict()
        self.csl["issued"] = self.dated(parts["date"])
        self.put("volume", parts["volume"])
        self.put("issue", hyphens(parts["issue"] or parts.get("number") or ""))
        self.put("page", pages(parts["page"]))
        if not sure:
            self.doubt("volume", "issue", "page", "issued")
        after = self.text[end.end() :].strip(" .;,")
        if re.search(r"[A-Za-z0-9]{2}", after):
            self.doubt("page", "issue", "volume")
        before = self.without_people(self.text[: end.start()].strip())
        self._title_and_journal(before)

    def _title_and_journal(self, text: str) -> None:
        text = text.strip().rstrip(" ,;:")
        parts = sentences(text)
        # "Ann. Rheum. Dis." is one journal.
        count = len(parts)
        while len(parts) > 2 and is_abbreviated(parts[-2]) and looks_like_journal(parts[-1]):
            parts[-2:] = [f"{parts[-2]} {parts[-1]}"]
        if len(parts) < count:
            self.doubt("title", "container-title")
        if not parts:
            return
        if len(parts) == 1:
            self.doubt("title", "container-title", "author")
            if split := re.match(
                r"(.{15,}?[a-z?)])[,;:]?\s+((?:[A-Z][\w.]*+\s){0,5}[A-Z][\w.]*+)$", parts[0]
            ):
                parts = [split[1], split[2]]
            elif looks_like_journal(parts[0]) and len(parts[0].split()) <= 5:
                self.put("container-title", parts[0].rstrip("."))
                return
            else:
                self.put("title", parts[0].rstrip("."))
                return
        journal = parts[-1].strip(" .,")
        title = " ".join(parts[:-1]).strip()
        if not looks_like_journal(journal):
            self.doubt("title", "container-title")
        if len(parts) > 3 or ("author" not in self.csl and len(parts) > 2):
            self.doubt("title", "author")
        if "author" not in self.csl and "editor" not in self.csl and len(parts) > 2:
            self.doubt("container-title")
        if len(parts[0].split()) == 1 and len(parts) > 2:
            self.doubt("title", "author")
        if re.search(r"\bet al\b|^[^\W\d_]+,(?: [^\W\d_]+ [A-Z]{1,3},)+", title):  # people are left
            self.doubt("title", "author")
        if "," in journal:
            self.doubt("container-title")
        self.put("container-title", journal)
        self.put("title", without_end(title))

    # APA

    def date_apa(self, found: re.Match[str]) -> None:
        """Read "2020" or "2020, May 5"."""
        day = f"{found['day']} {found['date']}" if found["day"] else found["date"]
        self.csl["issued"] = pieces.day_of(day) or pieces.day_of(found["date"])

    def read_apa(self, found: re.Match[str]) -> None:
        """Read "(2020). Title. Journal, 7(2), 11-19."."""
        self.date_apa(found)
        rest = found["rest"].strip()
        if works.read_chapter(self, rest):
            return
        if end := _APA_END.match(rest):
            self.csl["type"] = "article-journal"
            self._title_and_journal(end["before"])
            self.put("volume", end["volume"])
            self.put("issue", hyphens(end["issue"] or ""))
            self.put("page", pages(end["page"]))
            return
        works.read_source(self, rest)
