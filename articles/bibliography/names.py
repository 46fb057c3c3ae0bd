"""Names of people as bibliographies write them, as CSL-JSON."""

import re

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
