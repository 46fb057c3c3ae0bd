"""Page store: WSGI middleware that answers public pages from memory, without entering Django.

A view tells the store what it may do by `declare`; a response that says nothing is never stored.
What is stored belongs to one content version: when `version()` answers something else, everything
goes. Cookies of the visitor are ignored, so a view that declares must show everybody the same.

Sources of the rules: RFC 9110 (conditional requests, content negotiation) and RFC 9111 (caching).
"""

import logging
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from itertools import chain
from threading import Event, Lock
from typing import Any, TypeVar
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment
from wsgiref.util import setup_testing_defaults

from django.http.response import HttpResponseBase

from clinic.lib.web.counting import HEADER as COUNT_HEADER
from clinic.lib.web.negotiation import (
    declared_pairs,
    domain_of,
    host_is_allowed,
)
from clinic.lib.web.stored_page import (
    DECLARATION,
    HIT,
    MISS,
    NAMES_HEADER,
    UNTIL_HEADER,
    Headers,
    Page,
    Shelf,
    answer,
    page_of,
)

logger = logging.getLogger(__name__)

STORED_STATUSES = {200, 301, 404, 410}
READ_VERSION_EVERY = 1.0  # seconds
LARGEST_BODY = 2 * 1024 * 1024  # bytes; larger ones pass through
MOST_PATHS = 20_000  # whose query names are remembered
WARMED = 100  # pages
LONGEST_WAIT = 1.0  # seconds for a page that another thread makes
MOST_WAITS = 3  # a change may come while it is made, and then nobody has it
LONGEST_ADDRESS = 2048  # characters of path and query; longer ones are nobody's
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


class PageStore:
    """WSGI middleware. The app must call `start_response` before it returns, as Django does.

    version() names the state of everything public; it is asked at most once a second, and None
    means: store and serve nothing. `allowed_hosts` are patterns as in ALLOWED_HOSTS,
    `proxy_header` is SECURE_PROXY_SSL_HEADER. Errors, redirects of old addresses and pages that
    do not exist share an eighth of `max_bytes`, so that a vulnerability scan evicts no real page.
    `count(what, environ)` is told of every answer that says what it counts as, stored or not.
    """

    def __init__(
        self,
        app: WSGIApplication,
        *,
        version: Callable[[], str | None],
        allowed_hosts: Sequence[str],
        proxy_header: tuple[str, str] | None = None,
        max_bytes: int = 64 * 1024 * 1024,
        count: Callable[[str, WSGIEnvironment], None] | None = None,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.app = app
        self.allowed_hosts = allowed_hosts
        self.proxy_header = proxy_header
        self.pages = Shelf(max_bytes - max_bytes // 8)
        self.absences = Shelf(max_bytes // 8)
        self._count = count
        # The names outlive a version, as they belong to the views.
        self._names: dict[Place, tuple[str, ...]] = {}
        self._making: dict[tuple[Place, str], Event] = {}
        self._reads: Counter[Place] = Counter()
        self._read_before: list[Place] = []
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
            return self.app(environ, self._passing(environ, start_response))
        query = environ.get("QUERY_STRING", "")
        page = self._find(place, query)
        # A page that was stored before is made by one thread, and the others wait for it.
        for _ in range(MOST_WAITS if page is None and place in self._names else 0):
            made = self._begin(place, query)
            if made is None:
                try:
                    return self._ask(place, query, version, environ, start_response)
                finally:
                    self._end(place, query)
            made.wait(LONGEST_WAIT)
            version = self._current_version() or version  # a second may have passed
            page = self._find(place, query)
            if page is not None:
                break
        if page is None:
            return self._ask(place, query, version, environ, start_response)
        if not query:
            self._reads[place] += 1
        if page.counts_as and self._count:
            self._count(page.counts_as, environ)
        return answer(page, environ, start_response, HIT)

    def next_to_warm(self) -> Place | None:
        """Of the WARMED pages that were read most before the last change, the next that nobody has
        asked for since; each once. Pages with a query are not among them: few ask for the same."""
        self._current_version()
        with self._lock:
            while self._read_before:
                place = self._read_before.pop(0)
                pairs = declared_pairs("", self._names.get(place, ()))
                if not self.pages.get((place, pairs), self._clock()):
                    return place
        return None

    def warm(self, place: Place) -> None:
        """Make a page, as its next visitor would."""
        scheme, host, path = place
        environ: WSGIEnvironment = {"HTTP_HOST": host, "PATH_INFO": path}
        if self.proxy_header and scheme == "https":
            environ |= {self.proxy_header[0]: self.proxy_header[1]}
        environ["wsgi.url_scheme"] = scheme
        setup_testing_defaults(environ)  # what a server adds
        body = self(environ, lambda status, headers, exc_info=None: lambda _: None)
        getattr(body, "close", lambda: None)()

    def _begin(self, place: Place, query: str) -> Event | None:
        """Take on a page; what to wait for if another thread has."""
        with self._lock:
            if made := self._making.get((place, query)):
                return made
            self._making[place, query] = Event()
            return None

    def _end(self, place: Place, query: str) -> None:
        with self._lock:
            self._making.pop((place, query)).set()

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
            return self._passing(environ, start_response)(status, headers, exc_info)

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
        page = page_of(status, headers, content)
        self._keep(place, query, version, _declared_names(headers), page)
        if page.counts_as and self._count:
            self._count(page.counts_as, environ)
        return answer(page, environ, start_response, MISS)

    def _passing(self, environ: WSGIEnvironment, start_response: StartResponse) -> StartResponse:
        """The same `start_response`, minus the headers that are for the store alone."""

        def start(status: str, headers: Headers, exc_info: Any = None) -> Callable[[bytes], object]:
            kept = [pair for pair in headers if pair[0].lower() not in DECLARATION]
            if self._count and len(kept) < len(headers):
                for what in (value for name, value in headers if name == COUNT_HEADER):
                    self._count(what, environ)
            return (
                start_response(status, kept, exc_info) if exc_info else start_response(status, kept)
            )

        return start

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
            reads, self._reads = self._reads, Counter()
            self._read_before = [place for place, _ in reads.most_common(WARMED)]
            # What was read before counts half: old news goes, a quiet minute changes little.
            self._reads.update({place: n // 2 for place, n in reads.items() if n > 1})

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
