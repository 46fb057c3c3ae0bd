"""What the page store keeps: a whole answer, with the encodings that visitors ask for."""

import base64
import gzip
import hashlib
import re
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

import brotli

from clinic.lib.web.counting import HEADER as COUNT_HEADER
from clinic.lib.web.negotiation import matches, preferred_encodings

NAMES_HEADER = "X-Store"
UNTIL_HEADER = "X-Store-Until"
SMALLEST_COMPRESSED = 200  # bytes; below, an encoding saves less than its headers cost
ENTRY_OVERHEAD = 4096  # bytes: the headers, the key and the objects around a small body
COMPRESSIBLE = re.compile(
    r"text/|image/svg|application/(json|javascript|(.+\+)?xml|manifest\+json)"
)
ENCODINGS: tuple[str, ...] = ("identity", "br", "gzip")  # of text
DECLARATION = {NAMES_HEADER.lower(), UNTIL_HEADER.lower(), COUNT_HEADER.lower()}
# Made anew for each answer, or true only of the answer they came with.
REMADE_HEADERS = {"content-length", "etag", "vary", "date", "connection"}
# Of the content, so they have no place in an answer without it (RFC 9110, 15.4.5).
CONTENT_HEADERS = {"content-type", "content-language", "content-encoding", "content-length"}

# For whoever looks at a slow page in a browser (https://www.w3.org/TR/server-timing/).
HIT, MISS = ("Server-Timing", "store;desc=hit"), ("Server-Timing", "store;desc=miss")

Headers = list[tuple[str, str]]


@dataclass(frozen=True)
class Page:
    """A stored answer. `bodies` by content encoding: text is kept in Brotli alone, a fifth of
    itself, and in gzip once somebody asks for that. `digest` begins the ETags, `until` is in epoch
    seconds, `size` in bytes of memory, roughly: with room for both.
    `counts_as` is what it says of itself (clinic.lib.web.counting)."""

    status: str
    headers: Headers
    bodies: dict[str, bytes]
    encodings: tuple[str, ...]
    digest: str
    until: float | None
    size: int
    counts_as: str = ""

    def body(self, encoding: str) -> bytes:
        """The content in one of `encodings`."""
        if encoding in self.bodies:
            return self.bodies[encoding]
        plain = brotli.decompress(self.bodies["br"])
        if encoding == "gzip":  # two threads may both make it: it is the same
            self.bodies["gzip"] = gzip.compress(plain, compresslevel=6, mtime=0)
            return self.bodies["gzip"]
        return plain


class Shelf:
    """Pages by key, at most `max_bytes` of them; what was asked for longest ago goes first."""

    def __init__(self, max_bytes: int) -> None:
        self.max_bytes = max_bytes
        self.bytes = 0
        self._pages: OrderedDict[Any, Page] = OrderedDict()

    def __len__(self) -> int:
        return len(self._pages)

    def get(self, key: Any, now: float) -> Page | None:
        page = self._pages.get(key)
        if page is None:
            return None
        if page.until is not None and page.until <= now:
            self._remove(key)
            return None
        self._pages.move_to_end(key)
        return page

    def put(self, key: Any, page: Page) -> None:
        self._remove(key)
        self._pages[key] = page
        self.bytes += page.size
        while self.bytes > self.max_bytes:
            self._remove(next(iter(self._pages)))

    def clear(self) -> None:
        self._pages.clear()
        self.bytes = 0

    def _remove(self, key: Any) -> None:
        page = self._pages.pop(key, None)
        if page is not None:
            self.bytes -= page.size


def page_of(status: str, headers: Headers, content: bytes) -> Page:
    """The answer of an app, to be kept."""
    kept = [
        (name, value) for name, value in headers if name.lower() not in REMADE_HEADERS | DECLARATION
    ]
    found = {name.lower(): value for name, value in headers}
    if "cache-control" not in found:
        kept.append(("Cache-Control", "public, no-cache"))
    kept.append(("Vary", "Accept-Encoding"))
    encodings: tuple[str, ...] = ("identity",)
    bodies = {"identity": content}
    if len(content) >= SMALLEST_COMPRESSED and COMPRESSIBLE.match(found.get("content-type", "")):
        bodies, encodings = {"br": brotli.compress(content, quality=5)}, ENCODINGS
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()[:16]).decode().rstrip("=")
    until = found.get(UNTIL_HEADER.lower())
    return Page(
        status=status,
        headers=kept,
        bodies=bodies,
        encodings=encodings,
        digest=digest,
        until=None if until is None else float(until),
        size=ENTRY_OVERHEAD + len(encodings) * sum(map(len, bodies.values())),
        counts_as=found.get(COUNT_HEADER.lower(), ""),
    )


def answer(
    page: Page,
    environ: WSGIEnvironment,
    start_response: StartResponse,
    timing: tuple[str, str],
) -> Iterable[bytes]:
    """Answer a request with a stored page, or with 304 if its sender has it. `timing`: a header."""
    accepted = preferred_encodings(environ.get("HTTP_ACCEPT_ENCODING", ""))
    # Nothing that we have is accepted: the plain text is more use than a 406 (RFC 9110, 12.5.3).
    encoding = next((name for name in accepted if name in page.encodings), "identity")
    etag = f'"{page.digest}-{encoding}"'
    known = environ.get("HTTP_IF_NONE_MATCH", "")
    if page.status.startswith("200 ") and matches(known, etag):
        headers = [pair for pair in page.headers if pair[0].lower() not in CONTENT_HEADERS]
        start_response("304 Not Modified", [*headers, ("ETag", etag), timing])
        return []
    body = page.body(encoding)
    headers = [*page.headers, ("ETag", etag), timing, ("Content-Length", str(len(body)))]
    if encoding != "identity":
        headers.append(("Content-Encoding", encoding))
    start_response(page.status, headers)
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]
