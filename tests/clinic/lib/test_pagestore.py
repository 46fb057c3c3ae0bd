"""The page store: what it keeps, for whom, and what passes through untouched."""

from datetime import UTC, datetime
from wsgiref.util import setup_testing_defaults

import pytest
from django.http import HttpResponse

from clinic.lib.web.pagestore import LARGEST_BODY, declare
from tests.clinic.stored_site import PAGE, Answer, Site


@pytest.fixture
def site():
    return Site()


def test_a_stored_page_does_not_enter_the_app_again(site):
    first, second = site.get(), site.get()
    assert len(site.calls) == 1
    assert first.body == second.body == PAGE
    assert first.headers.pop("Server-Timing") == "store;desc=miss"
    assert second.headers.pop("Server-Timing") == "store;desc=hit"
    assert first.headers == second.headers
    assert site.closed == 1


def test_html_is_public_and_revalidated(site):
    headers = site.get().headers
    assert headers["Cache-Control"] == "public, no-cache"
    assert headers["Vary"] == "Accept-Encoding"
    assert headers["ETag"].startswith('"')
    assert headers["Content-Length"] == str(len(PAGE))
    assert "X-Store" not in headers


def test_a_cache_control_of_the_view_is_kept(site):
    site.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    assert site.get().headers["Cache-Control"] == "public, max-age=31536000, immutable"
    site.get()
    assert len(site.calls) == 1


@pytest.mark.parametrize("status", ["200 OK", "301 Moved Permanently", "404 Not Found", "410 Gone"])
def test_these_are_stored(site, status):
    site.status = status
    site.headers["Location"] = "/elsewhere/"
    answers = [site.get(), site.get()]
    assert len(site.calls) == 1
    assert {a.status for a in answers} == {int(status[:3])}
    assert {a.headers["Location"] for a in answers} == {"/elsewhere/"}


@pytest.mark.parametrize("status", ["302 Found", "304 Not Modified", "403 Forbidden", "500 Oh"])
def test_other_statuses_pass(site, status):
    site.status = status
    assert site.get().status == site.get().status == int(status[:3])
    assert len(site.calls) == 2


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Store": None},
        {"Set-Cookie": "csrftoken=1"},
        {"Content-Length": None},
        {"Content-Encoding": "gzip"},
        {"Cache-Control": "no-store"},
        {"Cache-Control": "private"},
        {"Vary": "Cookie"},
    ],
)
def test_what_must_not_be_shared_passes_untouched(site, headers):
    site.headers |= headers
    answer = site.get()
    site.get()
    assert len(site.calls) == 2
    assert site.closed == 2
    assert answer.body == PAGE
    assert "X-Store" not in answer.headers
    assert "ETag" not in answer.headers
    for name, value in headers.items():
        if value is not None:
            assert answer.headers[name] == value


def test_a_declared_page_that_varies_is_reported(site, caplog):
    site.headers["Vary"] = "Cookie"
    site.get("/fees/")
    assert "/fees/ varies by Cookie: not stored" in caplog.text


def test_a_stream_is_not_read_ahead(site):
    produced = []

    def stream():
        for number in range(3):
            produced.append(number)
            yield b"x"

    def app(environ, start_response):
        start_response("200 OK", [("X-Store", "")])
        return stream()

    site.store.app = app
    environ = {"HTTP_HOST": "127.0.0.1"}
    setup_testing_defaults(environ)
    body = iter(site.store(environ, Answer().start))
    assert produced == []
    next(body)
    assert produced == [0]


def test_a_large_body_passes(site):
    site.body = b"x" * (LARGEST_BODY + 1)
    assert site.get().body == site.get().body == site.body
    assert len(site.calls) == 2


@pytest.mark.parametrize("method", ["POST", "PUT", "OPTIONS"])
def test_other_methods_pass(site, method):
    site.get()
    answer = site.get(method=method)
    assert site.calls == ["GET", method]
    assert "X-Store" not in answer.headers


def test_a_request_with_authorization_is_neither_stored_nor_answered_from_the_store(site):
    site.get(HTTP_AUTHORIZATION="Basic x")
    site.get()
    assert len(site.calls) == 2
    site.get(HTTP_AUTHORIZATION="Basic x")
    assert len(site.calls) == 3


def test_cookies_of_the_visitor_do_not_matter(site):
    site.get(HTTP_COOKIE="sessionid=staff")
    site.get()
    assert len(site.calls) == 1


def test_head_fills_and_uses_the_same_entry(site):
    head = site.get(method="HEAD")
    assert head.body == b""
    assert head.headers["Content-Length"] == str(len(PAGE))
    assert site.get().body == PAGE
    again = site.get(method="HEAD")
    timings = (head.headers.pop("Server-Timing"), again.headers.pop("Server-Timing"))
    assert timings == ("store;desc=miss", "store;desc=hit")
    assert again.headers == head.headers
    assert site.calls == ["GET"]


def test_head_of_a_page_that_is_not_stored_has_no_body(site):
    site.headers["X-Store"] = None
    head = site.get(method="HEAD")
    assert head.body == b""
    assert head.headers["Content-Length"] == str(len(PAGE))
    assert site.closed == 1


def test_an_error_of_the_app_reaches_the_server(site):
    def broken(environ, start_response):
        raise RuntimeError("no database")

    site.store.app = broken
    with pytest.raises(RuntimeError, match="no database"):
        site.get()


# -- keys --------------------------------------------------------------------------------------


def test_only_declared_query_names_make_another_page(site):
    site.headers["X-Store"] = "q page"
    for query in ["", "utm_source=x", "page=2", "page=2&fbclid=1", "q=a&page=2", "page=2&q=a"]:
        site.get(query=query)
    assert len(site.calls) == 3


def test_order_and_repetition_of_one_name_count(site):
    site.headers["X-Store"] = "q"
    for query in ["q=a&q=b", "q=b&q=a", "q=b"]:
        site.get(query=query)
    assert len(site.calls) == 3


def test_paths_hosts_and_schemes_are_apart(site):
    site.get("/a/")
    site.get("/b/")
    site.get("/a/", host="www.clinic.example")
    site.get("/a/", **{"wsgi.url_scheme": "https"})
    assert len(site.calls) == 4


def test_a_port_in_the_host_makes_no_page_of_its_own(site):
    for port in ("", ":80", ":8000", ":1", ":65536999"):
        site.get(host=f"clinic.example{port}")
        site.get(host=f"clinic.example.{port}")
    assert len(site.calls) == 1


def test_a_missing_page_of_a_list_does_not_hide_the_list(site):
    site.status = "404 Not Found"
    assert site.get("/articles/", "page=99").status == 404
    site.status, site.headers["X-Store"] = "200 OK", "page"
    assert site.get("/articles/").status == 200
    assert site.get("/articles/", "page=2").status == 200
    assert site.get("/articles/", "page=99").status == 404
    assert len(site.calls) == 3


def test_a_query_with_very_many_fields_passes(site):
    site.headers["X-Store"] = "q"
    query = "&".join(f"q={n}" for n in range(60))
    site.get(query=query)
    site.get(query=query)
    assert len(site.calls) == 2


@pytest.mark.parametrize("host", ["", "evil.example", "clinic.example.evil.example", "a b", "[::1"])
def test_hosts_that_are_not_ours_are_never_stored(site, host):
    site.get(host=host)
    site.get(host=host)
    assert len(site.calls) == 2


def test_the_scheme_is_told_by_the_proxy_that_is_trusted():
    site = Site(proxy_header=("HTTP_X_FORWARDED_PROTO", "https"))
    site.get(HTTP_X_FORWARDED_PROTO="https")
    site.get(HTTP_X_FORWARDED_PROTO="http")
    site.get()
    assert len(site.calls) == 2


def test_the_word_of_a_proxy_that_is_not_trusted_does_not_count(site):
    site.get(HTTP_X_FORWARDED_PROTO="https")
    site.get()
    assert len(site.calls) == 1


# -- what views say ----------------------------------------------------------------------------


def test_declare_names_and_moment():
    response = declare(
        HttpResponse("x"), "q", "page", until=datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
    )
    assert response["X-Store"] == "q page"
    assert float(response["X-Store-Until"]) == 1772368200.0


def test_declare_without_names():
    response = declare(HttpResponse("x"))
    assert response["X-Store"] == ""
    assert "X-Store-Until" not in response


def test_under_another_path_nothing_is_stored_or_served():
    site = Site()
    site.get("/", SCRIPT_NAME="/services")
    assert site.get("/services").status == 200
    assert len(site.calls) == 2
    site.get("/services")
    assert len(site.calls) == 2
    site.get("", SCRIPT_NAME="/services")
    assert len(site.calls) == 3
