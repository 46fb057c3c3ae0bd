"""Who asks, as far as a throttle wants to know."""

import ipaddress

from django.http import HttpRequest


def sender(request: HttpRequest) -> str:
    """An IPv4 address, or the /64 network of an IPv6 one.

    Only a proxy on this machine is believed when it names another.
    """
    address = ipaddress.ip_address(request.META["REMOTE_ADDR"] or "127.0.0.1")
    forwarded = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
    if address.is_loopback and forwarded:
        try:
            address = ipaddress.ip_address(forwarded)
        except ValueError:
            return str(address)
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)
