"""Numbers that name one source everywhere: DOI, PMID, PMCID."""

import re

# Any text may hold one: "doi:10.3390/x.", "https://doi.org/10.3390/x", "(10.3390/x)".
_DOI = re.compile(r"10\.\d{4,9}/[^\s\"<>{}|\\^`]+")
_PMID = re.compile(
    r"PMID:?\s*(\d{1,8})\b|pubmed(?:\.ncbi\.nlm\.nih\.gov)?/(\d{1,8})\b", re.IGNORECASE
)
_ISSN = re.compile(r"\b(\d{4})-?(\d{3}[\dXx])\b")
_BARE_DOI = re.compile(r"(?:https?://(?:dx\.)?doi\.org/|doi:?\s*)?(10\.\d{4,9}/\S+)", re.IGNORECASE)
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
    doi = doi.rstrip(".,;:'\"”’")
    while doi.endswith((")", "]")) and doi.count("(") + doi.count("[") < doi.count(")") + doi.count(
        "]"
    ):
        doi = doi[:-1].rstrip(".,;")
    return doi
