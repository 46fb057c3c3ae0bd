"""The people at the start of a reference, and its editors."""

import re

from articles.references.formats import names

_EDITORS = re.compile(r"(?:(?<!\s)|(?=,)),?\s*+\(?\b(?:editors?|eds?)\b\.?\)?\.?$", re.IGNORECASE)
_CAPITALS = re.compile(
    r"[A-ZÀ-Þ][\w’'&-]*(?:,? (?:of|for|on|and|in|the|to|&|de|la|[A-ZÀ-Þ][\w’'&-]*))*"
    r"(?: \([A-Z]{2,10}\))?"
)
_INITIALS = re.compile(r"[^\W\d_a-zß-öø-ÿ](?:[.\s‐-]{0,3}[^\W\d_a-zß-öø-ÿ]){0,4}\.?")


def editors_in(text: str) -> tuple[str, bool]:
    """Return the text without "eds" at its end, and whether that was there."""
    without = _EDITORS.sub("", text.strip())
    return without, without != text.strip()


def people(text: str) -> list[names.Name]:
    """Return the people or bodies that a text surely names; nobody if it may be other words."""
    text = text.strip(" ,;")
    text = re.sub(
        r"(?:(?<!\s)|(?=,)),?\s*+(?:(?:\.\s?+){3}|…)\s*+&?\s*", ", ", text
    )  # APA's 21st author
    if not text or len(text) > 6000:
        return []
    found = names.separated(text) or _alone(text)
    return found if found and all(map(_is_sure, found)) else []


def _alone(text: str) -> list[names.Name]:
    if "," in text:
        family, _comma, given = text.partition(",")
        given, _comma, suffix = given.partition(",")
        sure = _INITIALS.fullmatch(given.strip()) and not re.search(r"[.:?]", family)
        sure = sure and (not suffix.strip() or names.is_suffix(suffix.strip()))
        if sure and len(family.split()) <= 4:
            return [names.from_commas(text)]
    elif is_short_name(text):
        return names.separated(f"{text}, {text}")[:1]
    if names.is_group(text):
        return [names.body(text)]
    return []


def is_short_name(text: str) -> bool:
    """Return whether this is "Hu HT" or "van der Berg J-P Jr"."""
    return len(names.separated(f"{text}, {text}")) == 2


def _is_sure(name: names.Name) -> bool:
    if literal := name.get("literal"):
        return literal.startswith("et al") or names.is_group(literal) or literal == "others"
    return bool(_INITIALS.fullmatch(name.get("given", "")))


def is_body(text: str) -> bool:
    """Return whether this has the form of a body's name: a few words, all with capitals."""
    words = text.strip().rstrip(".")
    return 2 <= len(words.split()) <= 9 and bool(_CAPITALS.fullmatch(words))


def turned(text: str) -> str:
    """Return "O. T. Hollis & J. de Vries" (APA) as "Hollis OT, de Vries J"."""
    parts = re.split(r"(?:(?<![\s,])|(?=,)),?\s++&\s+|,\s+", text.strip())
    found = [re.fullmatch(r"((?:[^\W\d_a-z]\.[\s-]?)+)\s*(.+)", part) for part in parts]
    return ", ".join(
        f"{each[2]} {re.sub(r'[^A-ZÀ-Þ]', '', each[1])}" if each else part
        for each, part in zip(found, parts, strict=True)
    )
