"""Films at YouTube and Vimeo: their address alone in a paragraph becomes a card.

The card is a link that opens the film at its host, in a new tab, and says so. Nothing is loaded
from there, so readers meet the host only when they choose to. Title and length are the words of
the link, the picture is one of ours.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from markdown_it.token import Token

from clinic.lib.markdown.page import text_html
from clinic.lib.markdown.plain import plain_text

_END = r"(?:[?&#/][^\s]*)?"
_HOSTS = {
    "YouTube": re.compile(
        r"https://(?:(?:www\.|m\.)?youtube\.com/(?:watch\?(?:[^#\s]*&)?v=|shorts/|live/)"
        rf"|youtu\.be/)[\w-]{{6,20}}{_END}",
        re.ASCII,
    ),
    "Vimeo": re.compile(rf"https://(?:www\.)?vimeo\.com/[0-9]{{5,12}}{_END}"),
}
_LENGTH = re.compile(r"[\s,(]((?:[0-9]{1,2}:)?[0-9]{1,2}:[0-5][0-9])\)?\Z")
_LONGEST = 2000  # characters of an address


@dataclass(frozen=True)
class Film:
    """What a paragraph says of a film; `title` and `length` (3:20) may be empty."""

    address: str
    host: str
    title: str
    length: str
    picture: Token | None


def film_of(tokens: Sequence[Token]) -> Film | None:
    """Return the film that a paragraph stands for: its bare address, or one link with words, and
    perhaps a picture, and nothing else. None if it is another paragraph."""
    first, last = tokens[0], tokens[-1]
    if len(tokens) == 1 and first.type == "text":
        return _film(first.content.strip(), "", None)
    links = [token for token in tokens if token.type == "link_open"]
    if first.type != "link_open" or last.type != "link_close" or len(links) != 1:
        return None
    address, inner = str(first.attrs.get("href", "")), tokens[1:-1]
    pictures = [token for token in inner if token.type == "image"]
    if len(pictures) > 1:
        return None
    words = plain_text([token for token in inner if token.type != "image"]).strip()
    said = words or plain_text(pictures).strip()
    return _film(address, "" if said == address else said, pictures[0] if pictures else None)


def card(film: Film, picture: Callable[[Token], str | None]) -> str:
    """Return the HTML of a film; `picture` draws one of ours, or gives None."""
    drawn = picture(film.picture) if film.picture else None
    above = f'<span class="film-picture">{drawn}</span>' if drawn else ""
    title = text_html(film.title or _("Film at %(host)s") % {"host": film.host})
    facts = {"host": film.host, "length": film.length}
    note = _("Film, opens at %(host)s in a new tab") % facts
    if film.length:
        note = _("Film, %(length)s, opens at %(host)s in a new tab") % facts
    return (
        f'<p class="film"><a href="{text_html(film.address)}" target="_blank" rel="noopener">'
        f'{above}<span class="film-title">{title}</span> '
        f'<span class="film-note">{text_html(note)}</span></a></p>'
    )


def _film(address: str, words: str, picture: Token | None) -> Film | None:
    if len(address) > _LONGEST:
        return None
    host = next((name for name, pattern in _HOSTS.items() if pattern.fullmatch(address)), None)
    if host is None:
        return None
    timed = _LENGTH.search(words)
    title, length = (words[: timed.start()].rstrip(" ,("), timed[1]) if timed else (words, "")
    return Film(address, host, title, length, picture)
