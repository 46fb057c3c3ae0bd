"""Who asks, as far as a throttle wants to know."""

import ipaddress

from django.http import HttpRequest

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def sender(request: HttpRequest) -> str:
    """An IPv4 address, or the /64 network of an IPv6 one.

    Only a proxy on this machine is believed when it names another, and of a list only the last
    address, which the proxy itself has added. `::ffff:192.0.2.7` is 192.0.2.7.
    """
    address = _address(request.META["REMOTE_ADDR"] or "127.0.0.1")
    forwarded = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
    if address.is_loopback and forwarded:
        try:
            address = _address(forwarded)
        except ValueError:
            return str(address)
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((int(address), 64), strict=False))
    return str(address)


def _address(text: str) -> Address:
    """Raises ValueError for anything else."""
    address = ipaddress.ip_address(text)
    mapped = getattr(address, "ipv4_mapped", None)  # how a dual-stack socket names IPv4
    return mapped or address
