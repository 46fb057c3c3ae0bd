"""What counts as read, and that no number is lost or counted twice."""

import threading
from collections import Counter
from datetime import UTC, datetime

import pytest
from django.db import OperationalError

from clinic.lib.web.counting import Tally, is_browser
from tests.clinic.stored_site import Site

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
BROWSERS = [
    FIREFOX,
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
    "Gecko) Version/18.5 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/137.0.0.0 Safari/537.36 Edg/137.0.0.0",
    "Mozilla/5.0 (Linux; Android 10; CUBOT X30) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/120.0.0.0 Mobile Safari/537.36",
]
ROBOTS = [
    "",
    "curl/8.5.0",
    "python-requests/2.32",
    "WhatsApp/2.23.20.0",
    "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; bingbot/2.0; "
    "+http://www.bing.com/bingbot.htm) Chrome/116.0.1938.76 Safari/537.36",
    "Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X Build/MMB29P) AppleWebKit/537.36 (KHTML, like "
    "Gecko) Chrome/125.0 Mobile Safari/537.36 (compatible; GoogleOther)",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) "
    "HeadlessChrome/125.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Linux; Android 11; moto g power) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/119.0.0.0 Mobile Safari/537.36 Chrome-Lighthouse",
    "Mozilla/5.0 (Macintosh) AppleWebKit/605.1.15 (Applebot/0.1; +http://www.apple.com/go/applebot)",
    "Mozilla/5.0 (" + "x" * 600,
]
AT = datetime(2027, 3, 10, 15, 30, tzinfo=UTC)


@pytest.mark.parametrize("agent", BROWSERS)
def test_browsers_are_people(agent: str):
    assert is_browser(agent)


@pytest.mark.parametrize("agent", ROBOTS)
def test_robots_are_not(agent: str):
    assert not is_browser(agent)


class Counted:
    """A site that counts, and what was written of it."""

    def __init__(self) -> None:
        self.written: Counter[str] = Counter()
        self.failures = 0
        self.tally = Tally(self.write, now=lambda: AT, every=3600)
        self.site = Site(count=self.tally.see)
        self.site.headers["X-Count"] = "view /"

    def write(self, numbers, since):
        assert since == AT
        if self.failures:
            self.failures -= 1
            raise OperationalError("locked")
        self.written.update(numbers)

    def get(self, **environ):
        return self.site.get(**{"HTTP_USER_AGENT": FIREFOX, **environ})

    def count(self) -> dict[str, int]:
        self.tally.hand_over()
        return dict(self.written)


@pytest.fixture
def counted():
    """No thread of its own writes before the test has ended."""
    made = Counted()
    yield made
    made.tally.close()


def test_each_answer_to_a_person_counts_once_stored_or_not(counted):
    for _ in range(3):
        assert "X-Count" not in counted.get().headers
    assert len(counted.site.calls) == 1
    assert counted.count() == {"view /": 3}
    counted.site.headers["X-Store"] = None  # a form, as the booking form is
    counted.get(path="/form/")
    assert "X-Count" not in counted.get(path="/form/").headers
    assert counted.count() == {"view /": 5}


def test_a_page_that_has_not_changed_was_read_again(counted):
    etag = counted.get().headers["ETag"]
    assert counted.get(HTTP_IF_NONE_MATCH=etag).status == 304
    assert counted.count() == {"view /": 2}


@pytest.mark.parametrize(
    "unseen",
    [
        {"method": "HEAD"},
        {"HTTP_SEC_PURPOSE": "prefetch;prerender"},
        {"HTTP_PURPOSE": "prefetch"},
        {"HTTP_X_MOZ": "prefetch"},
        {"HTTP_SEC_FETCH_DEST": "iframe"},
        {"HTTP_USER_AGENT": "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)"},
    ],
)
def test_what_nobody_sees_does_not_count(counted, unseen):
    counted.get(**unseen)  # made
    counted.get(**unseen)  # stored
    counted.site.headers["X-Store"] = None
    counted.get(path="/form/", **unseen)
    assert counted.count() == {}


def test_what_names_nothing_does_not_count(counted):
    """A private link, a missing page, a file."""
    counted.site.headers["X-Count"] = None
    counted.get(path="/book/r/CanaryOfALink/")
    assert counted.count() == {}


def test_many_threads_lose_nothing_while_it_is_written(counted):
    barrier = threading.Barrier(5)

    def visit():
        barrier.wait()
        for _ in range(200):
            counted.get()

    threads = [threading.Thread(target=visit) for _ in range(4)]
    for thread in threads:
        thread.start()
    barrier.wait()
    while any(thread.is_alive() for thread in threads):
        counted.tally.hand_over()
    assert counted.count() == {"view /": 800}


def test_what_could_not_be_written_is_written_later_and_once(counted, caplog):
    counted.failures = 1
    counted.get()
    assert counted.count() == {}
    assert "OperationalError" in caplog.text
    counted.get()
    assert counted.count() == {"view /": 2}
    assert counted.count() == {"view /": 2}


def test_a_thread_writes_by_itself_and_the_end_writes_the_rest():
    written: list[dict[str, int]] = []
    done = threading.Event()

    def write(numbers, since):
        written.append(dict(numbers))
        done.set()

    environ = {"REQUEST_METHOD": "GET", "HTTP_USER_AGENT": FIREFOX}
    tally = Tally(write, now=lambda: AT, every=0)
    tally.see("view /", environ)
    assert done.wait(60)
    tally._every = 3600
    tally.see("search", environ)
    tally.close()
    assert written == [{"view /": 1}, {"search": 1}]


def test_a_forked_process_does_not_write_the_numbers_of_its_parent(counted):
    counted.get()
    counted.tally.begin_anew()
    assert counted.count() == {}
