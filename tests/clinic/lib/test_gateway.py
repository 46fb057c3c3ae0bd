"""Requests that are not whole, or that claim another path, never reach the application."""

import io
from typing import Any
from wsgiref.util import setup_testing_defaults

import pytest

from clinic.lib.web.gateway import LARGEST_BODY, Gateway


class Slow(io.BytesIO):
    """A body whose sender stops after what is there."""

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(size)
        if not data:
            raise TimeoutError
        return data


def ask(**environ: Any) -> tuple[str, dict[str, Any]]:
    """The status, and the environment that the application was given, with the body it read."""
    seen: dict[str, Any] = {}

    def app(environ: Any, start_response: Any) -> list[bytes]:
        seen.update(environ, body=environ["wsgi.input"].read())
        start_response("200 OK", [])
        return [b""]

    setup_testing_defaults(environ)
    status = ""

    def start(given: str, headers: Any, exc_info: Any = None) -> Any:
        nonlocal status
        status = given

    list(Gateway(app)(environ, start))
    return status[:3], seen


def test_a_whole_request_goes_on() -> None:
    body = b"x" * 1_000_000
    given = {"wsgi.input": io.BytesIO(body + b"the next request")}
    status, seen = ask(CONTENT_LENGTH=str(len(body)), **given)
    assert (status, seen["body"]) == ("200", body)


@pytest.mark.parametrize("path", ["/x", "/services", "/", " "])
def test_the_site_is_at_the_root_of_its_host(path: str) -> None:
    assert ask(SCRIPT_NAME=path) == ("400", {})


def test_a_server_names_nobody() -> None:
    claims = {"REMOTE_USER": "admin", "AUTH_TYPE": "Basic", "SCRIPT_URL": "/x/"}
    status, seen = ask(**claims, REDIRECT_URL="/x/")
    assert status == "200"
    assert not seen.keys() & {*claims, "REDIRECT_URL"}
    assert seen["SCRIPT_NAME"] == ""


METHODS = ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "get", "", "GETS"]


@pytest.mark.parametrize("method", METHODS)
def test_a_method_that_no_page_has(method: str) -> None:
    """Most pages of the desk would take one for GET, whatever their views say."""
    assert ask(REQUEST_METHOD=method) == ("405", {})


@pytest.mark.parametrize("name", ["X_HTTP_METHOD_OVERRIDE", "X_METHOD_OVERRIDE", "X_HTTP_METHOD"])
def test_no_header_makes_another_method(name: str) -> None:
    for method in ("GET", "HEAD", "POST"):
        status, seen = ask(REQUEST_METHOD=method, **{f"HTTP_{name}": "DELETE"})
        assert (status, seen["REQUEST_METHOD"]) == ("200", method)


@pytest.mark.parametrize("body", [io.BytesIO(b"half"), Slow(b"half"), Slow()])
def test_a_body_that_does_not_come(body: Any) -> None:
    assert ask(CONTENT_LENGTH="8", **{"wsgi.input": body}) == ("408", {})


def test_a_body_that_is_too_long_is_not_read() -> None:
    assert ask(CONTENT_LENGTH=str(LARGEST_BODY + 1), **{"wsgi.input": Slow()}) == ("413", {})


@pytest.mark.parametrize("length", ["x", "9" * 5000, "1e3"])
def test_a_length_that_is_no_number(length: str) -> None:
    assert ask(CONTENT_LENGTH=length)[0] == "400"


ODD = [
    "rot13",
    "us-ascii",
    "utf-16",
    "utf-7",
    "idna",
    "punycode",
    "latin-1",
    "zlib",
    "x" * 5000,
    "nothing",
    "",
]


@pytest.mark.parametrize("charset", ODD)
def test_what_is_sent_is_utf_8(charset: str) -> None:
    form = "application/x-www-form-urlencoded; charset="
    assert ask(CONTENT_TYPE=f"{form}{charset}") == ("415", {})
    assert ask(CONTENT_TYPE=f"{form}UTF-8")[0] == "200"


@pytest.mark.parametrize("given", ["nothing''%41", "idna''%ff", "utf-8''%00", "rot13''rot13"])
def test_a_header_in_an_odd_encoding(given: str) -> None:
    assert ask(CONTENT_TYPE=f"text/plain; charset*={given}") == ("415", {})
