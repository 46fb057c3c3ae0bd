"""Shortcodes, words in square brackets such as `[gallery ids="1,2"]`, turned into plain HTML.

Those of plugins are unknown to us: the text inside them is kept, an address in them is kept as a
link, and the report quotes what else they say.
"""

import base64
import binascii
import re
from collections.abc import Mapping
from html import escape
from urllib.parse import unquote

from django.utils.translation import gettext as _

from articles.importers.wordpress.attached import PICTURE_FILE, Attached, Tell
from clinic.lib.fields.numbers import whole_number

_NAME = r"[A-Za-z][A-Za-z0-9_-]*"
_SHORTCODE = re.compile(
    rf"""\[(\[?)(/?)({_NAME})((?:\s(?:[^\[\]<>"']|"[^"\[\]]*"|'[^'\[\]]*')*)?)/?\](\]?)"""
)
_ATTRIBUTE = re.compile(
    r"""(?<![A-Za-z0-9_-])([A-Za-z0-9_-]++)\s*+=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'\]]+))"""
)
_CAPTION = re.compile(
    r"\[(?:wp_)?caption\b([^\[\]]*)\]((?:[^\[]|\[(?!/?(?:wp_)?caption\b))*+)\[/(?:wp_)?caption\]"
)
_ADDRESS_INSIDE = re.compile(
    r"\[(embed|youtube|vimeo|audio|video)\b([^\]]*)\](?:\s*(https?://[^\s\[<]+)\s*\[/\1\])?"
)
_PICTURE = re.compile(r"(?:<a\b[^<>]*>\s*)?<img\b[^<>]*>(?:\s*</a>)?", re.IGNORECASE)
_RAW_HTML = re.compile(r"\[(vc_raw_html|vc_raw_js|raw_html)\b[^\]]*\]([^\[\]]*)\[/\1\]")
# Words within a shortcode that has an address: `[button url="https://…"]Book[/button]`.
_AROUND_WORDS = re.compile(rf"\[({_NAME})(\s[^\[\]]*(?:://|%3A%2F%2F)[^\[\]]*)\]([^\[\]]+)\[/\1\]")
_MOST_FIGURES = 500  # of all galleries of a text
_LONGEST_QUOTE = 300  # characters of a shortcode in the report
# Words that need neither attributes nor an end to be seen as shortcodes.
_KNOWN = frozenset({"gallery", "playlist", "more", "contact-form-7", "toc", "sitemap"})


def without_shortcodes(
    content: str, *, post: str, attached: Mapping[str, Attached], tell: Tell
) -> str:
    """The content as HTML. `post`: the number of its post; `attached`: the export's pictures."""
    told: set[str] = set()

    def report(code: str, name: str, attributes: Mapping[str, str], *, is_kept: bool) -> None:
        quotes = _says_something(attributes) or (_address_of(attributes) and not is_kept)
        shown = " ".join(code.split())[:_LONGEST_QUOTE] if quotes else f"[{name}]"
        if shown not in told and not (is_kept and not quotes):
            told.add(shown)
            said = _("The shortcode %(code)s was removed; the text inside it was kept.")
            tell(said % {"code": shown})

    def linked(found: re.Match[str]) -> str:
        attributes = attributes_of(found[2])
        address = _address_of(attributes)
        if not address or not found[3].strip():
            return found[0]
        report(f"[{found[1]}{found[2]}]", found[1], attributes, is_kept=True)
        return f'<a href="{escape(address)}">{found[3]}</a>'

    html = _RAW_HTML.sub(_decoded, content)
    html = _CAPTION.sub(_captioned, html)
    html = _ADDRESS_INSIDE.sub(_addressed, html)
    html = _AROUND_WORDS.sub(linked, html)
    shown = 0
    ended = {found[3].lower() for found in _SHORTCODE.finditer(html) if found[2]}

    def replaced(found: re.Match[str]) -> str:
        nonlocal shown
        before, _closes, name, inside, after = found.groups()
        if before and after:
            return found[0][1:-1]  # [[gallery]] shows the word itself
        attributes = attributes_of(inside)
        kind = name.lower()
        if kind == "gallery":
            if shown >= _MOST_FIGURES:
                return before + after
            gallery = _gallery(attributes, post, attached, tell)
            shown += gallery.count("<figure>")
            return before + gallery + after
        names_itself = kind in _KNOWN or ("_" in kind and not inside.strip())
        if not (attributes or kind in ended or names_itself):
            return found[0]  # [sic], [see below]: words in brackets
        report(found[0], kind, attributes, is_kept=False)
        return before + _shown(attributes) + after

    return _SHORTCODE.sub(replaced, html)


def _decoded(found: re.Match[str]) -> str:
    """HTML that a page builder keeps in base64; as it is where it cannot be read."""
    try:
        return unquote(base64.b64decode(found[2].strip(), validate=True).decode())
    except (binascii.Error, ValueError):
        return found[0]


def _address_of(attributes: Mapping[str, str]) -> str:
    """The first address among the attributes; page builders write `url:https%3A%2F%2F…|title:…`."""
    for value in attributes.values():
        given = value.split("|")[0].removeprefix("url:").strip()
        given = unquote(given) if "%3A%2F%2F" in given else given
        if re.match(r"https?://\S", given):
            return given
    return ""


def _says_something(attributes: Mapping[str, str]) -> bool:
    """Whether an attribute holds words, not only sizes and colours."""
    return any(re.search(r"[^\W\d_]{2}\s+[^\W\d_]{2}", words) for words in attributes.values())


def _shown(attributes: Mapping[str, str]) -> str:
    """What a shortcode without text leaves: its address, as a link or picture."""
    address = _address_of(attributes)
    if not address:
        return ""
    if PICTURE_FILE.search(address):
        return f'<img src="{escape(address)}" alt="{escape(attributes.get("alt", ""))}">'
    names = ("text", "title", "label", "caption", "name")
    words = next((attributes[name] for name in names if attributes.get(name)), address)
    return f' <a href="{escape(address)}">{escape(words)}</a> '


def attributes_of(text: str) -> dict[str, str]:
    """The attributes of a shortcode: `ids="1,2" size=large`."""
    return {
        found[1].lower(): found[2] or found[3] or found[4] or ""
        for found in _ATTRIBUTE.finditer(text)
    }


def _captioned(found: re.Match[str]) -> str:
    """Newer captions stand behind the picture, older ones in an attribute."""
    picture = _PICTURE.search(found[2])
    if picture is None:
        return found[2]
    caption = found[2][picture.end() :].strip()
    caption = caption or escape(attributes_of(found[1]).get("caption", ""))
    return f"<figure>{picture[0]}<figcaption>{caption}</figcaption></figure>"


def _addressed(found: re.Match[str]) -> str:
    attributes = attributes_of(found[2])
    address = found[3] or next(
        (value for value in [*attributes.values(), *found[2].split()] if "://" in value), ""
    )
    if not address:
        return found[0]
    return f'<p><a href="{escape(address)}">{escape(address)}</a></p>'


def _gallery(
    attributes: Mapping[str, str], post: str, attached: Mapping[str, Attached], tell: Tell
) -> str:
    """The pictures that it names, or all of its post (https://codex.wordpress.org/Gallery_Shortcode)."""
    numbers = re.findall(r"\d+", attributes.get("ids", attributes.get("include", "")))
    if not numbers:
        numbers = _pictures_of(attributes.get("id") or post, attributes, attached)
        if not numbers:
            tell(
                _(
                    "A gallery showed all images attached to its post; none of them are in the "
                    "export."
                )
            )
    figures = []
    for number in numbers:
        picture = attached.get(number)
        if picture is None:
            tell(
                _("A gallery includes image %(number)s, which is not in the export.")
                % {"number": number}
            )
            continue
        figures.append(
            f'<figure><img src="{escape(picture.url)}" alt="{escape(picture.alt)}">'
            f"<figcaption>{escape(picture.caption)}</figcaption></figure>"
        )
    return "".join(figures)


def _pictures_of(
    post: str, attributes: Mapping[str, str], attached: Mapping[str, Attached]
) -> list[str]:
    """The numbers of the pictures that were uploaded for a post, in their order."""
    left_out = set(re.findall(r"\d+", attributes.get("exclude", "")))
    found = [
        (picture.order, whole_number(number) or 0, number)
        for number, picture in attached.items()
        if picture.post == post and picture.is_picture and whole_number(number) is not None
    ]
    found.sort(reverse=attributes.get("order", "").upper() == "DESC")
    return [number for _order, _number, number in found if number not in left_out]
