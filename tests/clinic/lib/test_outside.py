"""Fetching from addresses that people enter: only the public internet, and within bounds."""

import asyncio
import gzip
import ipaddress
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from clinic.lib.web import outside
from clinic.lib.web.outside import Answer, Unreachable, is_public

PUBLIC = "93.184.216.34"


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """What each name stands for."""
    known = {"calendars.example": [PUBLIC], "other.example": ["93.184.216.35"]}

    async def addresses(host: str) -> list[Any]:
        return [ipaddress.ip_address(each) for each in known.get(host) or [host]]

    monkeypatch.setattr(outside, "_addresses", addresses)
    return known


def fetch(handler: Callable[[httpx.Request], Any], url: str = "", **more: Any) -> Answer:
    return outside.fetch(
        url or "https://calendars.example/a.ics",
        **{"headers": {"User-Agent": "test"}, "most_bytes": 1000} | more,
        transport=httpx.MockTransport(handler),
    )


def why(handler: Callable[[httpx.Request], Any], url: str = "", **more: Any) -> str:
    with pytest.raises(Unreachable) as refused:
        fetch(handler, url, **more)
    return refused.value.reason


def found(request: httpx.Request) -> httpx.Response:
    return httpx.Response(
        200, stream=httpx.ByteStream(b"BEGIN"), headers={"ETag": '"1"', "Last-Modified": "now"}
    )


def to(place: str) -> Callable[[httpx.Request], httpx.Response]:
    return lambda request: httpx.Response(302, headers={"Location": place})


def test_it_connects_to_the_address_that_was_checked(names: Any) -> None:
    seen: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return found(request)

    assert fetch(handler) == Answer(200, b"BEGIN", '"1"', "now")
    [request] = seen
    assert str(request.url) == f"https://{PUBLIC}/a.ics"
    assert request.headers["Host"] == "calendars.example"
    assert request.extensions["sni_hostname"] == "calendars.example"
    assert "timeout" in request.extensions


def test_a_second_address_is_tried(names: Any) -> None:
    names["calendars.example"] = ["2606:2800:220:1::1", PUBLIC]

    def handler(request: httpx.Request) -> httpx.Response:
        if request.url.host != PUBLIC:
            raise httpx.ConnectError("no route")
        return found(request)

    assert fetch(handler).status == 200
    names["calendars.example"] = ["2606:2800:220:1::1"]
    assert why(handler) == "away"


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.0.0.1", "192.168.1.1", "172.16.0.1", "169.254.169.254", "0.0.0.0"),
        *("100.64.0.1", "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fc00::1"),
        *("::ffff:127.0.0.1", "2002:7f00:1::", "64:ff9b::7f00:1", "ff02::1", "192.0.2.1"),
    ],
)
def test_private_addresses_are_refused(names: Any, address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))
    names["calendars.example"] = [PUBLIC, address]
    assert why(found) == "inward"


def test_redirects_are_checked_too(names: Any) -> None:
    names["inside.example"] = ["10.0.0.1"]
    assert why(to("https://inside.example/")) == "inward"
    assert why(to("https://127.0.0.1/")) == "inward"
    assert why(to("https://[::1]/")) == "inward"
    assert why(to("http://other.example/")) == "address"
    assert why(to("file:///etc/passwd")) == "address"
    assert why(to("/again")) == "redirects"
    hops = iter([to("https://other.example/b"), to("/c"), to("d"), found])
    assert fetch(lambda request: next(hops)(request)).status == 200


@pytest.mark.parametrize("url", ["http://calendars.example/", "ftp://calendars.example/", "a.ics"])
def test_only_https(names: Any, url: str) -> None:
    assert why(found, url) == "address"


def test_hosts_that_the_operator_allows(names: Any) -> None:
    inside = {"inside": ["nextcloud.lan"]}
    assert fetch(found, "http://nextcloud.lan:8080/a.ics", **inside).status == 200
    assert why(to("https://127.0.0.1/"), "http://nextcloud.lan/", **inside) == "inward"
    assert why(to("ftp://nextcloud.lan/"), "http://nextcloud.lan/", **inside) == "address"


def test_bytes_are_bounded_also_when_unpacked(names: Any) -> None:
    def packed(content: bytes, **headers: str) -> Callable[[httpx.Request], httpx.Response]:
        stream = httpx.ByteStream(content)
        return lambda request: httpx.Response(200, stream=stream, headers=headers)

    coded = {"Content-Encoding": "gzip"}
    assert why(packed(b"x" * 1001)) == "large"
    assert fetch(packed(gzip.compress(b"x" * 1000), **coded)).content == b"x" * 1000
    assert why(packed(gzip.compress(b"x" * 50_000_000), **coded), most_bytes=100_000) == "large"
    assert why(packed(gzip.compress(b"x" * 100)[:-9], **coded)) == "away"
    assert why(packed(b"x", **coded)) == "away"
    assert why(packed(b"x", **{"Content-Encoding": "br"})) == "away"


def test_time_is_bounded_however_slowly_it_comes(names: Any) -> None:
    async def never(request: httpx.Request) -> httpx.Response:
        await asyncio.Event().wait()
        raise AssertionError

    assert why(never, seconds=0.01) == "away"


def test_an_answer_without_a_file(names: Any) -> None:
    assert fetch(lambda request: httpx.Response(304)) == Answer(304, b"")
    assert fetch(lambda request: httpx.Response(404, content=b"x" * 9999)).content == b""


def test_names_are_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Numbers in any spelling, without asking anybody."""

    async def look(host: str) -> Any:
        return await outside._addresses(host)

    assert [str(each) for each in outside.run(look("127.0.0.1"))] == ["127.0.0.1"]
    assert why(found, "https://localhost/") == "inward"
