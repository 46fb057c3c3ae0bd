"""Words of a text, and their stems: the same for what is indexed and for what is asked.

The stemmer is small on purpose. It takes away the endings of English that do not change what
patients look for (needles, needling; accessible, accessibility), and is careful with short words.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

LONGEST_WORD = 40
STOP_WORDS = frozenset({
    "a", "all", "am", "an", "and", "any", "are", "as", "at", "be", "been", "being", "but", "by",
    "can", "could", "did", "do", "does", "for", "from", "get", "got", "had", "has", "have",
    "how", "i", "if", "in", "into", "is", "it", "its", "me", "much", "my", "need", "of", "on",
    "or", "our", "should", "so", "some", "than", "that", "the", "their", "them", "then",
    "there", "these", "they", "this", "to", "us", "very", "was", "we", "were", "what", "when",
    "where", "which", "who", "why", "will", "with", "would", "you", "your",
})  # fmt: skip
# Words whose stem no rule finds, and words that a rule would take for another one: what lowers a
# risk is not the lower back.
IRREGULAR = {
    "ached": "ache", "aching": "ache", "broke": "break", "broken": "break", "buses": "bus",
    "children": "child", "feet": "foot", "fees": "fee", "fell": "fall", "fallen": "fall",
    "injured": "injury", "knees": "knee", "lies": "lie", "lying": "lie", "lowered": "lowers",
    "lowering": "lowers", "lowers": "lowers", "men": "man", "paid": "pay", "paying": "pay",
    "slept": "sleep", "swollen": "swell", "teeth": "tooth", "toes": "toe", "tore": "tear",
    "torn": "tear", "women": "woman", "wore": "wear", "worn": "wear",
}  # fmt: skip
# Each with the fewest letters that must be left of a word.
_ENDINGS = (
    ("ibility", 4), ("ability", 4), ("ations", 4), ("ation", 4), ("itic", 5),
    ("ment", 3), ("ness", 3), ("ible", 4), ("able", 4), ("ance", 5), ("ancy", 4), ("ence", 5),
    ("ency", 5), ("ful", 3), ("ant", 5), ("ent", 6), ("ity", 5), ("ate", 4),
)  # fmt: skip

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_POSSESSIVE = re.compile(r"['’]s$")
_VOWEL = re.compile("[aeiouy]")
_SHORT = re.compile("^[^aeiou]*[aeiouy][^aeiouwxy]$")  # the vowel was long before an e


def words(text: str) -> list[str]:
    """Return the words of a text in their order: lower case, without accents and apostrophes."""
    return [word for word, _start, _end in places(text)]


def places(text: str) -> Iterator[tuple[str, int, int]]:
    """Give each word of a text with the place at which it begins and ends there."""
    for match in _WORD.finditer(text):
        if word := _folded(match[0]):
            yield word, match.start(), match.end()


def stems(text: str) -> list[str]:
    """Return the stems of all words of a text, in their order."""
    return [stem(word) for word in words(text)]


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """Return what the forms of a word have in common; not always a word itself."""
    if word in IRREGULAR:
        return IRREGULAR[word]
    if len(word) < 4 or not word.isascii() or not word.isalpha():
        return word
    return _without_ending(_without_tense(_singular(word)))


@lru_cache(maxsize=50_000)
def _folded(word: str) -> str:
    if word.isascii() and word.isalnum():
        return word.lower()[:LONGEST_WORD]
    text = unicodedata.normalize("NFKD", _POSSESSIVE.sub("", word))
    kept = "".join(c for c in text.casefold() if not unicodedata.combining(c) and c not in "'’")
    # The parsers of the databases know letters and digits of ASCII alike.
    plain = "".join(c if c.isascii() else f"u{ord(c):05x}" for c in kept if c.isalnum())
    return plain[:LONGEST_WORD]


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("ches", "shes", "sses", "xes")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def _without_tense(word: str) -> str:
    for ending in ("ing", "ed"):
        left = word.removesuffix(ending)
        if left != word and len(left) >= 3 and _VOWEL.search(left) and not word.endswith("eed"):
            if left[-1] == left[-2] and left[-1] not in "sz" and (left[-1] != "l" or len(left) > 5):
                return left[:-1]
            return f"{left}e" if left.endswith("at") or _SHORT.match(left) else left
    return word


def _without_ending(word: str) -> str:
    if word.endswith("itic"):
        return f"{word[:-2]}is"  # of arthritis
    for ending, least in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= least:
            word = word[: -len(ending)]
            break
    else:
        if word.endswith(("sion", "tion")) and len(word) >= 8:
            word = word[:-3]
    if word.endswith("ll") and len(word) > 5:
        word = word[:-1]
    return word[:-1] if word.endswith("e") and len(word) >= 5 and word[-2] != "e" else word
