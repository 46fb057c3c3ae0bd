"""Checks for markup that the parser does not know or take: readers would see its signs."""

import re
from collections.abc import Iterator

from django.utils.translation import gettext as _

from articles.manuscript.rendering import Grade, Issue, Text
from clinic.lib import markdown

_FENCE = re.compile(r"^ {0,3}(```+|~~~+)")
_INDENTED = re.compile(r"^(?: {4}|\t)")
_HOLDS_TEXT = re.compile(r"\s*(?:!!!|\[\^|[-*+•✓✔✗✘] |[0-9]{1,9}[.)] )")
_BEGINS_BLOCK = re.compile(r"(?:[-*+•✓✔✗✘] |[0-9]{1,9}[.)] |\||>|#)")
_CODE_SPAN = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)")
_ESCAPED = re.compile(r"\\[!-/:-@\[-`{-~]")
# Around words, escaped: as the visual editor writes stars that were typed or pasted as such. A pair
# alone may mark a note below a table. In their place stands a sign that means nothing.
_STARS_AROUND = re.compile(r"(?:\\\*){2}(?=[^\s*\\])(.*?[^\s*\\])(?:\\\*){2}(?!\\\*)")
_SHOWN = "\u2217\u2217"
_STARS = re.compile(rf"\*\*|{_SHOWN}|(?<![\w_])__(?=\w)")
_HEADING = re.compile(r"(?:#{1,6}[\u00a0\u2007\u202f]|#{2,6}[^\s#])")
_TAG = re.compile(
    r"</?(?:a|abbr|b|blockquote|br|button|center|div|em|embed|figure|font|form|h[1-6]|hr|i|iframe|img"
    r"|input|li|ol|p|script|small|span|strong|style|sub|sup|svg|table|td|th|tr|u|ul|video)"
    r"(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)
_SHORTCODE = re.compile(
    r"\[(?:/[a-z][\w-]*|[a-z][\w-]*(?:\s+[\w-]+=(?:\"[^\"]*\"|'[^']*'|[^\s\[\]]+))+\s*/?"
    r"|gallery|playlist|embed|contact-form-7|toc)\](?![(\[:])",
    re.IGNORECASE,
)
_TARGET = re.compile(r"\]( ?)\((<?)([^()<>\n]*)")
_TITLED = re.compile(r"\S+\s+(?:\"[^\"]*\"?|'[^']*'?|“.*)\s*")
_ADDRESS = re.compile(r"(?:https?://|mailto:|tel:|www\.|/)\S|[a-z]+:[a-z0-9-]+", re.IGNORECASE)
_FILE = re.compile(r"(?<!!)\[[^\[\]]*\]\(<?(/media/[^\s)>]+)")


def run(text: Text) -> Iterator[Issue]:
    """Yield what would be shown as signs, each with its line."""
    parts = [("takeaways", "\n".join(text.takeaways)), ("body", text.body)]
    parts += [(f"faq {n}", answer) for n, (_question, answer) in enumerate(text.faq, start=1)]
    for where, part in parts:
        lines = list(_without_code(part))
        for number, line in enumerate(lines, start=1):
            for code, message in _in_line(line):
                yield Issue(where, number, code, message, Grade.SHOULD)
        for number in _lines_with_stars(lines):
            message = _("Asterisks or underscores around “%(words)s” would be shown to readers.")
            line = lines[number - 1]
            sign = re.escape(_SHOWN) if _SHOWN in line else _STARS  # not those of bold before it
            words = re.split(sign, line, maxsplit=1)[1].strip(" *_")
            said = message % {"words": words.partition(_SHOWN)[0].strip()[:40] or "…"}
            yield Issue(where, number, "stars", said, Grade.SHOULD)


def _in_line(line: str) -> Iterator[tuple[str, str]]:
    if _HEADING.match(line):
        yield (
            "heading-space",
            _("This is not a heading yet: type one ordinary space after the # signs."),
        )
    if found := _TAG.search(line):
        yield (
            "raw-html",
            _("“%(tag)s” is HTML, which would be shown to readers as it is. Remove it.")
            % {"tag": found[0][:60]},
        )
    if found := _SHORTCODE.search(line):
        yield (
            "shortcode",
            _("“%(code)s” is a shortcode of another website. Remove it, or write what it showed.")
            % {"code": found[0][:60]},
        )
    for found in _TARGET.finditer(line):
        if found[2] or not _ADDRESS.match(found[3].strip()):
            continue
        address = found[3].strip()
        if found[1] or (re.search(r"\s", address) and not _TITLED.fullmatch(address)):
            yield (
                "link-space",
                _("This link does not work: remove the space in or before “(%(address)s)”.")
                % {"address": address[:60]},
            )
    if found := _FILE.search(line):
        yield (
            "link-to-file",
            _("“%(address)s” is a file, not a page. Show it as an image, or link to a page.")
            % {"address": found[1][:80]},
        )


def _lines_with_stars(lines: list[str]) -> Iterator[int]:
    """Yield the first line of each block in which marks of bold are left after parsing."""
    start, block = 1, list[str]()
    for number, line in enumerate([*lines, ""], start=1):
        if block and (not line.strip() or _BEGINS_BLOCK.match(line)):
            if _STARS.search(markdown.plain_inline("\n".join(block))):
                yield start + next(n for n, each in enumerate(block) if _STARS.search(each))
            block = []
        if line.strip():
            start = start if block else number
            block.append(line)


def _without_code(part: str) -> Iterator[str]:
    """Yield the lines without code and without escaped signs; code in blocks as empty lines."""
    fence, holds_text = "", False  # indented lines belong to a list or callout
    for line in part.split("\n"):
        found = _FENCE.match(line)
        if found and (not fence or found[1].startswith(fence)):
            fence = "" if fence else found[1]
            yield ""
            continue
        is_indented = bool(_INDENTED.match(line))
        if line.strip() and not is_indented:
            holds_text = bool(_HOLDS_TEXT.match(line))
        is_code = fence or (is_indented and not holds_text)
        shown = _STARS_AROUND.sub(rf"{_SHOWN}\1{_SHOWN}", line.lstrip())
        yield "" if is_code else _CODE_SPAN.sub("x", _ESCAPED.sub("x", shown))
