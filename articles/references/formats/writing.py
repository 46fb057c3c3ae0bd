"""CSL-JSON entries as BibTeX and RIS. What these formats cannot say is left out: CSL-JSON, the
third way out, is the one that loses nothing."""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from articles.references.csl import is_rest
from articles.references.formats import ris
from articles.references.formats.dates import MONTHS
from articles.references.styles import ama

Entry = Mapping[str, Any]

_RIS_TYPES = {
    **{kind: label for label, kind in reversed(ris.TYPES.items())},
    "article-journal": "JOUR", "book": "BOOK", "chapter": "CHAP", "paper-conference": "CPAPER",
    "webpage": "ELEC", "dataset": "DATA", "motion_picture": "VIDEO", "manuscript": "UNPB",
    "periodical": "SER",
}  # fmt: skip
_BIBTEX_TYPES = {
    "article-journal": "article", "article-magazine": "article", "article-newspaper": "article",
    "article": "preprint", "book": "book", "pamphlet": "booklet", "periodical": "periodical",
    "chapter": "incollection", "entry-encyclopedia": "inreference",
    "paper-conference": "inproceedings", "report": "techreport", "thesis": "phdthesis",
    "manuscript": "unpublished", "webpage": "online", "post-weblog": "online",
    "dataset": "dataset", "software": "software", "patent": "patent", "standard": "standard",
    "motion_picture": "video", "legislation": "legislation", "legal_case": "jurisdiction",
    "graphic": "image", "song": "audio", "personal_communication": "letter",
}  # fmt: skip
_BIBTEX_TEXTS = {
    "title": "title", "title-short": "shorttitle", "original-title": "origtitle",
    "container-title-short": "shortjournal", "collection-title": "series", "volume": "volume",
    "edition": "edition", "publisher-place": "address",
    "event-title": "eventtitle", "event-place": "venue", "number-of-pages": "pagetotal",
    "number-of-volumes": "volumes", "part-number": "part", "chapter-number": "chapter",
    "version": "version", "genre": "type", "status": "pubstate", "abstract": "abstract",
    "keyword": "keywords", "language": "language", "note": "note", "annote": "annote",
    "source": "library", "medium": "howpublished",
}  # fmt: skip
_BIBTEX_ADDRESSES = {
    "DOI": "doi",
    "PMID": "pmid",
    "PMCID": "pmcid",
    "URL": "url",
    "ISBN": "isbn",
    "ISSN": "issn",
}
_BIBTEX_PEOPLE = {
    "author": "author", "editor": "editor", "translator": "translator",
    "container-author": "bookauthor",
}  # fmt: skip
_BIBTEX_DATES = {
    "accessed": "urldate", "event-date": "eventdate", "original-date": "origdate",
}  # fmt: skip
_RIS_TEXTS = {
    "title": "TI", "title-short": "ST", "collection-title": "T3", "container-title-short": "J2",
    "volume": "VL", "issue": "IS", "number": "C7", "edition": "ET", "publisher": "PB",
    "publisher-place": "CY", "number-of-volumes": "NV", "collection-number": "SV",
    "section": "SE", "genre": "M3", "DOI": "DO", "PMID": "PM", "PMCID": "C2", "ISSN": "SN",
    "ISBN": "SN", "URL": "UR", "abstract": "AB", "language": "LA", "source": "DB",
    "call-number": "CN", "original-title": "OP", "note": "N1", "keyword": "KW",
    "event-title": "C3", "event-place": "C1",
}  # fmt: skip
_RIS_PEOPLE = {"author": "AU", "editor": "ED", "collection-editor": "A3", "translator": "A4"}
# How BibTeX calls a publisher, and BibLaTeX understands.
_PUBLISHERS = {"techreport": "institution", "phdthesis": "school"}
# LaTeX gives these a meaning of its own.
_SPECIAL = re.compile(r"[&%#_${}]")
_MARKUP = {"i": "emph", "b": "textbf", "sub": "textsubscript", "sup": "textsuperscript"}
_PAIR = re.compile(r"<(i|b|sub|sup)>([^<]*)</\1>")


def csl_json(entries: Iterable[Entry]) -> str:
    """A list of CSL-JSON objects, each from its own line on."""
    objects = (json.dumps(entry, ensure_ascii=False, indent=1) for entry in entries)
    return "[\n" + ",\n".join(objects) + "\n]\n"


def bibtex(entries: Iterable[Entry]) -> str:
    """BibTeX in UTF-8 with BibLaTeX's fields beyond it: both, Zotero and JabRef read it."""
    return "\n".join(map(_bibtex_entry, entries))


def ris_text(entries: Iterable[Entry]) -> str:
    """RIS in UTF-8, as EndNote, Zotero and Mendeley read it."""
    return "\n".join(map(_ris_entry, entries))


# By the ending of the file's name: (type of content, writer).
WRITERS: dict[str, tuple[str, Callable[[Iterable[Entry]], str]]] = {
    "json": ("application/vnd.citationstyles.csl+json", csl_json),
    "bib": ("application/x-bibtex", bibtex),
    "ris": ("application/x-research-info-systems", ris_text),
}


def _bibtex_entry(entry: Entry) -> str:
    kind = _BIBTEX_TYPES.get(str(entry.get("type")), "misc")
    fields = {name: _latex_names(_people(entry, role)) for role, name in _BIBTEX_PEOPLE.items()}
    fields |= {name: _latex(_text(entry, key)) for key, name in _BIBTEX_TEXTS.items()}
    if kind == "phdthesis" and "master" in _text(entry, "genre").lower():
        kind = "mastersthesis"
    fields[_PUBLISHERS.get(kind.replace("masters", "phd"), "publisher")] = _latex(
        _text(entry, "publisher")
    )
    host = "journal" if kind in ("article", "preprint", "online") else "booktitle"
    short = _text(entry, "container-title-short") if host == "journal" else ""
    fields[host] = _latex(_text(entry, "container-title") or short)
    number = "issue" if kind in ("article", "periodical") else "number"
    fields["number"] = _latex(_text(entry, number))
    if kind == "article":
        fields["eid"] = _latex(_text(entry, "number"))
    elif _text(entry, "issue"):
        fields["issue"] = _latex(_text(entry, "issue"))
    fields["pages"] = _latex(_text(entry, "page")).replace("-", "--")
    fields |= _issued(entry)
    fields |= {name: _iso(entry, key) for key, name in _BIBTEX_DATES.items()}
    fields |= {name: _address(_text(entry, key)) for key, name in _BIBTEX_ADDRESSES.items()}
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    if month := _month(entry):
        lines.append(f"  month = {month},")  # a word of BibTeX's own
    return "\n".join([f"@{kind}{{{entry.get('id', '')},", *lines, "}", ""])


def _ris_entry(entry: Entry) -> str:
    kind = str(entry.get("type"))
    lines = [("TY", _RIS_TYPES.get(kind, "GEN")), ("ID", str(entry.get("id", "")))]
    for role, tag in _RIS_PEOPLE.items():
        # RIS has no word for "and others": written as an author it would become one.
        lines += [(tag, _comma_name(name)) for name in _people(entry, role) if not is_rest(name)]
    for key, tag in _RIS_TEXTS.items():
        lines.append((tag, " ".join(_text(entry, key).split())))
    host = "BT" if kind == "book" else "T2"
    lines.append((host, _text(entry, "container-title")))
    first, dash, last = _text(entry, "page").partition("-")
    lines += [("SP", first), ("EP", last)] if dash else [("SP", first)]
    lines.append(("PY", ama.year(entry)))
    lines.append(("DA", _slashed(entry, "issued")))
    lines.append(("Y2", _slashed(entry, "accessed")))
    written = [f"{tag}  - {value}" for tag, value in lines if value]
    return "\n".join([*written, "ER  - ", ""])


def _text(entry: Entry, key: str) -> str:
    value = entry.get(key)
    return str(value) if isinstance(value, str | int | float) else ""


def _people(entry: Entry, role: str) -> list[Mapping[str, Any]]:
    people = entry.get(role)
    return [p for p in people if isinstance(p, Mapping)] if isinstance(people, list) else []


def _family(person: Mapping[str, Any]) -> str:
    particle = _text(person, "non-dropping-particle") or _text(person, "dropping-particle")
    return f"{particle} {_text(person, 'family')}".strip()


def _comma_name(person: Mapping[str, Any]) -> str:
    if literal := _text(person, "literal"):
        return literal
    parts = [_family(person), _text(person, "given"), _text(person, "suffix")]
    return ", ".join(parts if parts[2] else filter(None, parts[:2]))


def _latex_names(people: list[Mapping[str, Any]]) -> str:
    return " and ".join(filter(None, map(_latex_name, people)))


def _latex_name(person: Mapping[str, Any]) -> str:
    """ "von Family, Jr, Given"; a body in braces of its own; "others" as BibTeX says et al."""
    if literal := _text(person, "literal"):
        return "others" if is_rest(person) else f"{{{_latex(literal)}}}"
    family = _latex(_text(person, "family"))
    particle = _latex(_text(person, "non-dropping-particle") or _text(person, "dropping-particle"))
    if family[:1].islower() or " and " in family:
        family = f"{{{family}}}"
    parts = [f"{particle} {family}".strip(), _text(person, "suffix"), _text(person, "given")]
    return ", ".join(_latex(part) if n else part for n, part in enumerate(parts) if n != 1 or part)


def _latex(text: str) -> str:
    """Text as LaTeX in UTF-8. Braces and backslashes, which no title needs, become brackets and
    slashes: no reader agrees on them. A tag without its other half stays as it is."""
    text = text.replace("\\", "/").replace("{", "(").replace("}", ")")
    text = _SPECIAL.sub(lambda found: "\\" + found.group(), " ".join(text.split()))
    while _PAIR.search(text):
        text = _PAIR.sub(lambda found: f"\\{_MARKUP[found[1]]}{{{found[2]}}}", text)
    return text


def _address(text: str) -> str:
    return re.sub(r"[{}\s\\]", "", text)


def _parts(entry: Entry, key: str) -> list[list[int]]:
    date = entry.get(key)
    parts = date.get("date-parts") if isinstance(date, Mapping) else None
    try:
        return [[int(number) for number in part] for part in parts or [] if part]
    except (TypeError, ValueError):
        return []


def _iso(entry: Entry, key: str) -> str:
    ends = ["-".join(f"{n:02d}" for n in part) for part in _parts(entry, key)]
    return "/".join(ends) or _latex(_literal(entry, key))


def _issued(entry: Entry) -> dict[str, str]:
    """The year and day as BibTeX has them; a range or words also as BibLaTeX's date."""
    parts, year = _parts(entry, "issued"), ama.year(entry)
    if len(parts) != 1:
        return {"year": year, "date": _iso(entry, "issued")}
    return {"year": year, "day": str(parts[0][2]) if len(parts[0]) > 2 else ""}


def _month(entry: Entry) -> str:
    """The month in BibTeX's three letters."""
    parts = _parts(entry, "issued")
    number = parts[0][1] if len(parts) == 1 and len(parts[0]) > 1 else 0
    return next((name for name, n in MONTHS.items() if n == number), "")


def _slashed(entry: Entry, key: str) -> str:
    parts = _parts(entry, key)
    if not parts:
        return _literal(entry, key)
    return "/".join([f"{n:02d}" for n in parts[0]] + [""] * (3 - len(parts[0]))) + "/"


def _literal(entry: Entry, key: str) -> str:
    date = entry.get(key)
    return (_text(date, "literal") or _text(date, "raw")) if isinstance(date, Mapping) else ""
