"""Citations in Pandoc's grammar: `[@a; see @b, p. 3]`, `[-@a]`, `@a` and `@a [p. 3; @b]`.

https://pandoc.org/MANUAL.html#citation-syntax
"""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline

from clinic.lib.markdown.contract import CiteItem

# Punctuation is part of a key only between two word characters: "@a." ends before the dot.
_KEY = r"(?P<key>\w(?:\w|[:.#$%&\-+?<>~/](?=\w))*)"
# Not within an email address, a path or an escape.
_NOT_INSIDE = r"(?<![\w\\./+\-])"
_NARRATIVE = re.compile(_NOT_INSIDE + "@" + _KEY)
_SOURCE = re.compile(r"(?:(?P<hidden>(?<![\w-])-)|" + _NOT_INSIDE + ")@" + _KEY)
_GROUP = re.compile(r"\[([^\[\]`]{2,1000})\]")
_AFTER_NAME = re.compile(r" {0,2}\[(?!\^)([^\[\]`]{1,1000})\](?![(\[:])")
_LOCATOR = re.compile(
    r"\s*+(?:,\s*+)?(?P<term>(?:pages?|pp?|chapters?|chaps?|sections?|secs?|figures?|figs?|tables?"
    r"|volumes?|vols?|paragraphs?|paras?|lines?|notes?|appendix|app)\.?\s*+|[§¶]++\s*+)?"
    r"(?P<number>[0-9]\w*(?:\s?[-–,]\s?[0-9]\w*)*)(?!\w)",
    re.IGNORECASE,
)


def citations(md: MarkdownIt) -> None:
    """Teach the parser citations. They need `env["resolver"]`; without one they stay text."""
    md.inline.ruler.after("link", "citation", _rule)


def parse_group(text: str) -> tuple[CiteItem, ...]:
    """Read what stands between the brackets; empty if that is not a citation."""
    items = []
    for part in text.split(";"):
        source = _SOURCE.search(part)
        if source is None:
            return ()
        locator, suffix = _locator_and_suffix(part[source.end() :])
        items.append(
            CiteItem(
                key=source["key"],
                locator=locator,
                prefix=part[: source.start()].strip(),
                suffix=suffix,
                suppress_author=source["hidden"] is not None,
            )
        )
    return tuple(items)


def _named(key: str, text: str) -> tuple[CiteItem, ...]:
    """Read what stands in brackets behind a name: its locator and suffix, then other sources.
    Empty if the brackets are a citation of their own."""
    if "@" not in text:
        locator, suffix = _locator_and_suffix(text)
        return (CiteItem(key, locator, suffix=suffix),)
    own, _, rest = text.partition(";")
    others = parse_group(rest)
    if "@" in own or not others:
        return ()
    locator, suffix = _locator_and_suffix(own)
    return CiteItem(key, locator, suffix=suffix), *others


def _locator_and_suffix(text: str) -> tuple[str, str]:
    place = _LOCATOR.match(text)
    if place is None:
        return "", text.strip(" ,\n")
    term = (place["term"] or "").strip()
    if not term:
        term = "pp." if re.search("[-–,]", place["number"]) else "p."
    return f"{term} {place['number']}", text[place.end() :].strip(" ,\n")


def _rule(state: StateInline, silent: bool) -> bool:
    resolver = state.env.get("resolver")
    if resolver is None or state.linkLevel:  # a citation is a link, and links hold no links
        return False
    if state.src[state.pos] == "[":
        narrative = False
        group = _GROUP.match(state.src, state.pos, state.posMax)
        items = parse_group(group[1]) if group and "@" in group[1] else ()
        end = group.end() if group else state.pos
    elif state.src[state.pos] == "@":
        narrative = True
        source = _NARRATIVE.match(state.src, state.pos, state.posMax)
        if source is None or not resolver.known(source["key"]):
            return False
        bracket = _AFTER_NAME.match(state.src, source.end(), state.posMax)
        items = _named(source["key"], bracket[1]) if bracket else ()
        end = bracket.end() if bracket and items else source.end()
        items = items or (CiteItem(source["key"]),)
    else:
        return False
    if not items:
        return False
    if not silent:
        token = state.push("cite", "", 0)
        token.content = state.src[state.pos : end]
        token.meta = {"items": items, "narrative": narrative}
    state.pos = end
    return True
