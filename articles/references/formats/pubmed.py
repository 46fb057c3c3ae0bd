"""What PubMed's two formats share: kinds of publication, titles, numbers, languages."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

# Elsevier's number of an article: it is not printed where pages are.
_PII = re.compile(r"S\d{4}-?\d{3}[\dX]\(?\d{2}\)?\d{5}-?[\dX]")
# PubMed's publication types, the most telling first, in the words of the library.
_KINDS = {
    "systematic review": "Systematic review",
    "meta-analysis": "Systematic review",
    "practice guideline": "Guideline",
    "guideline": "Guideline",
    "randomized controlled trial": "Randomized trial",
    "controlled clinical trial": "Controlled trial",
    "clinical trial": "Clinical trial",
    "scoping review": "Scoping review",
    "review": "Review",
    "observational study": "Observational study",
    "case reports": "Case report",
    "editorial": "Editorial",
    "letter": "Letter",
}
_LANGUAGES = {
    "eng": "en", "ger": "de", "fre": "fr", "spa": "es", "ita": "it", "por": "pt", "dut": "nl",
    "nor": "no", "swe": "sv", "dan": "da", "fin": "fi", "pol": "pl", "rus": "ru", "chi": "zh",
    "jpn": "ja", "kor": "ko", "tur": "tr", "cze": "cs", "hun": "hu", "gre": "el", "ara": "ar",
    "heb": "he", "per": "fa", "ukr": "uk", "rum": "ro", "hrv": "hr", "srp": "sr",
}  # fmt: skip


def kind_of(types: Iterable[str]) -> str:
    """The kind of source in a few words, or an empty string."""
    found = {name.lower() for name in types}
    return next((word for name, word in _KINDS.items() if name in found), "")


def type_of(types: Iterable[str], *, book: bool, chapter: bool) -> str:
    """The type in CSL-JSON."""
    if book:
        return "chapter" if chapter else "book"
    return "article" if "preprint" in {name.lower() for name in types} else "article-journal"


def clean_title(title: str) -> str:
    """Without the dot that PubMed puts at the end, and the brackets round a translation."""
    title = title.strip()
    if found := re.fullmatch(r"\[(.*)\]\.?", title):
        title = found[1]
    return title.removesuffix(".") if not title.endswith("..") else title


def stands_for_pages(csl: Mapping[str, Any], number: str) -> bool:
    """Whether a publisher's number is what is cited for pages: not before there is a volume."""
    return "volume" in csl and not ({"page", "number"} & csl.keys() or _PII.fullmatch(number))


def language(code: str) -> str:
    """PubMed's three letters as the two that CSL-JSON takes; others stay."""
    return _LANGUAGES.get(code, code)
