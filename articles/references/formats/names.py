"""Names of people as bibliographies write them, as CSL-JSON."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from articles.references.formats import markup

Name = dict[str, str]

_SUFFIX = re.compile(r"(?:jr|sr|[IVX]{2,4}|[2-4](?:nd|rd|th))\.?", re.IGNORECASE)
_INITIALS = re.compile(r"[A-ZÀ-ÖØ-Þ]{1,4}")


def person(family: str, given: str = "", suffix: str = "", particle: str = "") -> Name:
    """A person; empty parts are left out.

    A particle behind the given name ("Doesschate, T. ten") belongs before the family name, and
    "al, et" (a list cut short, by EndNote) is nobody.
    """
    if (family.strip(" ."), given.strip()) == ("al", "et"):
        return body("et al")
    if not particle:
        given, particle = _without_particle(given)
    parts = {
        "family": family,
        "given": given,
        "suffix": suffix,
        "non-dropping-particle": particle,
    }
    return {name: part.strip() for name, part in parts.items() if part.strip()}


def _without_particle(given: str) -> tuple[str, str]:
    """ "T. ten" as "T." and "ten"; a given name in small letters all through stays."""
    words = given.split()
    n = len(words)
    while n > 1 and len(words[n - 1]) > 1 and words[n - 1].isalpha() and words[n - 1].islower():
        n -= 1
    return (given, "") if given.islower() else (" ".join(words[:n]), " ".join(words[n:]))


def is_suffix(text: str) -> bool:
    """Whether this is "Jr.", "III", "2nd" or the like."""
    return bool(_SUFFIX.fullmatch(text))


def body(name: str) -> Name:
    """An organisation, or a name that is to be printed as it is."""
    return {"literal": " ".join(name.split())}


def from_commas(text: str) -> Name:
    """ "King, Martin L., Jr." (RIS), "King, Martin L Jr" (PubMed); without a comma, or with nothing
    behind it (EndNote), a body."""
    parts = [part.strip() for part in text.split(",")]
    if not parts[0] or not any(parts[1:]):
        return body(text.strip(" ,"))
    family, given, *more = parts
    suffix = ", ".join(filter(None, more))
    words = given.split()
    if not suffix and len(words) > 1 and is_suffix(words[-1]):
        given, suffix = " ".join(words[:-1]), words[-1]
    return person(family, given, suffix)


def from_initials(text: str) -> Name:
    """ "van der Berg JA Jr" as PubMed's AU writes it; without initials at the end, a body."""
    words = text.split()
    suffix = words.pop() if len(words) > 2 and is_suffix(words[-1]) else ""
    if len(words) < 2 or not _INITIALS.fullmatch(words[-1]):
        return body(text)
    return person(" ".join(words[:-1]), words[-1], suffix)


# Several people in one field

_SMALL = r"(?:(?:van|von|de|der|den|del|della|di|da|dos|du|la|le|el|al|ten|ter|zu|zum|bin|ibn)\s+)*"
_WORD = r"(?:[^\W\d_a-zß-öø-ÿ]['’]?)?[^\W\d_]+(?:['’‐-][^\W\d_]+)*"
_DOTTED = r"[^\W\d_a-zß-öø-ÿ](?:\.?[\s‐-]?[^\W\d_a-zß-öø-ÿ]){0,3}\.?"
_SHORT_NAME = re.compile(
    rf"{_SMALL}{_WORD}(?:\s+{_WORD}){{0,2}}\s+{_DOTTED}(?:\s+(?:Jr|Sr|II|III|IV|[23](?:nd|rd))\.?)?"
)
_FAMILY = re.compile(rf"{_SMALL}{_WORD}(?:\s+{_WORD}){{0,2}}")
_GIVEN = re.compile(_DOTTED)
_CAPITAL = re.compile(r"[^\W\d_a-zß-öø-ÿ]")
_REST = re.compile(r"[\s,;]{0,4}(?:\bet\.?\s+al\b\.?|\band\s+others\b|…|\.\.\.)\s*$", re.IGNORECASE)
_AND = re.compile(r"(?:(?<!\s)|(?=[,;]))\s*+(?:[,;]\s*+)?(?<=\s)(?:&|and)\s+")
_BODY_WORDS = re.compile(
    r"\b(?:of|for|the|on|in|group|universit\w+|institut\w+|associations?|departments?|societ\w+|"
    r"council|cent(?:re|er)s?|organi[sz]ation|committee|ministry|foundation|network|college|"
    r"clinics?|hospitals?|team|services?|agency|board|task|force|health|inc|ltd|company|"
    r"consortium|collaborat\w+|investigators|working|international|national|federation|"
    r"academy|bureau|office|program(?:me)?|press)\b",
    re.IGNORECASE,
)


_BODY = re.compile(
    r"\b(?:of|for|universit\w+|institut\w+|associations?|departments?|societ\w+|council|"
    r"organi[sz]ation|committee|ministry|foundation|federation|academy|agency|group|consortium|"
    r"collaborati\w+)\b|&",
    re.IGNORECASE,
)


def is_body(text: str) -> bool:
    """Return whether words without a comma are surely no person: "World Health Organization"."""
    return bool(_BODY.search(markup.without_tags(text)))


_SMALL_WORDS = frozenset(("of", "for", "the", "and", "on", "in", "de", "des", "la", "et"))
_ACRONYM = re.compile(r"[A-Z]{2,10}|[A-Z][a-z]+(?: [A-Z][a-z]+)* \([A-Z]{2,10}\)")


def is_group(text: str) -> bool:
    """Return whether this is the name of a body and no more: capitals, and one of its nouns."""
    words = re.findall(r"[^\W\d_][\w’'-]*", text)
    capitals = all(word[0].isupper() or word in _SMALL_WORDS for word in words)
    if not words or not capitals or len(words) > 14 or re.search(r"[.?:]\s", text):
        return False
    return bool(_BODY.search(text)) or bool(_ACRONYM.fullmatch(text))


def people(text: str, one: Callable[[str], Name] = from_commas) -> list[Name]:
    """Return everybody that a field names: several, if it is surely a list, or the `one`.

    Lists are "Alpha A, Beta B", "Alpha, A., & Beta, B.", "Alpha, Ann; Beta, Bob" and the like.
    """
    text = markup.without_tags(text)
    return separated(text) or [name for name in [one(text)] if name]


def separated(text: str) -> list[Name]:
    """Return the people of a list in one field; nobody if it may be a single name or body."""
    text = " ".join(markup.without_tags(text).split())
    whole, cut = _REST.subn("", text)
    if not whole:
        return []
    found = _separated(whole.strip(" ,;"))
    if cut:
        found = [*(found or [_alone(whole)]), body("et al")]
    return found


def _separated(text: str) -> list[Name]:
    if re.search(r"[;|]", text):
        parts = [re.sub(r"^(?:&|and)\s+", "", part.strip()) for part in re.split(r"[;|]", text)]
        parts = [part for part in parts if part]
        return [name for part in parts for name in (separated(part) or [_alone(part)])]
    commas = _with_suffixes(_parts(text))
    short = [bool(_SHORT_NAME.fullmatch(part)) for part in commas]
    # A group among people is one of their list: "Alpha A, Beta B, Guideline Group".
    if (
        len(commas) > 1
        and short[0]
        and all(is_short or is_group(part) for is_short, part in zip(short, commas, strict=True))
    ):
        return [_alone(part) for part in commas]
    sides = [side.strip(" ,") for side in _AND.split(text)]
    if len(sides) > 1 and all(_is_comma_name(side) for side in sides):
        return [name for side in sides for name in _pairs(side)]
    pairs = _parts(text)
    if len(pairs) > 2 and (found := _pairs(text, strict=True)):
        return found
    if len(pairs) > 2 and all(map(_is_natural, pairs)):
        return [_natural(part) for part in pairs]
    return []


def _parts(text: str) -> list[str]:
    text = _AND.sub(", ", f" {text}").strip()
    return [part for part in (part.strip() for part in text.split(",")) if part]


def _with_suffixes(parts: list[str]) -> list[str]:
    """ "King ML", "Jr" as one part."""
    joined: list[str] = []
    for part in parts:
        if joined and is_suffix(part):
            joined[-1] += f" {part}"
        else:
            joined.append(part)
    return joined


def _is_comma_name(text: str) -> bool:
    parts = [part.strip() for part in text.split(",")]
    even = len(parts) % 2 == 0 or (len(parts) == 3 and is_suffix(parts[2]))
    return even and all(map(_FAMILY.fullmatch, parts[::2]))


def _pairs(text: str, *, strict: bool = False) -> list[Name]:
    """ "Alpha, A., Beta, B., Jr." as people; `strict`: given names must be initials."""
    found: list[Name] = []
    parts = _parts(text)
    while parts:
        if strict and found and is_group(parts[0]):
            found.append(body(parts.pop(0)))
            continue
        if len(parts) < 2 or not _FAMILY.fullmatch(parts[0]):
            return []
        if strict and not _GIVEN.fullmatch(parts[1]):
            return []
        family, given, *parts = parts
        suffix = parts.pop(0) if parts and is_suffix(parts[0]) else ""
        found.append(person(family, given, suffix))
    return found if not strict or len(found) > 1 else []


def _is_natural(text: str) -> bool:
    """Whether this is "Ann B. Alpha": two to four words, capitals first, nothing of a body."""
    words = text.replace(".", " ").split()
    return (
        2 <= len(words) <= 4
        and all(_CAPITAL.match(word) for word in (words[0], words[-1]))
        and len(words[-1]) > 1
        and not _BODY_WORDS.search(text)
        and not re.search(r"\d", text)
    )


def _natural(text: str) -> Name:
    words = text.split()
    suffix = words.pop() if len(words) > 2 and is_suffix(words[-1]) else ""
    first = next((n for n, word in enumerate(words[:-1]) if n and word.islower()), len(words) - 1)
    return person(" ".join(words[first:]), " ".join(words[:first]), suffix)


def _alone(text: str) -> Name:
    """One name of a list, however it is written."""
    if "," in text:
        return from_commas(text)
    if _SHORT_NAME.fullmatch(text):
        words = text.split()
        suffix = f" {words.pop()}" if len(words) > 2 and is_suffix(words[-1]) else ""
        initials = ""
        while len(words) > 1 and _GIVEN.fullmatch(words[-1]) and len(words[-1]) <= 8:
            initials = f"{words.pop()} {initials}".strip()
        return person(" ".join(words), initials, suffix.strip())
    return _natural(text) if _is_natural(text) else body(text)


def looks_like_several(name: Mapping[str, Any]) -> bool:
    """Whether what was read as one name seems to be more than one person."""
    literal, family, given, suffix = (
        str(name.get(part) or "") for part in ("literal", "family", "given", "suffix")
    )
    if literal:
        if _BODY_WORDS.search(literal):
            return False
        sides = re.split(r"[,;&]|\band\b", literal)
        return len(sides) > 1 and all(len(side.split()) > 1 for side in sides)
    if suffix and not is_suffix(suffix):
        return True
    if re.search(r"[;&]|,|\band\b", f"{family} {given}"):
        return True
    halves = [part.split() for part in (family, given)]
    return all(
        len(half) == 2 and all(_CAPITAL.match(word) and len(word.strip(".")) > 2 for word in half)
        for half in halves
    )
