"""What a person pastes to add a source: a DOI, a PMID, an address or a whole reference."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from articles.references import identifiers
from articles.references.columns import columns_of
from articles.references.duplicates import Known
from articles.references.formats.cleaning import STUB, cleaned
from articles.references.formats.entry import Csl, Entry
from articles.references.formats.pasted.parsing import parse
from articles.references.formats.reading import Unreadable, open_bibliography
from clinic.site import page_context

if TYPE_CHECKING:
    from articles.references.lookups import Client

LONGEST = 20_000  # characters


@dataclass
class Found:
    """What is known of a pasted source. `unsure`: CSL fields to check; `twin`: the key of the same
    source in the library and `same`, by what; `ask_later`: it has a number that could not be
    looked up now; `notes` are for the person who pasted it."""

    csl: Csl
    unsure: frozenset[str] = frozenset()
    twin: str = ""
    same: str = ""
    ask_later: bool = False
    notes: list[str] = field(default_factory=list)


def find_out(text: str, *, at: datetime, client: "Callable[[], Client] | None" = None) -> Found:
    """Find out what a pasted text is, from the library, the text and the registries.

    A source of the library is found before anything is asked. `client` is there for tests.
    """
    found = _read(text[:LONGEST], at)
    columns = columns_of(found.csl)
    found.twin, found.same = Known().find(columns)
    if not found.twin and (columns["doi"] or columns["pmid"]):
        _look_up(found, columns["doi"], columns["pmid"], client)
        if not found.twin:
            found.twin, found.same = Known().find(columns_of(found.csl))
    return found


def _read(text: str, at: datetime) -> Found:
    words = " ".join(text.split())
    csl: Csl = {"type": "article-journal"}
    if doi := identifiers.bare_doi(words):
        return Found({**csl, "DOI": doi})
    if pmid := identifiers.bare_pmid(words):
        return Found({**csl, "PMID": pmid})
    if words.lower().startswith(("http://", "https://", "www.")) and " " not in words:
        return _address(words, at)
    if (entry := _exported(text)) is not None:
        return Found(entry.csl, notes=[entry.note] if entry.note else [])
    parsed = parse(text)
    notes = [] if parsed.is_reference else [_("This does not read as a reference. Fill it in.")]
    return Found(parsed.csl, parsed.unsure, notes=notes)


def _address(url: str, at: datetime) -> Found:
    url = url if "://" in url else f"https://{url}"
    found = identifiers.identifiers_in(url, is_address=True)
    if "DOI" in found or "PMID" in found:
        return Found({"type": "article-journal", **found, "URL": url})
    day = timezone.localdate(at)
    accessed = {"date-parts": [[day.year, day.month, day.day]]}
    notes = [_("A web address has no details to look up: enter title, author and date.")]
    return Found({"type": "webpage", "URL": url, "accessed": accessed}, notes=notes)


def _exported(text: str) -> Entry | None:
    """The entry of an export with one entry; None for other text."""
    try:
        bibliography = open_bibliography(text.encode(errors="replace"), "")
        if bibliography.format.name == "lines":
            return None
        entries = [one for one in bibliography if isinstance(one, Entry)]
    except Unreadable:
        return None
    return entries[0] if len(entries) == 1 else None


def _look_up(
    found: Found, doi: str, pmid: str, client: "Callable[[], Client] | None" = None
) -> None:
    """Complete it at PubMed or Crossref. Says what could not be asked."""
    number = f"DOI {doi}" if doi else f"PMID {pmid}"
    if not settings.REFERENCE_LOOKUPS:
        found.ask_later = True
        found.notes.append(
            _("%(number)s was not looked up: lookups are turned off. Enter the details.")
            % {"number": number}
        )
        return
    from articles.references import lookups  # the HTTP client is loaded where it is used

    asked = client() if client else _client()
    try:
        csl = (asked.ncbi(pmid) if pmid else None) or (asked.crossref(doi) if doi else None)
    except lookups.Unavailable:
        found.ask_later = True
        found.notes.append(
            _(
                "%(number)s could not be looked up: the registry is not responding. Enter the "
                "details; what is missing is looked up later."
            )
            % {"number": number}
        )
        return
    if csl is None:
        found.notes.append(
            _("%(number)s is unknown to PubMed and Crossref. Check it, or enter the details.")
            % {"number": number}
        )
        found.unsure |= {"DOI" if doi else "PMID"}
        return
    found.csl = {**cleaned(csl), **{k: v for k, v in found.csl.items() if k in ("DOI", "PMID")}}
    found.csl.get("custom", {}).pop(STUB, None)
    found.unsure = frozenset()


def _client() -> "Client":
    from articles.references.lookups import Client

    return Client(settings.SITE_URL, page_context.current().clinic.email, attempts=1)
