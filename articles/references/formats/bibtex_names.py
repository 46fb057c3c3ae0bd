"""The names of a BibTeX field: "Hu, Hai-Tao and {World Health Organization} and others".

They are split while they are LaTeX and decoded afterwards, so that braces and "{\\'E}" mean what
they say.
"""

import re

from articles.references.formats import latex, names
from articles.references.formats.entry import Csl


def put_people(csl: Csl, role: str, raw: str) -> None:
    """Add the people of a BibTeX list of names to a role."""
    people = [person for part in _split(raw, "and") for person in _people(part)]
    csl.setdefault(role, []).extend(person for person in people if person)


def _people(raw: str) -> list[names.Name]:
    """A name, or those of a list that lacks its "and"s; braces protect what is one name."""
    found = [] if raw.lstrip().startswith("{") else names.separated(latex.decode(raw))
    return found or [_name(raw)]


def _name(raw: str) -> names.Name:
    """ "von Family, Jr, Given", "Given von Family" or "{A Body}"."""
    raw = raw.strip()
    if raw.lower() == "others":
        return names.body("others")
    if re.fullmatch(r"\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\}", raw):
        return names.body(latex.decode(raw))
    parts = [part.strip() for part in _split(raw, ",")]
    if len(parts) > 1:
        particle, family = _particle(_split(parts[0], " "))
        suffix = parts[1] if len(parts) > 2 else ""
        given = ", ".join(parts[2:]) if len(parts) > 2 else parts[1]
        if len(parts) == 3 and names.is_suffix(parts[2]):  # JabRef: "Fulton, James E., Jr."
            given, suffix = parts[1], parts[2]
    elif names.is_body(latex.decode(raw)):
        return names.body(latex.decode(raw))
    else:
        words = _split(raw, " ")
        first = next((n for n, word in enumerate(words[:-1]) if _is_small(word)), len(words) - 1)
        given = " ".join(words[:first])
        particle, family = _particle(words[first:])
        suffix = ""
    decoded = [latex.decode(part) for part in (family, given, suffix, particle)]
    if not decoded[0]:
        return names.body(decoded[1]) if decoded[1] else {}
    if not any(decoded[1:]):
        return names.body(decoded[0])
    return names.person(*decoded)


def _particle(words: list[str]) -> tuple[str, str]:
    """The words in small letters before a family name, and the name: "van der", "Berg"."""
    n = 0
    while n < len(words) - 1 and _is_small(words[n]):
        n += 1
    return " ".join(words[:n]), " ".join(words[n:])


def _is_small(word: str) -> bool:
    letter = next((sign for sign in latex.decode(word) if sign.isalpha()), "")
    return not word.startswith("{") and letter.islower()


def _split(text: str, separator: str) -> list[str]:
    """Parts between a separator (a word, a comma or white space) that stands in no braces."""
    marks = {"and": r"\s+and\s+", ",": r",", " ": r"[\s~]+"}[separator]
    pieces, depth, start = [], 0, 0
    for found in re.finditer(rf"\\.|[{{}}]|{marks}", text, re.IGNORECASE | re.DOTALL):
        sign = found.group()
        if sign == "{":
            depth += 1
        elif sign == "}":
            depth -= 1
        elif depth <= 0 and not sign.startswith("\\"):
            pieces.append(text[start : found.start()])
            start = found.end()
    return [piece for piece in [*pieces, text[start:]] if piece.strip()]
