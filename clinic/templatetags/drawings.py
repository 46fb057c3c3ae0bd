"""Template tags that write the drawings of clinic.site.drawings as inline SVG."""

from functools import lru_cache

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext

from clinic.site import drawings
from clinic.site.drawings import Disc, Drawing, Strip, Word

register = template.Library()


def _shape(shape: Strip | Disc | Word) -> SafeString:
    match shape:
        case Disc(role, x, y, radius):
            return format_html(
                '<path class="{}" stroke-width="{}" d="M{} {}h0.01"/>', role, radius * 2, x, y
            )
        case Word(x, y, text, quiet):
            name = "quiet" if quiet else "name"
            return format_html('<text class="{}" x="{}" y="{}">{}</text>', name, x, y, text)
        case Strip(role, path, 0):
            return format_html('<path class="{}" d="{}"/>', role, path)
        case Strip(role, path, width):
            return format_html('<path class="{}" stroke-width="{}" d="{}"/>', role, width, path)


def _svg(drawing: Drawing, name: str) -> SafeString:
    return _drawn(drawing, name, get_language())


@lru_cache(maxsize=128)
def _drawn(drawing: Drawing, name: str, language: str | None) -> SafeString:
    """The drawings are few and the same on every page: each is written once for each language."""
    left, top, width, height = drawing.box
    if drawing.label:
        words = format_html('role="img" aria-label="{}"', gettext(drawing.label))
    else:
        words = SafeString('aria-hidden="true"')
    return format_html(
        '<svg class="drawing {}" viewBox="{} {} {} {}" width="{}" height="{}" {}>{}</svg>',
        name,
        left,
        top,
        width,
        height,
        width,
        height,
        words,
        format_html_join("", "{}", ((_shape(shape),) for shape in drawing.shapes)),
    )


@register.simple_tag
def body(place: str = "") -> SafeString:
    """The body figure with one place marked, decoration beside the place's name."""
    return _svg(drawings.body(place), "body-figure")


@register.simple_tag
def pose(name: str) -> SafeString:
    """One of the poses: hero, talk, bend, bridge, walk, read. Raises KeyError for another."""
    return _svg(drawings.POSES[name], f"pose pose-{name}")


@register.simple_tag
def logo() -> SafeString:
    return _svg(drawings.LOGO, "logo-mark")


@register.simple_tag
def portrait() -> SafeString:
    """Head and shoulders of nobody in particular, where a photo is missing."""
    return _svg(drawings.PORTRAIT, "portrait-figure")


@register.simple_tag
@lru_cache(maxsize=128)
def sign(name: str) -> SafeString:
    """A sign of one stroke, 3.4 units in a box of 32. Raises KeyError for an unknown one."""
    return format_html(
        '<svg class="sign sign-{}" viewBox="0 0 32 32" width="32" height="32" aria-hidden="true">'
        '<path d="{}"/></svg>',
        name,
        drawings.SIGNS[name],
    )


@register.simple_tag
@lru_cache(maxsize=8)
def certainty(value: str) -> SafeString:
    """Three strips, filled for firm 3, fair 2, thin 1; nothing when it is not stated."""
    filled = drawings.CERTAINTY.get(value)
    if filled is None:
        return SafeString("")
    strips = (("full" if place < filled else "empty", 1 + place * 29) for place in range(3))
    return format_html(
        '<svg class="certainty-strips" viewBox="0 0 84 10" width="84" height="10"'
        ' aria-hidden="true">{}</svg>',
        format_html_join(
            "", '<rect class="{}" x="{}" y="1" width="24" height="8" rx="4"/>', strips
        ),
    )


@register.simple_tag
def place_map(slug: str) -> SafeString:
    """The drawn map of a location; nothing when there is none."""
    found = drawings.MAPS.get(slug)
    return _svg(found, "map") if found else SafeString("")
