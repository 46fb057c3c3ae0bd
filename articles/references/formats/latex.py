"""LaTeX in the fields of BibTeX, as text with CSL-JSON's markup (`i`, `b`, `sub`, `sup`)."""

import re
import unicodedata

from pylatexenc.latex2text import (
    LatexNodes2Text,
    MacroTextSpec,
    get_default_latex_context_db,
)

# The accents of LaTeX as combining characters.
_ACCENTS = {
    "`": "\u0300", "'": "\u0301", "^": "\u0302", "~": "\u0303", "=": "\u0304", "u": "\u0306",
    ".": "\u0307", '"': "\u0308", "r": "\u030a", "H": "\u030b", "v": "\u030c", "d": "\u0323",
    "c": "\u0327", "k": "\u0328",
}  # fmt: skip
_LETTERS = {
    "aa": "å", "AA": "Å", "ae": "æ", "AE": "Æ", "oe": "œ", "OE": "Œ", "o": "ø", "O": "Ø",
    "l": "ł", "L": "Ł", "ss": "ß", "i": "ı", "j": "ȷ", "dh": "ð", "DH": "Ð", "th": "þ", "TH": "Þ",
}  # fmt: skip
_ACCENTED = re.compile(
    r"""\\(?:([`'^~=."])\s*|([uvHcdrk])(?=[{\s\\])\s*)(?:\{\s*(\\[ij](?![A-Za-z])|[A-Za-z])\s*\}"""
    r"""|(\\[ij](?![A-Za-z])|[A-Za-z]))"""
)
_LETTER = re.compile(
    r"\\(" + "|".join(sorted(_LETTERS, key=len, reverse=True)) + r")(?![A-Za-z])(?:\{\}| +)?"
)
_ESCAPED = re.compile(r"\\([&%#_$])")
_RAISED = re.compile(r"\$\s*([_^])\s*(?:\{([^{}$]{1,60})\}|([A-Za-z0-9+*-]))\s*\$")
_BARE_SIGN = re.compile(r"(?<!\\)([%&#])")
_DOLLAR = re.compile(r"(?<!\\)\$")
# What is typed for these signs; never part of an address.
_TYPED = (("---", "—"), ("--", "–"), ("``", "“"), ("''", "”"), ("~", " "))
_MARKUP = {
    "textit": "i", "emph": "i", "textsl": "i", "mkbibemph": "i", "textbf": "b", "mkbibbold": "b",
    "textsubscript": "sub", "textsuperscript": "sup",
}  # fmt: skip
_MARKED = re.compile(r"\\(" + "|".join(_MARKUP) + r")\s*\{([^{}]*)\}")
_SWITCHED = re.compile(r"\{\\(?:it|em|itshape)\s+([^{}]*)\}")
LONGEST = 20_000  # characters that are read as LaTeX; what is longer stays as it was typed
_DEEPEST = 5  # markup inside markup
# Zotero and JabRef write these for the plain sign; pylatexenc knows none and would drop it.
_SIGNS = {
    "textless": "<", "textgreater": ">", "less": "<", "greater": ">", "mathsemicolon": ";",
    "textbar": "|", "textbraceleft": "{", "textbraceright": "}", "textquotedbl": '"',
    "textunderscore": "_", "slash": "/", "newline": " ",
}  # fmt: skip
_CONTEXT = get_default_latex_context_db()
_CONTEXT.add_context_category(
    "bibliographies",
    prepend=True,
    macros=[
        *(MacroTextSpec(name, simplify_repl=sign) for name, sign in _SIGNS.items()),
        MacroTextSpec("mbox", simplify_repl="%s"),
        MacroTextSpec("url", simplify_repl="%s"),
    ],
)
_CONVERTER = LatexNodes2Text(_CONTEXT, math_mode="text", strict_latex_spaces=False)


def decode(text: str) -> str:
    """The text that LaTeX would print, on one line; braces that only protect are dropped.

    Never raises: what is no LaTeX stays as it is. Signs that people leave unescaped in
    bibliographies (`50%`, `A & B`) are taken for themselves.
    """
    if "\\" in text or "$" in text:
        text = _LETTER.sub(lambda found: _LETTERS[found[1]], text)
        text = _ACCENTED.sub(_accented, text)
        text = _RAISED.sub(_raised, text)
        text = _marked(text)
    if "\\" in _ESCAPED.sub("", text) or len(_DOLLAR.findall(text)) > 1:
        text = _converted(text)
    else:
        text = _ESCAPED.sub(r"\1", text).replace("{", "").replace("}", "")
        for typed, sign in _TYPED:
            text = text.replace(typed, sign)
    return unicodedata.normalize("NFC", " ".join(text.split()))


def decode_address(text: str) -> str:
    """An address or identifier: only escapes are undone."""
    text = re.sub(r"^\\url\{(.*)\}$", r"\1", text.strip())
    text = re.sub(r"\{?\\textasciitilde(?:\{\})?\}?", "~", text)
    return re.sub(r"\\([&%#_$~{}])", r"\1", text).strip("{} ")


def _accented(found: re.Match[str]) -> str:
    letter = (found[3] or found[4]).removeprefix("\\")
    return unicodedata.normalize("NFC", letter + _ACCENTS[found[1] or found[2]])


def _raised(found: re.Match[str]) -> str:
    tag = "sub" if found[1] == "_" else "sup"
    return f"<{tag}>{found[2] or found[3]}</{tag}>"


def _marked(text: str) -> str:
    """Macros of emphasis as tags, from the innermost outwards."""
    text = _SWITCHED.sub(r"<i>\1</i>", text)
    for _level in range(_DEEPEST):
        text, changed = _MARKED.subn(
            lambda found: f"<{_MARKUP[found[1]]}>{found[2]}</{_MARKUP[found[1]]}>", text
        )
        if not changed:
            break
    return text


def _converted(text: str) -> str:
    if len(text) > LONGEST:
        return text.replace("{", "").replace("}", "")
    text = _BARE_SIGN.sub(r"\\\1", text)
    if len(_DOLLAR.findall(text)) % 2:
        text = _DOLLAR.sub(r"\\$", text)
    try:
        return str(_CONVERTER.latex_to_text(text, tolerant_parsing=True))
    except Exception:  # whatever a stranger's LaTeX can provoke, RecursionError among it
        return text.replace("{", "").replace("}", "")
