"""Numbers that name one source everywhere: DOI, PMID, PMCID."""

import re
from urllib.parse import unquote

# Any text may hold one: "doi:10.3390/x.", "https://doi.org/10.3390/x", "(10.3390/x)".
_DOI = re.compile(r"10\.\d{4,9}/[^\s\"<>{}|\\^`]+")
_PMID = re.compile(
    r"PMID:?\s*(\d{1,8})\b|pubmed(?:\.ncbi\.nlm\.nih\.gov)?/(\d{1,8})\b", re.IGNORECASE
)
_ISSN = re.compile(r"\b(\d{4})-?(\d{3}[\dXx])\b")
_BARE_DOI = re.compile(
    r"(?:(?:https?://)?(?:(?:dx|www)\.)?doi\.org/|doi[:\s]*)*(10\.\d{4,9}/\S+)", re.IGNORECASE
)
_BARE_PMID = re.compile(
    r"(?:https?://(?:www\.ncbi\.nlm\.nih\.gov/pubmed|pubmed\.ncbi\.nlm\.nih\.gov)/(\d{1,8})/?"
    r"|PMID:?\s*(\d{1,8})|(\d{5,8}))",
    re.IGNORECASE,
)


def doi_in(text: str) -> str:
    """The first DOI in a text, without the punctuation that ends a sentence; "" if none."""
    found = _DOI.search(text)
    return _trimmed(found.group()) if found else ""


def pmid_in(text: str) -> str:
    """The first number that a text calls a PMID; "" if none."""
    found = _PMID.search(text)
    return (found[1] or found[2]) if found else ""


def bare_doi(text: str) -> str:
    """The DOI if the text is nothing else (an address or "doi:" before it is fine)."""
    found = _BARE_DOI.fullmatch(text.strip())
    return _trimmed(found[1]) if found else ""


def bare_pmid(text: str) -> str:
    """The PMID if the text is nothing else; a number alone needs five digits: 2023 is a year."""
    found = _BARE_PMID.fullmatch(text.strip())
    return next(filter(None, found.groups()), "") if found else ""


def issns(text: str) -> str:
    """The ISSNs of a text, each once: "0003-4975" of "00034975", two of "1552-6259 (Electronic)
    0003-4975 (Linking)"; the text if it holds none."""
    found = dict.fromkeys(f"{first}-{last.upper()}" for first, last in _ISSN.findall(text))
    return ", ".join(found) or text


def _trimmed(doi: str) -> str:
    end = len(doi.rstrip(".,;:'\"”’"))
    unopened = sum(map(doi[:end].count, ")]")) - sum(map(doi[:end].count, "(["))
    while unopened > 0 and doi[end - 1] in ")]":
        unopened -= 1
        end -= 1
        while doi[end - 1] in ".,;":
            end -= 1
    return doi[:end]


# Identifiers in fields that are not theirs

_PMCID = re.compile(r"\bPMC\d{3,9}\b")
# What publishers' addresses add to a DOI.
_AFTER_DOI = re.compile(
    r"(?:/(?:full|fulltext|full-text|abstract|abs|pdf|epdf|pdfdirect|html|meta|summary|references|"
    r"citation)(?:/.*)?|[?#&].*|\.(?:pdf|full|html?|abstract)(?:\.pdf)?)$",
    re.IGNORECASE,
)
# A note with one of these words speaks of another source.
_OTHERS = re.compile(
    r"comment|erratum|correct|retract|reply|respon|supplement|dataset|see also|related|update|"
    r"republish|cited|version of|preprint|translation",
    re.IGNORECASE,
)


def doi_of_address(url: str) -> str:
    """Return the DOI in a web address, without what a publisher adds to it; "" if none."""
    found = _DOI.search(unquote(url))
    if not found:
        return ""
    doi = _AFTER_DOI.sub("", found.group())
    return _trimmed(_AFTER_DOI.sub("", doi))  # "/full", after "?x=1" is gone


def pmcid_in(text: str) -> str:
    """Return the first PMCID in a text; "" if none."""
    found = _PMCID.search(text)
    return found.group() if found else ""


def identifiers_in(text: str, *, is_address: bool = False) -> dict[str, str]:
    """Return the DOI, PMID and PMCID by which a note or an address names its own source.

    A note with two DOIs, or that speaks of another source ("Comment on …"), gives none.
    """
    found: dict[str, str] = {}
    if not is_address and _OTHERS.search(text):
        return found
    dois = {doi.lower(): doi for word in text.split() if (doi := doi_of_address(word))}
    if len(dois) == 1:
        [found["DOI"]] = dois.values()
    pmids = {number for pair in _PMID.findall(text) for number in pair if number}
    if len(pmids) == 1:
        found["PMID"] = next(iter(pmids))
    if len(set(_PMCID.findall(text))) == 1:
        found["PMCID"] = pmcid_in(text)
    return found
