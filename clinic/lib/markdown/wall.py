"""The second wall: whatever the writer made, only this reaches a page."""

from __future__ import annotations

import re

import nh3
from django.utils.safestring import SafeString, mark_safe

_HEADINGS = ("h2", "h3", "h4", "h5", "h6")
_TAGS = {
    *_HEADINGS,
    *("p", "blockquote", "pre", "hr", "br", "ul", "ol", "li"),
    *("table", "thead", "tbody", "tr", "th", "td"),
    *("section", "aside", "div", "figure", "figcaption"),
    *("a", "span", "em", "strong", "code", "sub", "sup"),
}
_ATTRIBUTES: dict[str, set[str]] = {
    "a": {"href", "id", "class", "title", "aria-label", "aria-describedby"},
    "aside": {"id", "class"},
    "section": {"class", "aria-labelledby"},
    "ul": {"class", "aria-label"},
    "ol": {"start"},
    "td": {"data-label", "class"},
    "th": {"class"},
    **{name: {"class"} for name in ("div", "figure", "p", "span", "sup")},
    **{name: {"id", "class"} for name in _HEADINGS},
}
_VALUES = {
    "a": {"rel": {"noopener"}, "target": {"_blank"}, "role": {"doc-noteref", "doc-backlink"}},
    "aside": {"role": {"note"}},
    "th": {"scope": {"col"}},
}
# A path of this site or a place on this page; never another host ("//host", "/\host").
_OWN_ADDRESS = re.compile(r"(?:/(?![/\\])|#)[^\\\x00-\x20]*")


def _own_address(url: str) -> str | None:
    return url if _OWN_ADDRESS.fullmatch(url) or url == "/" else None


_CLEANER = nh3.Cleaner(
    tags=_TAGS,
    attributes=_ATTRIBUTES,
    tag_attribute_values=_VALUES,
    url_schemes={"http", "https", "mailto", "tel"},
    url_relative=_own_address,
    link_rel=None,
)


def sanitise(html: str) -> SafeString:
    """Return the HTML with nothing in it but the tags, attributes and addresses listed here."""
    return mark_safe(_CLEANER.clean(html))  # noqa: S308 (this is the sanitiser)
