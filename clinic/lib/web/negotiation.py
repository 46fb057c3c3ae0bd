"""What a request asks for in its headers: host, query names, content encoding, known ETags.

Pure functions on strings. Source of the rules: RFC 9110.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from urllib.parse import parse_qsl

MOST_QUERY_FIELDS = 50
HOST = re.compile(r"^([a-z0-9.-]+|\[[a-f0-9:.]+\])(?::[0-9]+)?$")


def domain_of(host: str) -> str:
    """Return the name in a Host header in small letters, without port; "" if it has none."""
    match = HOST.match(host)
    return match[1].removesuffix(".") if match else ""


def host_is_allowed(host: str, patterns: Sequence[str]) -> bool:
    """Whether a Host header in small letters fits patterns as in ALLOWED_HOSTS."""
    domain = domain_of(host)
    return domain != "" and any(
        pattern == "*"
        or domain == pattern.lower()
        or (pattern.startswith(".") and (domain == pattern[1:] or domain.endswith(pattern)))
        for pattern in patterns
    )


def declared_pairs(query: str, names: Sequence[str]) -> tuple[tuple[str, str], ...] | None:
    """The pairs of a query string that count, by name, values in their order; None if too many."""
    if not query or not names:
        return ()
    try:
        pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=MOST_QUERY_FIELDS)
    except ValueError:
        return None
    return tuple(sorted((pair for pair in pairs if pair[0] in names), key=lambda pair: pair[0]))


@lru_cache(maxsize=256)
def preferred_encodings(accept: str) -> tuple[str, ...]:
    """Encodings that an Accept-Encoding header takes, best first (RFC 9110, 12.5.3).

    Equal weights: Brotli, then gzip. Identity stands last unless it was given a weight of its own.
    """
    weights: dict[str, float] = {}
    for item in accept.lower().split(","):
        coding, _, weight = item.partition(";")
        _, _, number = weight.partition("=")
        try:
            weights[coding.strip()] = float(number) if weight.strip() else 1.0
        except ValueError:
            weights[coding.strip()] = 0.0
    others = weights.get("*", 0.0)
    offered = {
        "br": weights.get("br", others),
        "gzip": weights.get("gzip", others),
        "identity": weights.get("identity", 0.0 if weights.get("*") == 0 else 0.0001),
    }
    return tuple(sorted((name for name in offered if offered[name] > 0), key=lambda n: -offered[n]))


def matches(if_none_match: str, etag: str) -> bool:
    """Whether an If-None-Match header names this ETag, by weak comparison (RFC 9110, 13.1.2)."""
    if not if_none_match:
        return False
    tags = [tag.strip().removeprefix("W/") for tag in if_none_match.split(",")]
    return etag in tags or tags == ["*"]
