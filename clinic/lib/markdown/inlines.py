"""Writes the markup within a line: links, citations, pictures, references to notes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import islice
from urllib.parse import unquote

from django.utils.html import strip_tags
from django.utils.translation import gettext as _
from markdown_it.token import Token

from clinic.lib.markdown.contract import Mark, Resolver
from clinic.lib.markdown.films import Film, card, film_of
from clinic.lib.markdown.marks import without_marks
from clinic.lib.markdown.notes import Notes
from clinic.lib.markdown.page import Page, text_html
from clinic.lib.markdown.plain import plain_text, sentences_of_citations, tidy

BOOKING_SCHEME = "book"
SHOWN_SCHEME = "show"  # a block made of data
# Citations and notes that may stand between a word and its full stop.
MOST_IN_A_ROW = 50
_OUTSIDE = re.compile(r"https?://[^/?#]", re.IGNORECASE)
_INSIDE = re.compile(r"(?:mailto:|tel:|/(?![/\\])|#)", re.IGNORECASE)
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):(.*)", re.IGNORECASE | re.DOTALL)
_TAGS = {
    "em_open": "<em>",
    "em_close": "</em>",
    "strong_open": "<strong>",
    "strong_close": "</strong>",
    "hardbreak": "<br>\n",
    "softbreak": "\n",
}
_SIGNS = {"raised": "sup", "lowered": "sub"}


class InlineWriter:
    """Turns inline tokens into HTML and tells the page what it meets."""

    def __init__(self, page: Page, notes: Notes, resolver: Resolver | None) -> None:
        self._page = page
        self._notes = notes
        self._resolver = resolver
        self._schemes = resolver.schemes if resolver else frozenset()
        self._bookings = 0
        self._told_keys = set[str]()

    def write(self, inline: Token) -> str:
        """Return the HTML of one inline token; its plain text is added to the page."""
        tokens = inline.children or []
        line = inline.map[0] + 1 if inline.map else 1
        sentences = sentences_of_citations(tokens)
        out: list[str] = []
        close_link = ""
        shortened: Token | None = None  # words whose first sign stands before a citation already
        for index, token in enumerate(tokens):
            if token.type in _TAGS:
                out.append(_TAGS[token.type])
                line += token.type in ("softbreak", "hardbreak")
            elif token.type == "link_open":
                label = plain_text(tokens[index : _link_end(tokens, index)])
                open_link, close_link = self._link(token, label, line)
                out.append(open_link)
            elif token.type == "link_close":
                out.append(close_link)
            elif token.type == "code_inline":
                out.append(f"<code>{text_html(token.content)}</code>")
            elif token.type in _SIGNS:
                tag = _SIGNS[token.type]
                out.append(f"<{tag}>{text_html(token.content)}</{tag}>")
            elif token.type == "image":
                out.append(self.picture(token, line) or text_html(plain_text([token])))
            elif token.type == "cite":
                cite = self._cite(token, line, sentences[index])
                if token.meta.get("drawn") and not token.meta["narrative"]:
                    _close_gap(out)
                    shortened = shortened or _take_stop(out, tokens, index + 1)
                out.append(cite)
                line += token.content.count("\n")
            elif token.type == "note":
                out.append(self._note_reference(token, line))
            else:
                taken = token is shortened
                out.append(text_html(token.content[taken:]))
                shortened = None if taken else shortened
        self._page.said.append(tidy(plain_text(tokens)))
        return "".join(out)

    def picture(self, token: Token, line: int) -> str | None:
        """Return the mark of a picture; None without a resolver or if it is not one of ours."""
        if self._resolver is None:
            return None
        alt = plain_text(token.children).strip()
        if not alt:
            self._page.problem(
                line,
                "missing-alt",
                _(
                    "This image has no alt text. Describe it between the square brackets: ![what "
                    "it shows](…)"
                ),
                must=True,
            )
        src = without_marks(unquote(str(token.attrs.get("src", ""))))
        found = self._resolver.image(src)
        if found is None:
            self._page.problem(
                line,
                "foreign-image",
                _("“%(src)s” is not an image on this site. Upload it first, then insert it.")
                % {"src": src},
                must=True,
            )
            return None
        return self._page.mark({**found, "kind": "image", "alt": alt, "caption": caption(token)})

    def block_of(self, tokens: Sequence[Token], line: int) -> str | None:
        """Return the mark of what a paragraph of one link stands for: a booking panel, a block
        made of data, or the card of a film; empty if there is nothing of that name. None if it is
        another paragraph."""
        if self._resolver is not None and (film := film_of(tokens)):
            return self._film(film, line)
        for scheme, mark in ((BOOKING_SCHEME, self._booking), (SHOWN_SCHEME, self._shown)):
            if self._is_one_link(tokens, scheme):
                return mark(tokens, line) or ""
        return None

    def _film(self, film: Film, line: int) -> str:
        """Return the card of a film, and ask for a title where it has none."""
        if not film.title:
            self._page.problem(
                line,
                "film-without-title",
                _("This film has no title. Write [Title, 3:20](%(address)s).")
                % {"address": film.address},
            )
        self._page.said.append(film.title)
        return card(film, lambda image: self.picture(image, line))

    def _is_one_link(self, tokens: Sequence[Token], scheme: str) -> bool:
        """Say whether these tokens are one link of this scheme with words and nothing else."""
        return (
            tokens[0].type == "link_open"
            and _scheme_and_name(tokens[0])[0] == scheme
            and scheme in self._schemes
            and _link_end(tokens, 0) == len(tokens) - 1
            and bool(plain_text(tokens).strip())
        )

    def _shown(self, tokens: Sequence[Token], line: int) -> str | None:
        """Return the mark of a block made of data; None if there is none of that name."""
        found = self._named(*_scheme_and_name(tokens[0]), line)
        if found is None:
            return None
        label = plain_text(tokens).strip()
        self._page.said.append(label)
        return self._page.mark({**found, "kind": "show", "text": label})

    def _booking(self, tokens: Sequence[Token], line: int) -> str | None:
        """Return the mark of a booking panel; None if there is nothing of that name to book."""
        found = self._named(*_scheme_and_name(tokens[0]), line)
        if found is None:
            return None
        label = plain_text(tokens).strip()
        self._page.said.append(label)
        return self._page.mark({**found, "kind": "booking", "label": label})

    def _link(self, token: Token, label: str, line: int) -> tuple[str, str]:
        """Return what stands before and after the label; nothing if it leads nowhere."""
        href = str(token.attrs.get("href", ""))
        scheme, name = _scheme_and_name(token)
        if not label.strip():
            self._page.problem(
                line,
                "empty-link",
                _("This link has no text. Add it between the square brackets: [text](…)"),
            )
            return "", ""
        if scheme == SHOWN_SCHEME and scheme in self._schemes:
            self._page.problem(
                line,
                "show-in-text",
                _("Put this link in a paragraph of its own: it is replaced by what it shows."),
                must=True,
            )
            return "", ""
        if scheme in self._schemes:
            found = self._named(scheme, name, line)
            if found is None:
                return "", ""
            return (
                self._page.mark({**found, "kind": "link-open", "part": "open"}),
                self._page.mark({**found, "kind": "link-close", "part": "close"}),
            )
        if _OUTSIDE.match(href):
            return f'<a href="{text_html(href)}" rel="noopener">', "</a>"
        if _INSIDE.match(href):
            return f'<a href="{text_html(href)}">', "</a>"
        if self._resolver is not None:
            self._page.problem(
                line,
                "refused-link",
                _(
                    "“%(href)s” is not a valid link. Start with https://, with / for a page on "
                    "this site, with mailto: or tel:, or use a named link: %(schemes)s"
                )
                % {"href": href, "schemes": ", ".join(f"{s}:…" for s in sorted(self._schemes))},
                must=True,
            )
        return "", ""

    def _named(self, scheme: str, name: str, line: int) -> Mark | None:
        found = self._resolver.link(scheme, name) if self._resolver else None
        if found is None:
            self._page.problem(
                line,
                "unknown-link",
                _("There is no “%(name)s” to link to. Check the name after “%(scheme)s:”.")
                % {"name": name, "scheme": scheme},
                must=True,
            )
            return None
        if scheme == BOOKING_SCHEME:
            self._bookings += 1
            return {**found, "place": self._bookings}
        return dict(found)

    def _cite(self, token: Token, line: int, sentence: str) -> str:
        literal = text_html(token.content)
        if self._resolver is None:
            return literal
        items, narrative = token.meta["items"], token.meta["narrative"]
        unknown = [item.key for item in items if not self._resolver.known(item.key)]
        found = None
        if not unknown:
            found = self._resolver.cite(items, narrative=narrative, line=line, sentence=sentence)
        if found is None:
            # A word after @ that is no key is a word; only brackets ask for a source.
            for key in unknown or [item.key for item in items if not narrative]:
                if key in self._told_keys:
                    continue
                self._told_keys.add(key)
                self._page.problem(
                    line,
                    "unknown-citation",
                    _(
                        "There is no reference with the key “%(key)s”. Add the reference or "
                        "correct the key."
                    )
                    % {"key": key},
                    must=True,
                )
            return literal
        token.meta["drawn"] = True
        if not isinstance(found, str):
            token.meta["said"] = str(found.get("text", "")) if narrative else ""
            return self._page.mark(found)
        token.meta["said"] = strip_tags(found) if narrative else ""
        return without_marks(found)

    def _note_reference(self, token: Token, line: int) -> str:
        label = token.meta["label"]
        reference = self._notes.refer(label)
        if reference is None:
            self._page.problem(
                line,
                "unknown-note",
                _(
                    "There is no footnote “%(label)s”. Add it on its own line: [^%(label)s]: "
                    "text of the footnote"
                )
                % {"label": label},
            )
            return text_html(token.content)
        token.meta["placed"] = True
        note, reference_id = reference
        name = text_html(_("Footnote %(letter)s") % {"letter": note.sign})
        return (
            f'<sup class="noteref"><a href="#{note.id}" id="{reference_id}" '
            f'role="doc-noteref" aria-label="{name}">{note.sign}</a></sup>'
        )


def _close_gap(out: list[str]) -> None:
    """Remove the white space before a citation."""
    while out and not out[-1].strip():
        out.pop()
    if out:
        out[-1] = out[-1].rstrip()


def _take_stop(out: list[str], tokens: Sequence[Token], start: int) -> Token | None:
    """Put the full stop or comma that follows a citation before it (AMA 3.6), so that citations
    stand alike wherever authors set them. Return the words that it was taken from."""
    following = islice(tokens, start, start + MOST_IN_A_ROW)
    words = (t for t in following if t.type not in ("cite", "note") and t.content != " ")
    after = next(words, None)
    if not out or after is None or after.type != "text" or after.content[:1] not in (".", ","):
        return None
    if after.content[1:2] in (".", ",") or out[-1][-1:] in (".", ",", "!", "?", "…"):
        return None
    out.append(after.content[0])
    return after


def caption(image: Token) -> str:
    """Return the title of a picture, which is its caption."""
    return without_marks(str(image.attrs.get("title", ""))).strip()


def _link_end(tokens: Sequence[Token], start: int) -> int:
    return next(i for i in range(start, len(tokens)) if tokens[i].type == "link_close")


def _scheme_and_name(link: Token) -> tuple[str, str]:
    """Split `article:low-back-pain` into its halves; a path has no scheme."""
    match = _SCHEME.fullmatch(str(link.attrs.get("href", "")))
    return (match[1].lower(), without_marks(unquote(match[2]))) if match else ("", "")
