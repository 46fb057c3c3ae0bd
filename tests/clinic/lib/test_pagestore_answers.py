"""The page store: how long a page is good for, what memory it takes, in which form it goes out."""

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.lib.web.negotiation import declared_pairs, host_is_allowed, matches, preferred_encodings
from tests.clinic.stored_site import PAGE, Site


@pytest.fixture
def site():
    return Site()


# -- currency ----------------------------------------------------------------------------------


def test_a_new_version_is_followed_within_a_second(site):
    site.get()
    site.version, site.ticks = "2", 0.9
    site.get()
    assert len(site.calls) == 1
    site.ticks = 1.0
    site.get()
    assert len(site.calls) == 2
    assert site.reads == 2


def test_the_version_is_read_once_a_second(site):
    for _ in range(50):
        site.get()
    assert site.reads == 1


def test_many_threads_read_the_version_once(site):
    barrier = threading.Barrier(8)

    def visit():
        barrier.wait()
        site.get()

    threads = [threading.Thread(target=visit) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert site.reads == 1


def test_without_a_version_nothing_is_stored_or_served(site):
    site.get()
    site.version, site.ticks = None, 1.0
    answer = site.get()
    site.get()
    assert len(site.calls) == 3
    assert "X-Store" not in answer.headers
    site.version, site.ticks = "1", 2.0
    site.get()
    assert len(site.calls) == 4


def test_a_page_made_while_the_version_changed_is_not_kept(site):
    app = site.app

    def slow(environ, start_response):
        site.version, site.ticks = "2", site.ticks + 1
        site.get("/other/")
        return app(environ, start_response)

    site.store.app = lambda e, s: slow(e, s) if e["PATH_INFO"] == "/slow/" else app(e, s)
    assert site.get("/slow/").body == PAGE
    site.store.app = app
    calls = len(site.calls)
    site.get("/slow/")
    assert len(site.calls) == calls + 1


def test_a_page_ends_at_its_moment(site):
    site.headers["X-Store-Until"] = "1060"
    site.get()
    site.now = 1_059.9
    site.get()
    assert len(site.calls) == 1
    site.now = 1_060.0
    assert "X-Store-Until" not in site.get().headers
    assert len(site.calls) == 2
    site.get()
    assert len(site.calls) == 3, "its moment has passed: not stored"


# -- memory ------------------------------------------------------------------------------------


def test_memory_is_bounded_and_the_oldest_goes_first():
    site = Site(max_bytes=80_000)
    for number in range(40):
        site.get("/kept/")
        site.get(f"/{number}/")
        assert site.store.pages.bytes <= 70_000
    calls = len(site.calls)
    assert calls == 41
    site.get("/kept/")
    assert len(site.calls) == calls
    site.get("/0/")
    assert len(site.calls) == calls + 1


def test_a_scan_for_holes_evicts_no_real_page():
    site = Site(max_bytes=200_000)
    site.get("/real/")
    site.status = "404 Not Found"
    for number in range(200):
        site.get(f"/hole-{number}/")
    assert 0 < site.store.absences.bytes <= 25_000
    calls = len(site.calls)
    assert site.get("/real/").status == 200
    assert len(site.calls) == calls


def test_very_long_addresses_are_not_kept(site):
    site.get("/" + "x" * 3000)
    assert len(site.store.pages) == 0


# -- encodings and conditions ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("accept", "encoding"),
    [
        ("", None),
        ("gzip, deflate, br, zstd", "br"),
        ("gzip", "gzip"),
        ("br;q=0.5, gzip;q=0.8", "gzip"),
        ("br;q=0, gzip;q=0", None),
        ("*", "br"),
        ("*;q=0", None),
        ("identity, *;q=0", None),
        ("BR", "br"),
        ("br;q=bad", None),
    ],
)
def test_the_encoding_is_the_one_asked_for(site, accept, encoding):
    site.get()
    answer = site.get(HTTP_ACCEPT_ENCODING=accept)
    assert answer.headers.get("Content-Encoding") == encoding
    assert answer.text == PAGE
    assert len(site.calls) == 1


def test_each_encoding_has_its_own_etag(site):
    tags = {site.get(HTTP_ACCEPT_ENCODING=e).headers["ETag"] for e in ("", "gzip", "br")}
    assert len(tags) == 3


def test_pictures_are_not_compressed(site):
    site.headers["Content-Type"] = "image/png"
    assert "Content-Encoding" not in site.get(HTTP_ACCEPT_ENCODING="br").headers


def test_what_the_visitor_has_is_not_sent_again(site):
    site.headers["Content-Security-Policy"] = "default-src 'self'"
    etag = site.get(HTTP_ACCEPT_ENCODING="br").headers["ETag"]
    again = site.get(HTTP_ACCEPT_ENCODING="br", HTTP_IF_NONE_MATCH=etag)
    assert again.status == 304
    assert again.body == b""
    assert again.headers["ETag"] == etag
    assert again.headers["Content-Security-Policy"] == "default-src 'self'"
    assert not {"Content-Type", "Content-Length", "Content-Encoding"} & set(again.headers)
    assert site.get(HTTP_ACCEPT_ENCODING="br", HTTP_IF_NONE_MATCH=f'"a", W/{etag}').status == 304
    assert site.get(HTTP_ACCEPT_ENCODING="gzip", HTTP_IF_NONE_MATCH=etag).status == 200


def test_the_etag_follows_the_text(site):
    first = site.get().headers["ETag"]
    site.version, site.ticks, site.body = "2", 1.0, PAGE + b"<p>More.</p>"
    assert site.get(HTTP_IF_NONE_MATCH=first).status == 200


def test_a_missing_page_stays_missing_whatever_the_visitor_has(site):
    site.status = "404 Not Found"
    assert site.get(HTTP_IF_NONE_MATCH="*").status == 404


@pytest.mark.parametrize(
    ("header", "expected"),
    [("", False), ("*", True), ('"a"', True), ('W/"a"', True), ('"b", "a"', True), ('"ab"', False)],
)
def test_matches(header, expected):
    assert matches(header, '"a"') is expected


@pytest.mark.parametrize(
    ("host", "allowed"),
    [
        ("127.0.0.1", True),
        ("127.0.0.1:8000", True),
        ("clinic.example", True),
        ("www.clinic.example.", True),
        ("notclinic.example", False),
        ("[::1]:8000", False),
        ("clinic.example/path", False),
        ("clinic.example:port", False),
    ],
)
def test_host_is_allowed(host, allowed):
    assert host_is_allowed(host, ["127.0.0.1", ".clinic.example"]) is allowed


@given(st.text(max_size=200))
def test_no_header_is_an_error(text):
    assert set(preferred_encodings(text)) <= {"br", "gzip", "identity"}
    declared_pairs(text, ["q"])
    host_is_allowed(text.lower(), [".clinic.example"])
