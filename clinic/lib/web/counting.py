"""What is read and done on public pages: numbers in memory, handed on every half minute.

Nothing is kept of who asks, and no query or time of day. A response names what it counts as
(`count_as`), so an address that no view named, such as a private link, is never counted.

Counted is what a person is shown: an answer to a browser, also one that says that the page has not
changed (304: the reader opened it again). Not counted are

- HEAD requests, whose answers nobody sees;
- pages fetched before anybody asked for them (prefetch, prerender) and pages fetched for a frame
  or a script. A page that was prefetched and then read is therefore missed: the browser does not
  ask again;
- robots: whoever does not say “Mozilla/5.0 (” first, as all browsers do, or has one of ROBOT in
  their name, as robots that can be addressed do. A robot that poses as a browser is counted.
"""

import logging
import re
from collections import Counter, deque
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache
from threading import Event, Lock, Thread
from typing import TypeVar
from wsgiref.types import WSGIEnvironment

from django.db import Error
from django.http.response import HttpResponseBase
from django.utils import timezone

logger = logging.getLogger(__name__)

HEADER = "X-Count"
WRITTEN_EVERY = 30.0  # seconds
BROWSER = "Mozilla/5.0 ("
LONGEST_AGENT = 500  # characters
ROBOT = re.compile(
    r"(?<!cu)bot|crawl|spider|slurp|https?:|headless|lighthouse|preview|monitor|fetch|scan|archive"
    r"|inspect|compatible;|google(?:other|-)|phantom|selenium|python|java/|curl|wget",
    re.IGNORECASE,  # CUBOT makes phones
)

Response = TypeVar("Response", bound=HttpResponseBase)


def count_as(response: Response, what: str, path: str = "") -> Response:
    """Let a response count as one of `what` (a word) at this path when a person gets it."""
    response.headers[HEADER] = f"{what} {path}".rstrip()
    return response


@lru_cache(maxsize=256)
def is_browser(agent: str) -> bool:
    """Whether a User-Agent header names a browser, and no robot."""
    return agent.startswith(BROWSER) and len(agent) <= LONGEST_AGENT and not ROBOT.search(agent)


class Tally:
    """Numbers of one process. `write(numbers, since)` takes them over: what was counted, how often,
    and the moment of the first of them.

    A thread that the first answer starts calls it after `every` seconds, and again as long after
    it failed. `close` hands over what is left. Killed, a process loses at most what it counted in
    the last `every` seconds.
    """

    def __init__(
        self,
        write: Callable[[Mapping[str, int], datetime], None],
        *,
        now: Callable[[], datetime] = timezone.now,
        every: float = WRITTEN_EVERY,
    ) -> None:
        self._write = write
        self._now = now
        self._every = every
        self.begin_anew()

    def begin_anew(self) -> None:
        """Forget everything: for a process that was forked, whose numbers are its parent's."""
        self._seen: deque[str] = deque()  # append and popleft need no lock
        self._unwritten: Counter[str] = Counter()
        self._since: datetime | None = None
        self._starting = Lock()
        self._writing = Lock()
        self._closing = Event()

    def see(self, what: str, environ: WSGIEnvironment) -> None:
        """Count an answer, if a person gets it."""
        if (
            environ["REQUEST_METHOD"] != "HEAD"
            and is_browser(environ.get("HTTP_USER_AGENT", ""))
            and environ.get("HTTP_SEC_FETCH_DEST", "document") == "document"
            and "HTTP_SEC_PURPOSE" not in environ
            and "HTTP_PURPOSE" not in environ
            and "HTTP_X_MOZ" not in environ
        ):
            self._seen.append(what)
            if self._since is None:
                self._begin()

    def hand_over(self) -> None:
        """Have everything written that was counted until now."""
        with self._writing:
            since, self._since = self._since, None
            # Who counts after this line begins anew; what was counted before it is taken here.
            while self._seen:
                self._unwritten[self._seen.popleft()] += 1
            if not self._unwritten:
                return
            try:
                self._write(self._unwritten, since or self._now())
            except Error as error:
                logger.warning("What was read is not stored yet: %s", type(error).__name__)
                self._begin()
            else:
                self._unwritten = Counter()

    def close(self) -> None:
        """Hand over what is left, when the process ends."""
        self._closing.set()
        self.hand_over()

    def _begin(self) -> None:
        with self._starting:
            if self._since is None:
                self._since = self._now()
                Thread(target=self._wait_and_hand_over, name="counting", daemon=True).start()

    def _wait_and_hand_over(self) -> None:
        if not self._closing.wait(self._every):
            self.hand_over()
