"""Page store: WSGI middleware that answers public pages from memory, without entering Django.

A view tells the store what it may do by `declare`; a response that says nothing is never stored.
What is stored belongs to one content version: when `version()` answers something else, everything
goes. Cookies of the visitor are ignored, so a view that declares must show everybody the same.

Sources of the rules: RFC 9110 (conditional requests, content negotiation) and RFC 9111 (caching).
"""

import base64
import gzip
import hashlib
import logging
import re
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from threading import Lock
from typing import Any, TypeVar
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import brotli
from django.http.response import HttpResponseBase

from clinic.lib.web.negotiation import (
    declared_pairs,
    domain_of,
    host_is_allowed,
    matches,
    preferred_encodings,
)

logger = logging.getLogger(__name__)

NAMES_HEADER = "X-Store"
UNTIL_HEADER = "X-Store-Until"
STORED_STATUSES = {200, 301, 404, 410}
READ_VERSION_EVERY = 1.0  # seconds
LARGEST_BODY = 2 * 1024 * 1024  # bytes; larger ones pass through
SMALLEST_COMPRESSED = 200  # bytes; below, an encoding saves less than its headers cost
MOST_PATHS = 20_000  # whose query names are remembered
ENTRY_OVERHEAD = 4096  # bytes: the headers, the key and the objects around a small body
LONGEST_ADDRESS = 2048  # characters of path and query; longer ones are nobody's
COMPRESSIBLE = re.compile(
    r"text/|image/svg|application/(json|javascript|(.+\+)?xml|manifest\+json)"
)
COMPRESS: dict[str, Callable[[bytes], bytes]] = {
    "br": lambda content: brotli.compress(content, quality=5),
    "gzip": lambda content: gzip.compress(content, compresslevel=6, mtime=0),
}
DECLARATION = {NAMES_HEADER.lower(), UNTIL_HEADER.lower()}
# Made anew for each answer, or true only of the answer they came with.
REMADE_HEADERS = {"content-length", "etag", "vary", "date", "connection"}
# Of the content, so they have no place in an answer without it (RFC 9110, 15.4.5).
CONTENT_HEADERS = {"content-type", "content-language", "content-encoding", "content-length"}

# For whoever looks at a slow page in a browser (https://www.w3.org/TR/server-timing/).
HIT, MISS = ("Server-Timing", "store;desc=hit"), ("Server-Timing", "store;desc=miss")

Headers = list[tuple[str, str]]
Place = tuple[str, str, str]  # scheme, host, path
Response = TypeVar("Response", bound=HttpResponseBase)


def declare(response: Response, *names: str, until: datetime | None = None) -> Response:
    """Let the store keep this response; returns it.

    `names` are the query names that change the page, all others are ignored. `until` is the
    moment (aware) from which the page would look different although nobody changes anything.
    """
    response.headers[NAMES_HEADER] = " ".join(names)
    if until is not None:
        response.headers[UNTIL_HEADER] = str(until.timestamp())
    return response


@dataclass(frozen=True)
class Page:
    """A stored answer. `bodies` by content encoding; each is made when the first visitor asks for
    it. `digest` begins their ETags. `until` in epoch seconds, `size` in bytes of memory, roughly:
    with room for every body."""

    status: str
    headers: Headers
    bodies: dict[str, bytes]
    encodings: tuple[str, ...]
    digest: str
    until: float | None
    size: int

    def body(self, encoding: str) -> bytes:
        """The content in one of `encodings`. Two threads may both make it: it is the same."""
        if encoding not in self.bodies:
            self.bodies[encoding] = COMPRESS[encoding](self.bodies["identity"])
        return self.bodies[encoding]


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


class PageStore:
    """WSGI middleware. The app must call `start_response` before it returns, as Django does.

    version() names the state of everything public; it is asked at most once a second, and None
    means: store and serve nothing. `allowed_hosts` are patterns as in ALLOWED_HOSTS,
    `proxy_header` is SECURE_PROXY_SSL_HEADER. Errors, redirects of old addresses and pages that
    do not exist share an eighth of `max_bytes`, so that a vulnerability scan evicts no real page.
    """

    def __init__(
        self,
        app: WSGIApplication,
        *,
        version: Callable[[], str | None],
        allowed_hosts: Sequence[str],
        proxy_header: tuple[str, str] | None = None,
        max_bytes: int = 64 * 1024 * 1024,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.app = app
        self.allowed_hosts = allowed_hosts
        self.proxy_header = proxy_header
        self.pages = Shelf(max_bytes - max_bytes // 8)
        self.absences = Shelf(max_bytes // 8)
        self._names: dict[Place, tuple[str, ...]] = {}
        self._read_version = version
        self._version: str | None = None
        self._read_again_at = float("-inf")
        self._clock = clock
        self._monotonic = monotonic
        self._version_lock = Lock()
        self._lock = Lock()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        place = self._place(environ)
        version = self._current_version() if place else None
        if place is None or version is None:
            return self.app(environ, _without_declaration(start_response))
        query = environ.get("QUERY_STRING", "")
        page = self._find(place, query)
        if page is not None:
            return _answer(page, environ, start_response, HIT)
        return self._ask(place, query, version, environ, start_response)

    def _ask(
        self,
        place: Place,
        query: str,
        version: str,
        environ: WSGIEnvironment,
        start_response: StartResponse,
    ) -> Iterable[bytes]:
        """Let the app answer; keep the answer if it says so and may be kept, else hand it on."""
        held: list[tuple[str, Headers]] = []
        chunks: list[bytes] = []

        def begin(status: str, headers: Headers, exc_info: Any = None) -> Callable[[bytes], object]:
            held.clear()
            if exc_info is None and _is_storable(status, headers, environ):
                held.append((status, headers))
                return chunks.append
            return _without_declaration(start_response)(status, headers, exc_info)

        # A HEAD is asked as a GET, so that the page is there for the next visitor.
        body = self.app({**environ, "REQUEST_METHOD": "GET"}, begin)
        close = getattr(body, "close", None)
        if not held and environ["REQUEST_METHOD"] == "GET":
            return body
        try:
            content = b"".join(chain(chunks, body)) if held else b""
        finally:
            if close is not None:
                close()
        if not held:
            return []
        status, headers = held[0]
        page = _page(status, headers, content)
        self._keep(place, query, version, _declared_names(headers), page)
        return _answer(page, environ, start_response, MISS)

    def _place(self, environ: WSGIEnvironment) -> Place | None:
        """Where a request goes, None if it is none for the store."""
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD") or "HTTP_AUTHORIZATION" in environ:
            return None
        if environ.get("SCRIPT_NAME"):
            return None  # its links lead elsewhere
        host = environ.get("HTTP_HOST", "").lower()
        if not host_is_allowed(host, self.allowed_hosts):
            return None
        scheme = environ["wsgi.url_scheme"]
        if self.proxy_header and self.proxy_header[0] in environ:
            sent = environ[self.proxy_header[0]].split(",", 1)[0].strip()
            scheme = "https" if sent == self.proxy_header[1] else "http"
        # Without the port: a visitor may name any, and no stored page says it.
        return scheme, domain_of(host), environ.get("PATH_INFO", "")

    def _current_version(self) -> str | None:
        if self._monotonic() < self._read_again_at:
            return self._version
        with self._version_lock:
            now = self._monotonic()
            if now >= self._read_again_at:
                version = self._read_version()
                if version != self._version:
                    self._clear(version)
                self._read_again_at = now + READ_VERSION_EVERY
            return self._version

    def _clear(self, version: str | None) -> None:
        with self._lock:
            self._version = version
            self.pages.clear()
            self.absences.clear()
            self._names.clear()

    def _find(self, place: Place, query: str) -> Page | None:
        now = self._clock()
        with self._lock:
            names = self._names.get(place)
            if names is not None:
                pairs = declared_pairs(query, names)
                if pairs is not None and (page := self.pages.get((place, pairs), now)):
                    return page
            return self.absences.get((place, query), now)

    def _keep(
        self, place: Place, query: str, version: str, names: tuple[str, ...], page: Page
    ) -> None:
        if page.until is not None and page.until <= self._clock():
            return
        if len(place[2]) + len(query) > LONGEST_ADDRESS:
            return
        with self._lock:
            if version != self._version:
                return
            if not page.status.startswith("200 "):
                # ?page=99 may be missing where ?page=2 is not: the whole query counts, and nothing
                # is learnt from it about the path.
                self.absences.put((place, query), page)
                return
            names = tuple(sorted({*names, *self._names.get(place, ())}))
            pairs = declared_pairs(query, names)
            if pairs is None:
                return
            self._names[place] = names
            if len(self._names) > MOST_PATHS:
                del self._names[next(iter(self._names))]
            self.pages.put((place, pairs), page)


def _declared_names(headers: Headers) -> tuple[str, ...]:
    return tuple(dict(headers).get(NAMES_HEADER, "").split())


def _is_storable(status: str, headers: Headers, environ: WSGIEnvironment) -> bool:
    found = {name.lower(): value for name, value in headers}
    if NAMES_HEADER.lower() not in found or int(status[:3]) not in STORED_STATUSES:
        return False
    if "set-cookie" in found or "content-encoding" in found:
        return False
    # Without a length it is a stream.
    if not 0 <= int(found.get("content-length", -1)) <= LARGEST_BODY:
        return False
    if found.get("vary", "accept-encoding").lower() != "accept-encoding":
        logger.warning("%s varies by %s: not stored", environ.get("PATH_INFO"), found["vary"])
        return False
    cache_control = found.get("cache-control", "")
    return "no-store" not in cache_control and "private" not in cache_control


def _page(status: str, headers: Headers, content: bytes) -> Page:
    kept = [
        (name, value) for name, value in headers if name.lower() not in REMADE_HEADERS | DECLARATION
    ]
    found = {name.lower(): value for name, value in headers}
    if "cache-control" not in found:
        kept.append(("Cache-Control", "public, no-cache"))
    kept.append(("Vary", "Accept-Encoding"))
    encodings: tuple[str, ...] = ("identity",)
    if len(content) >= SMALLEST_COMPRESSED and COMPRESSIBLE.match(found.get("content-type", "")):
        encodings = ("identity", *COMPRESS)
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()[:16]).decode().rstrip("=")
    until = found.get(UNTIL_HEADER.lower())
    return Page(
        status=status,
        headers=kept,
        bodies={"identity": content},
        encodings=encodings,
        digest=digest,
        until=None if until is None else float(until),
        # Text becomes a quarter or less of itself.
        size=ENTRY_OVERHEAD + len(content) + (len(encodings) - 1) * len(content) // 4,
    )


def _answer(
    page: Page,
    environ: WSGIEnvironment,
    start_response: StartResponse,
    timing: tuple[str, str],
) -> Iterable[bytes]:
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


def _without_declaration(start_response: StartResponse) -> StartResponse:
    """The same `start_response`, minus the headers that are for the store alone."""

    def start(status: str, headers: Headers, exc_info: Any = None) -> Callable[[bytes], object]:
        kept = [pair for pair in headers if pair[0].lower() not in DECLARATION]
        return start_response(status, kept, exc_info) if exc_info else start_response(status, kept)

    return start
