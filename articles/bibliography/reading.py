"""A bibliography of any known format, from its bytes."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import PurePath

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from articles.bibliography import bibtex, csl, nbib, plain, pubmed_xml, ris
from articles.bibliography.entry import Broken, Entry

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
            _("It defines entities or names outside parts (%(what)s). Nothing of it was read.")
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
        "bibtex", "BibTeX", re.compile(r"(?:.*\n)*?[ \t]*@[ \t]*[A-Za-z]+[ \t]*[{(]"),
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
            yield found
        if seen < held:
            yield Broken(
                self.text.count("\n") + 1,
                _("The file seems to hold %(held)s entries; %(seen)s were found.")
                % {"held": held, "seen": seen},
                held - seen,
            )


def open_bibliography(content: bytes, name: str) -> Bibliography:
    """Find out encoding and format. `name`: of the file, "" for pasted text. Raises Unreadable.

    Only a paste and a .txt file are taken line by line where no format shows itself.
    """
    if len(content) > MOST_BYTES:
        raise Unreadable(
            _("It is larger than %(n)s MB. Give it in parts.") % {"n": MOST_BYTES // 1024**2}
        )
    text, note = _decoded(content)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        raise Unreadable(_("It is empty."))
    ending = PurePath(name).suffix.lower()
    found = next((known for known in FORMATS if known.looks.match(text)), None)
    if found is None and name and ending not in _PLAIN.endings:
        labels = ", ".join(str(known.label) for known in FORMATS)
        raise Unreadable(_("It is none of these: %(formats)s.") % {"formats": labels})
    if found and found.name == "pubmed-xml" and not found.count(text):
        raise Unreadable(_("This XML holds no PubMed articles."))
    return Bibliography(name or _("pasted text"), text, found or _PLAIN, note)


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
            return text, _("This is not UTF-8; it was read as Windows text. Check the accents.")
        return text, ""
    raise Unreadable(_("It is not text."))
