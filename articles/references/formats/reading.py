"""A bibliography of any known format, from its bytes."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import PurePath

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from articles.references.formats import (
    bibtex,
    citation_cff,
    csl,
    endnote,
    nbib,
    plain,
    pubmed_xml,
    ris,
    web_of_science,
)
from articles.references.formats.cleaning import clean
from articles.references.formats.entry import Broken, Entry
from clinic.lib.nested_json import MOST_SIGNS, is_within_bounds

MOST_BYTES = 10 * 1024 * 1024
MOST_ENTRIES = 60_000

Found = Entry | Broken


class Unreadable(Exception):
    """The whole of it is refused; says why."""


@dataclass(frozen=True)
class Format:
    """`looks`: how a text of this format shows itself; `read` and `count` take the text."""

    name: str
    label: str | Promise
    looks: re.Pattern[str]
    endings: tuple[str, ...]
    read: Callable[[str], Iterator[Found]]
    count: Callable[[str], int]


def _read_xml(text: str) -> Iterator[Found]:
    try:
        yield from pubmed_xml.read(_recoded(text))
    except pubmed_xml.Refused as error:
        raise Unreadable(
            _("It declares entities or external parts (%(what)s). Nothing was imported.")
            % {"what": error}
        ) from error


def _count_xml(text: str) -> int:
    return pubmed_xml.count(text.encode())


def _recoded(text: str) -> bytes:
    """As UTF-8, whatever the declaration said: the text is decoded already."""
    return re.sub(r"\A\s*<\?xml[^>]*\?>", "", text, count=1).encode()


_PLAIN = Format(
    "lines", gettext_lazy("lines of text"), re.compile(""), (".txt",), plain.read, plain.count
)
FORMATS = (
    Format(
        "csl-json", "CSL-JSON", re.compile(r'\s*(?:\[\s*[{\]]|\{\s*")'), (".json", ".csljson"),
        csl.read, csl.count,
    ),
    Format(
        "pubmed-xml", "PubMed XML", re.compile(r"\s*<(?:\?xml|!DOCTYPE|Pubmed)"), (".xml",),
        _read_xml, _count_xml,
    ),
    Format(
        "nbib", "PubMed NBIB", re.compile(r"(?:.*\n)*?PMID ?- ?\d"), (".nbib",),
        nbib.read, nbib.count,
    ),
    Format(
        "ris", "RIS", re.compile(r"(?:.*\n)*?\s{0,3}TY {1,2}-"), (".ris",), ris.read, ris.count
    ),
    Format(
        "endnote", "EndNote", re.compile(r"(?:.*\n)*?%0[ \t]+\S"), (".enw",),
        endnote.read, endnote.count,
    ),
    Format(
        "wos", "Web of Science", re.compile(r"(?:(?:FN|VR) .*\n|[^\S\n]*\n)*PT [A-Z][ \t]*\n"),
        (".ciw", ".isi"), web_of_science.read, web_of_science.count,
    ),
    Format(
        "cff", "CITATION.cff", re.compile(r"(?:.*\n)*?cff-version[ \t]*:"), (".cff",),
        citation_cff.read, citation_cff.count,
    ),
    Format(
        "bibtex", "BibTeX", re.compile(r"(?:.*\n)*?[ \t]*@[ \t]*[A-Za-z]+\s{0,9}[{(]"),
        (".bib", ".bibtex"), bibtex.read, bibtex.count,
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Bibliography:
    """What was given, ready to be read (once, or again)."""

    name: str  # of the file
    text: str
    format: Format
    note: str = ""

    @property
    def held(self) -> int:
        """How many entries it seems to hold, counted without reading them."""
        return self.format.count(self.text)

    def __iter__(self) -> Iterator[Found]:
        """Every entry; a last problem tells of those that were counted and not seen.

        Raises Unreadable, before the first entry, for XML that defines entities.
        """
        seen, held = 0, self.held
        for found in islice(self.format.read(self.text), MOST_ENTRIES):
            seen += found.entries if isinstance(found, Broken) else 1
            yield _checked(found)
        if seen < held:
            yield Broken(
                self.text.count("\n") + 1,
                _("The file appears to contain %(held)s entries; %(seen)s were found.")
                % {"held": held, "seen": seen},
                held - seen,
            )


def open_bibliography(content: bytes, name: str) -> Bibliography:
    """Find out encoding and format. `name`: of the file, "" for pasted text. Raises Unreadable.

    Only a paste and a .txt file are taken line by line where no format shows itself.
    """
    if len(content) > MOST_BYTES:
        raise Unreadable(
            _("It is larger than %(n)s MB. Split it into smaller files.")
            % {"n": MOST_BYTES // 1024**2}
        )
    text, note = _decoded(content)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        raise Unreadable(_("The file is empty."))
    ending = PurePath(name).suffix.lower()
    found = next((known for known in FORMATS if known.looks.match(text)), None)
    if found is None and name and ending not in _PLAIN.endings:
        labels = ", ".join(str(known.label) for known in FORMATS)
        raise Unreadable(
            _("The format was not recognized. Supported formats: %(formats)s.")
            % {"formats": labels}
        )
    if found and found.name == "csl-json" and sum(map(text.count, ",[{")) > MOST_SIGNS:
        raise Unreadable(_("It has too many entries. Split it into smaller files."))
    if found and found.name == "pubmed-xml" and not found.count(text):
        raise Unreadable(_("This XML contains no PubMed articles."))
    return Bibliography(name or _("pasted text"), text, found or _PLAIN, note)


def _checked(found: Found) -> Found:
    """What was found, cleaned, unless it is larger than any source is."""
    if isinstance(found, Broken):
        return found
    if is_within_bounds(found.csl):
        return clean(found)
    return Broken(found.line, _("The entry is nested too deeply, or too long."))


def _decoded(content: bytes) -> tuple[str, str]:
    """The text and a note where its encoding had to be guessed."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    else:
        encodings = ["utf-8-sig", "cp1252", "latin-1"]
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" in text:
            break
        if encoding in ("cp1252", "latin-1"):
            return text, _(
                "This is not UTF-8, so it was read as Windows-1252. Check the accented letters."
            )
        return text, ""
    raise Unreadable(_("This is not a text file."))
