"""What only WordPress understands: blocks of its editor and shortcodes, turned into plain HTML.

Blocks: comments such as `<!-- wp:image {"id":7} -->` around HTML that stands by itself. Shortcodes:
words in square brackets, `[gallery ids="1,2"]`.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

from django.utils.translation import gettext as _

_BLOCK = re.compile(
    r"<!--\s+(/)?wp:([a-z][a-z0-9_-]*(?:/[a-z][a-z0-9_-]*)?)\s+(\{.*?\}\s+)?(/)?-->", re.DOTALL
)
_PLACE = re.compile(r"<!--\s*(more|nextpage|noteaser)\b.*?-->", re.DOTALL)
# Blocks whose HTML says all that they say.
_PLAIN_BLOCKS = frozenset(
    {
        *("paragraph", "heading", "list", "list-item", "quote", "pullquote", "image", "gallery"),
        *("table", "code", "preformatted", "verse", "separator", "spacer", "columns", "column"),
        *("group", "row", "stack", "buttons", "button", "media-text", "cover", "html", "freeform"),
        *("file", "details", "embed", "shortcode", "more", "nextpage", "footnotes", "audio"),
        *("video", "subhead", "classic", "missing", "accordion", "accordion-item"),
        *("accordion-heading", "accordion-panel"),
    }
)
_NAME = r"[A-Za-z][A-Za-z0-9_-]*"
_SHORTCODE = re.compile(
    rf"""\[(\[?)(/?)({_NAME})((?:\s(?:[^\[\]<>"']|"[^"\[\]]*"|'[^'\[\]]*')*)?)/?\](\]?)"""
)
_ATTRIBUTE = re.compile(r"""([A-Za-z0-9_-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'\]]+))""")
_CAPTION = re.compile(r"\[(?:wp_)?caption\b([^\]]*)\](.*?)\[/(?:wp_)?caption\]", re.DOTALL)
_ADDRESS_INSIDE = re.compile(
    r"\[(embed|youtube|vimeo|audio|video)\b([^\]]*)\](?:\s*(https?://[^\s\[<]+)\s*\[/\1\])?"
)
_PICTURE = re.compile(r"(?:<a\b[^>]*>\s*)?<img\b[^>]*>(?:\s*</a>)?", re.IGNORECASE)
_PICTURE_FILE = re.compile(r"\.(?:jpe?g|png|gif|webp|avif)$", re.IGNORECASE)
# Words that need neither attributes nor an end to be seen as shortcodes.
_KNOWN = frozenset({"gallery", "playlist", "more", "contact-form-7", "toc", "sitemap"})


@dataclass(frozen=True)
class Attached:
    """A picture or other file of the export's own library. `post`: the number of the text for which
    it was uploaded; `order`: its place among those of this text."""

    url: str
    title: str = ""
    alt: str = ""
    caption: str = ""
    post: str = ""
    order: int = 0

    @property
    def is_picture(self) -> bool:
        return bool(_PICTURE_FILE.search(self.url))


Tell = Callable[[str], None]


def plain_html(
    content: str,
    *,
    post: str,
    attached: Mapping[str, Attached],
    reusable: Mapping[str, str],
    tell: Tell,
) -> str:
    """The content of a post as HTML that any reader understands.

    `post`: its number; `attached` and `reusable`: the export's pictures and its reusable blocks,
    by their number. What is lost or doubtful is told.
    """
    html = _without_blocks(content, reusable, tell)
    return _without_shortcodes(html, lambda given: _gallery(given, post, attached, tell), tell)


def _without_blocks(content: str, reusable: Mapping[str, str], tell: Tell, depth: int = 0) -> str:
    def replaced(found: re.Match[str]) -> str:
        closes, name, written, alone = found.groups()
        name = name.removeprefix("core/")
        if closes:
            return ""
        facts = _facts(written)
        if name == "block":
            inner = reusable.get(str(facts.get("ref", "")))
            if inner is None or depth > 3:
                tell(_("A reusable block is not in the export; what it says is missing."))
                return ""
            return _without_blocks(inner, reusable, tell, depth + 1)
        if alone and name not in _PLAIN_BLOCKS:
            tell(
                _("The block “%(name)s” made its content on the former site; it is missing.")
                % {"name": name}
            )
        elif name.startswith("core-embed/") or name in _PLAIN_BLOCKS:
            pass
        else:
            tell(
                _("The block “%(name)s” is not known: its words were kept, its look was not.")
                % {"name": name}
            )
        return ""

    html = _BLOCK.sub(replaced, content)
    if "<!--nextpage" in html:
        tell(_("It had several pages; they are one now."))
    return _PLACE.sub("\n\n", html)


def _facts(written: str | None) -> dict[str, Any]:
    try:
        facts = json.loads(written or "{}")
    except ValueError:
        return {}
    return facts if isinstance(facts, dict) else {}


def _without_shortcodes(
    content: str, gallery: Callable[[Mapping[str, str]], str], tell: Tell
) -> str:
    html = _CAPTION.sub(_captioned, content)
    html = _ADDRESS_INSIDE.sub(_addressed, html)
    ended = {found[3].lower() for found in _SHORTCODE.finditer(html) if found[2]}
    told: set[str] = set()

    def replaced(found: re.Match[str]) -> str:
        before, _closes, name, inside, after = found.groups()
        if before and after:
            return found[0][1:-1]  # [[gallery]] shows the word itself
        attributes = attributes_of(inside)
        kind = name.lower()
        if kind == "gallery":
            return before + gallery(attributes) + after
        names_itself = kind in _KNOWN or ("_" in kind and not inside.strip())
        if not (attributes or kind in ended or names_itself):
            return found[0]  # [sic], [see below]: words that stand in brackets
        if kind not in told:
            told.add(kind)
            tell(
                _("The shortcode [%(name)s] was taken out; words inside it were kept.")
                % {"name": name}
            )
        return before + after

    return _SHORTCODE.sub(replaced, html)


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
            tell(_("A gallery showed all pictures of its post; the export has none of them."))
    figures = []
    for number in numbers:
        picture = attached.get(number)
        if picture is None:
            tell(
                _("A gallery shows picture %(number)s, which is not in the export.")
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
        (picture.order, int(number), number)
        for number, picture in attached.items()
        if picture.post == post and picture.is_picture and number.isdecimal()
    ]
    found.sort(reverse=attributes.get("order", "").upper() == "DESC")
    return [number for _order, _number, number in found if number not in left_out]
