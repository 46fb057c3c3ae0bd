"""Fetching a file from an address that somebody entered, and nothing else with it.

Only HTTPS, and only addresses of the public internet: the name is looked up once, every address
it has must be public, and the connection goes to the one that was checked. So is each redirect.
Time, bytes and redirects are bounded, whatever the other side does.
"""

import asyncio
import ipaddress
import socket
import zlib
from collections.abc import Collection, Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

import httpx

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
MOST_REDIRECTS = 3
MOST_ADDRESSES = 4  # of one name that are tried
SECONDS = 20.0  # for all of it
PER_STEP = httpx.Timeout(10, connect=5)
T = TypeVar("T")
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


class Unreachable(Exception):
    """Nothing was fetched. `reason`: "address", "inward", "redirects", "large" or "away"."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Answer:
    status: int
    content: bytes
    etag: str = ""
    last_modified: str = ""


def fetch(
    url: str,
    *,
    headers: Mapping[str, str],
    most_bytes: int,
    inside: Collection[str] = (),
    transport: httpx.AsyncBaseTransport | None = None,
    seconds: float = SECONDS,
) -> Answer:
    """GET an address. Raises Unreachable.

    inside: names of hosts that may have private addresses, and may be asked over HTTP. `transport`
    is there for tests.
    """
    asking = _bounded(url, headers, most_bytes, inside, transport, seconds)
    try:
        return run(asking)
    except TimeoutError:
        raise Unreachable("away") from None


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """Return what a coroutine returns. In a thread of its own: this one may have an event loop."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, coroutine).result()


async def _bounded(
    url: str,
    headers: Mapping[str, str],
    most_bytes: int,
    inside: Collection[str],
    transport: httpx.AsyncBaseTransport | None,
    seconds: float,
) -> Answer:
    inner = transport or httpx.AsyncHTTPTransport()
    async with (
        asyncio.timeout(seconds),
        httpx.AsyncClient(
            transport=Guard(inner, inside),
            timeout=PER_STEP,
            follow_redirects=True,
            max_redirects=MOST_REDIRECTS,
            headers={**headers, "Accept-Encoding": "gzip"},
        ) as http,
    ):
        try:
            async with http.stream("GET", url) as response:
                content = await _content(response, most_bytes)
        except httpx.TooManyRedirects:
            raise Unreachable("redirects") from None
        except (httpx.InvalidURL, httpx.UnsupportedProtocol, httpx.LocalProtocolError):
            raise Unreachable("address") from None
        except httpx.HTTPError:
            raise Unreachable("away") from None
    found = response.headers
    return Answer(
        response.status_code, content, found.get("ETag", ""), found.get("Last-Modified", "")
    )


async def _content(response: httpx.Response, most: int) -> bytes:
    """The body, decoded, of an answer that has one. Raises Unreachable for a long one."""
    if response.status_code != 200:
        return b""
    parts, size = [], 0
    async for part in response.aiter_raw():
        parts.append(part)
        size += len(part)
        if size > most:
            raise Unreachable("large")
    content = b"".join(parts)
    match response.headers.get("Content-Encoding", "identity").strip().lower():
        case "identity" | "":
            return content
        case "gzip":
            unpacked = zlib.decompressobj(zlib.MAX_WBITS | 16)
            try:
                content = unpacked.decompress(content, most + 1)
            except zlib.error:
                raise Unreachable("away") from None
            if len(content) > most:
                raise Unreachable("large")
            if unpacked.eof:
                return content
    raise Unreachable("away")


class Guard(httpx.AsyncBaseTransport):
    """Passes on what goes to the public internet, to the very address that was checked."""

    def __init__(self, inner: httpx.AsyncBaseTransport, inside: Collection[str]) -> None:
        self.inner = inner
        self.inside = inside

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Check where a request goes. Raises Unreachable."""
        host = request.url.raw_host.decode().strip("[]")
        if host in self.inside:
            if request.url.scheme not in ("http", "https"):
                raise Unreachable("address")
            return await self.inner.handle_async_request(request)
        if request.url.scheme != "https":
            raise Unreachable("address")
        addresses = await _addresses(host)
        if not all(map(is_public, addresses)):
            raise Unreachable("inward")
        for address in addresses[:MOST_ADDRESSES]:
            checked = httpx.Request(
                request.method,
                request.url.copy_with(host=str(address)),
                headers=request.headers,
                extensions={**request.extensions, "sni_hostname": host},
            )
            try:
                return await self.inner.handle_async_request(checked)
            except (httpx.ConnectError, httpx.ConnectTimeout):
                continue
        raise Unreachable("away")

    async def aclose(self) -> None:
        """Close the connections."""
        await self.inner.aclose()


async def _addresses(host: str) -> list[Address]:
    """What a name stands for. Raises Unreachable."""
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(host, 443, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Unreachable("away") from None
    # Without the scope of a link-local address.
    return [ipaddress.ip_address(str(each[4][0]).partition("%")[0]) for each in found]


def is_public(address: Address) -> bool:
    """Whether an address belongs to the public internet, and so does one within it."""
    if not address.is_global or address.is_multicast:
        return False
    if isinstance(address, ipaddress.IPv6Address):
        within = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
        if address in NAT64:
            within.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
        return all(each is None or is_public(each) for each in within)
    return True
