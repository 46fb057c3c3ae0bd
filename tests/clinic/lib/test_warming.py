"""After a change: one thread makes a page, what is read most is made before anybody asks, and no
reader goes back in time."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from clinic.lib.web import pagestore
from clinic.lib.web.warming import Warmer
from tests.clinic.stored_site import Site


@pytest.fixture
def site() -> Site:
    return Site()


def change(site: Site, body: bytes) -> None:
    site.body, site.version = body, site.version + "1"
    site.ticks += 1


# -- one thread makes a page ----------------------------------------------------------------------


@pytest.fixture
def waiting(monkeypatch: pytest.MonkeyPatch) -> threading.Semaphore:
    """Is released each time that a thread begins to wait for a page."""
    waits = threading.Semaphore(0)

    class Watched(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            waits.release()
            return super().wait(60)

    monkeypatch.setattr(pagestore, "Event", Watched)
    return waits


def test_several_who_ask_for_one_page_wait_for_one(site: Site, waiting: threading.Semaphore):
    site.get("/article/")
    change(site, b"second edition")
    begun, go_on = threading.Event(), threading.Event()
    app = site.store.app

    def slow(environ: Any, start_response: Any) -> Any:
        begun.set()
        assert go_on.wait(60)
        return app(environ, start_response)

    site.store.app = slow
    with ThreadPoolExecutor(5) as pool:
        first = pool.submit(site.get, "/article/")
        assert begun.wait(60)
        others = [pool.submit(site.get, "/article/") for _ in range(4)]
        for _ in others:
            assert waiting.acquire(timeout=60)
        go_on.set()
        answers = [one.result(60) for one in (first, *others)]
    assert [answer.body for answer in answers] == [b"second edition"] * 5
    assert len(site.calls) == 2  # one for each edition


def test_nobody_waits_for_what_was_never_stored(site: Site, waiting: threading.Semaphore):
    site.headers["X-Store"] = None
    barrier = threading.Barrier(3)
    app = site.store.app

    def together(environ: Any, start_response: Any) -> Any:
        barrier.wait(60)  # breaks unless all three are here at once
        return app(environ, start_response)

    site.store.app = together
    with ThreadPoolExecutor(3) as pool:
        asked = [pool.submit(site.get, "/book/") for _ in range(3)]
        assert {one.result(60).status for one in asked} == {200}
    assert not waiting.acquire(blocking=False)


def test_a_page_that_fails_is_asked_for_again(site: Site):
    site.get("/article/")
    change(site, b"second edition")
    app = site.store.app

    def fails(environ: Any, start_response: Any) -> Any:
        raise RuntimeError("No luck.")

    site.store.app = fails
    with pytest.raises(RuntimeError):
        site.get("/article/")
    site.store.app = app
    assert site.get("/article/").body == b"second edition"


# -- warm again ------------------------------------------------------------------------------------


def test_what_is_read_most_is_made_again_first(site: Site):
    asked: list[str] = []
    app = site.store.app

    def noted(environ: Any, start_response: Any) -> Any:
        asked.append(environ["PATH_INFO"])
        return app(environ, start_response)

    for path, times in {"/seldom/": 2, "/often/": 5, "/once/": 1}.items():
        for _ in range(times):
            site.get(path)
    for _ in range(9):
        site.get("/search/", "q=knee")
    warmer = Warmer(site.store)
    assert warmer.look() == 0
    change(site, b"second edition")
    site.store.app = noted
    assert warmer.look() == 2
    assert asked == ["/often/", "/seldom/"]
    assert site.get("/often/").headers["Server-Timing"] == "store;desc=hit"
    assert site.get("/often/").body == b"second edition"
    assert warmer.look() == 0


def test_a_withdrawn_page_is_not_warmed_twice_and_never_served_from_before(site: Site):
    for _ in range(3):
        site.get("/article/")
    site.status = "410 Gone"
    change(site, b"withdrawn")
    warmer = Warmer(site.store)
    assert (warmer.look(), warmer.look()) == (1, 0)
    assert (site.get("/article/").status, site.get("/article/").body) == (410, b"withdrawn")


def test_the_page_of_a_site_behind_a_proxy_is_the_one_that_is_warmed():
    site = Site(proxy_header=("HTTP_X_FORWARDED_PROTO", "https"))
    proxied = {"host": "www.clinic.example", "HTTP_X_FORWARDED_PROTO": "https"}
    for _ in range(3):
        site.get("/article/", **proxied)
    change(site, b"second edition")
    assert Warmer(site.store).look() == 1
    assert site.get("/article/", **proxied).headers["Server-Timing"] == "store;desc=hit"


# -- while an editor publishes ---------------------------------------------------------------------


def test_no_reader_goes_back_in_time_while_editions_are_published():
    """Two processes, eight readers, thirty editions. A second passes with each edition, so what a
    process shows may be older by one than what another has shown, and is never a mixture."""
    processes = [Site(), Site()]
    published = [0]
    wrong: list[str] = []
    done = threading.Event()

    def app(environ: Any, start_response: Any) -> list[bytes]:
        begun = published[0]
        start_response("200 OK", [("X-Store", ""), ("Content-Type", "text/html")])
        return [b"%d " % begun] * 50

    for site in processes:
        site.store.app = app
        site.read_version = lambda: str(published[0])  # type: ignore[method-assign]
        site.store._read_version = site.read_version

    def read(number: int) -> int:
        site, newest, pages = processes[number % 2], 0, 0
        while not done.is_set() or not pages:
            oldest = published[0] - 1  # a second ago
            seen = site.get("/article/").body.split()
            if len(set(seen)) != 1 or len(seen) != 50:
                wrong.append(f"a mixture: {set(seen)}")
            edition, newest, pages = int(seen[0]), max(newest, int(seen[0])), pages + 1
            if edition < newest or edition < oldest:
                wrong.append(f"edition {edition} after {newest}, {oldest} was due")
        return pages

    with ThreadPoolExecutor(8) as pool:
        readers = [pool.submit(read, number) for number in range(8)]
        for _ in range(30):
            published[0] += 1
            for site in processes:
                site.ticks += 1
                Warmer(site.store).look()
        done.set()
        assert min(reader.result(60) for reader in readers) > 0
    assert wrong == []
    assert {site.get("/article/").body.split()[0] for site in processes} == {b"30"}
