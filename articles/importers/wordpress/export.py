"""Reading a WordPress export (WXR 1.0 to 1.2): an RSS file with elements of WordPress's own.

The file is read as a stream: an export of any length needs the memory of its longest entry.
What the elements mean was learnt from WordPress's own writer, wp-admin/includes/export.php.
"""

import codecs
import io
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from html.entities import html5
from pathlib import Path
from typing import Any, BinaryIO
from xml.sax import SAXParseException
from xml.sax.handler import ContentHandler, feature_namespaces
from xml.sax.xmlreader import AttributesImpl

from defusedxml.common import DefusedXmlException
from defusedxml.expatreader import DefusedExpatParser
from django.utils.translation import gettext as _

# Exports name their elements' home with http or with https, and by version. Other programs write
# other prefixes, or do not name the homes at all.
_HOMES = (
    (re.compile(r"https?://wordpress\.org/export/1\.[\d.]+/excerpt/?"), "excerpt:"),
    (re.compile(r"https?://wordpress\.org/export/1\.[\d.]+/?"), "wp:"),
    (re.compile(r"https?://purl\.org/rss/1\.0/modules/content/?"), "content:"),
    (re.compile(r"https?://purl\.org/dc/elements/1\.1/?"), "dc:"),
)
_USUAL = {prefix.removesuffix(":"): prefix for _home, prefix in _HOMES}
_ANY_VERSION = re.compile(r"https?://wordpress\.org/export/(\d[\d.]*)/")
_DECLARED = re.compile(rb"""<\?xml[^>]*encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
# XML 1.0 allows no other control characters; WordPress writes them all the same.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_MARKUP = re.compile(r"<!\[CDATA\[|\]\]>|&([A-Za-z][A-Za-z0-9]*);")
_XML_ENTITIES = {"amp", "lt", "gt", "quot", "apos"}

# Far more than any website has: what an export may cost while it is read, however it was made.
LONGEST_LINE = 8 * 1024 * 1024  # characters
MOST_ENTRIES = 100_000  # posts, pages, images and authors
MOST_PARTS = 100_000  # elements of one entry, with those of its comments
LONGEST_ENTRY = 10_000_000  # characters
DEEPEST = 50


class Unreadable(Exception):
    """The file is no export that we can read; nothing was changed. The text says why."""


@dataclass(frozen=True)
class Element:
    """One element of the export: its name (`wp:post_id`), text and what lies in it."""

    name: str
    line: int
    attributes: dict[str, str] = field(default_factory=dict)
    pieces: list[str] = field(default_factory=list)
    children: list["Element"] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(self.pieces)

    def get(self, name: str) -> str:
        """The text of the first child of this name, without space around it."""
        return next((child.text.strip() for child in self.children if child.name == name), "")

    def all(self, name: str) -> list["Element"]:
        return [child for child in self.children if child.name == name]


@dataclass
class Export:
    """An export file. Iterating gives the elements of its channel, in their order.

    `doubts`: line and what was mended there so that it could be read; of the last reading.
    """

    path: Path
    doubts: list[tuple[int, str]] = field(default_factory=list)

    def __iter__(self) -> Iterator[Element]:
        """Raises Unreadable: at once for what is no export, otherwise where it breaks off."""
        self.doubts.clear()
        parser: Any = DefusedExpatParser(forbid_dtd=True)
        reader = _Reader(parser.getLineNumber)
        parser.setFeature(feature_namespaces, False)
        parser.setContentHandler(reader)
        try:
            left = MOST_ENTRIES
            for line in self._lines():
                parser.feed(line)
                done = reader.take()
                left -= len(done)
                if left < 0:
                    raise _too_large(_("more than %(n)d entries") % {"n": MOST_ENTRIES})
                yield from done
            parser.close()
        except DefusedXmlException as error:
            raise Unreadable(
                _("It declares a document type or entities, which a WordPress export never does.")
            ) from error
        except SAXParseException as error:
            raise Unreadable(
                _("Line %(line)d is not valid XML (%(why)s). Was it saved completely?")
                % {"line": error.getLineNumber() or 0, "why": error.getMessage()}
            ) from error
        if not reader.is_export:
            raise Unreadable(
                _("This is not a WordPress export.")
                if not reader.version
                else _(
                    "This is a WordPress export of version %(version)s; versions 1.0 to 1.9 "
                    "are supported."
                )
                % {"version": reader.version}
            )

    def _lines(self) -> Iterator[str]:
        """The lines of the file as text that XML allows."""
        with self.path.open("rb") as file:
            head = file.read(400)
            file.seek(0)
            yield from self._mended(self._decoded(file, head))

    def _decoded(self, file: BinaryIO, head: bytes) -> Iterator[str]:
        """Line by line: one that is not in the declared encoding is read as Windows-1252."""
        if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            with io.TextIOWrapper(file, "utf-16", "replace", newline="\n") as text_file:
                yield from _short(text_file)
            return
        declared = _DECLARED.search(head)
        name = declared[1].decode() if declared else "utf-8"
        try:
            b"  ".decode(name, "replace")
        except (LookupError, ValueError):
            raise Unreadable(
                _("The encoding “%(name)s” is not supported.") % {"name": name}
            ) from None
        for number, line in enumerate(_short(file), start=1):
            content = line.removeprefix(codecs.BOM_UTF8) if number == 1 else line
            try:
                text = content.decode(name)
            except ValueError:
                text = content.decode("cp1252", errors="replace")
                why = _("This line is not %(name)s; it was read as Windows-1252.")
                self.doubts.append((number, why % {"name": name}))
            yield text

    def _mended(self, lines: Iterable[str]) -> Iterator[str]:
        """Without characters that XML forbids, and with HTML's entities as their characters.
        Inside CDATA an ampersand is an ampersand."""
        inside = False

        def plain(found: re.Match[str]) -> str:
            nonlocal inside
            if found[1] is None:
                inside = found[0] != "]]>"
                return found[0]
            if inside or found[1] in _XML_ENTITIES:
                return found[0]
            return html5.get(f"{found[1]};", found[0])

        for number, line in enumerate(lines, start=1):
            text, removed = _FORBIDDEN.subn("", line)
            if removed:
                self.doubts.append((number, _("Invalid characters were removed.")))
            yield _MARKUP.sub(plain, text)


def _short(file: Any) -> Iterator[Any]:
    """The lines of an open file. Raises Unreadable for one that is too long."""
    while line := file.readline(LONGEST_LINE + 1):
        if len(line) > LONGEST_LINE:
            raise _too_large(_("a line of more than %(n)d characters") % {"n": LONGEST_LINE})
        yield line


def _too_large(what: str) -> Unreadable:
    return Unreadable(
        _("The export has %(what)s. Export posts and pages separately.") % {"what": what}
    )


class _Reader(ContentHandler):
    """Builds the elements of the channel, and hands each over when it is whole."""

    def __init__(self, line: Callable[[], int]) -> None:
        super().__init__()
        self._line = line
        self.is_export = False
        self.version = ""
        self._prefixes = dict(_USUAL)
        self._open: list[Element] = []
        self._done: list[Element] = []
        self._parts = self._length = 0  # of the entry that is being read

    def take(self) -> list[Element]:
        done, self._done = self._done, []
        return done

    def startElement(self, name: str, attributes: AttributesImpl) -> None:
        plain = {str(key): str(value) for key, value in attributes.items()}
        for key, home in plain.items():
            if key.startswith("xmlns:"):
                self._prefixes[key.removeprefix("xmlns:")] = self._prefix(home)
        own = self._name(name)
        self.is_export |= own.startswith("wp:")
        element = Element(own, self._line(), plain)
        self._parts += 1
        self._count(sum(map(len, plain.values())))
        if self._parts > MOST_PARTS or len(self._open) > DEEPEST:
            raise _too_large(_("an entry of too many parts"))
        if len(self._open) > 2:  # rss, channel and what the channel holds
            self._open[-1].children.append(element)
        self._open.append(element)

    def endElement(self, name: str) -> None:
        element = self._open.pop()
        if len(self._open) == 2:
            self._done.append(element)
            self._parts = self._length = 0

    def characters(self, content: str) -> None:
        if len(self._open) > 2:
            self._count(len(content))
            self._open[-1].pieces.append(content)

    def _count(self, characters: int) -> None:
        self._length += characters
        if self._length > LONGEST_ENTRY:
            raise _too_large(_("an entry of more than %(n)d characters") % {"n": LONGEST_ENTRY})

    def _prefix(self, home: str) -> str:
        """The prefix by which this module knows what is at home there."""
        for pattern, prefix in _HOMES:
            if pattern.fullmatch(home):
                return prefix
        if other := _ANY_VERSION.match(home):
            self.version = other[1]
        return "?:"

    def _name(self, name: str) -> str:
        prefix, colon, local = name.partition(":")
        return self._prefixes.get(prefix, "?:") + local if colon else name
