"""How hard a text is to read: sentence lengths and a reading age. A hint, never a barrier."""

import re
from dataclasses import dataclass

LONG_SENTENCE = 20  # words; the advice of the NHS and GOV.UK style guides is 15 to 20
_SENTENCE = re.compile(r"[^.!?\n]+(?:[.!?]+(?=\s|$)|$|\n)")
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_VOWELS = re.compile(r"[aeiouy]+")


@dataclass(frozen=True)
class Sentence:
    text: str
    words: int
    syllables: int

    @property
    def age(self) -> float:
        return _age(self.words, 1, self.syllables)


@dataclass(frozen=True)
class Reading:
    """`age`: years, None for less than a hundred words; `hardest`: the worst sentences first."""

    sentences: int
    long: int
    age: int | None
    hardest: tuple[Sentence, ...]

    @property
    def long_share(self) -> int:
        """Of all sentences, those over 20 words, in percent."""
        return round(100 * self.long / self.sentences) if self.sentences else 0


def read(plain: str) -> Reading:
    """Measure a text without markup, one paragraph or heading in each line. English."""
    found = [_sentence(match[0]) for match in _SENTENCE.finditer(plain)]
    sentences = [sentence for sentence in found if sentence.words > 2]
    words = sum(sentence.words for sentence in sentences)
    syllables = sum(sentence.syllables for sentence in sentences)
    age = round(_age(words, len(sentences), syllables)) if words >= 100 else None
    hardest = sorted(sentences, key=lambda sentence: -sentence.age)
    return Reading(
        len(sentences),
        sum(sentence.words > LONG_SENTENCE for sentence in sentences),
        age,
        tuple(s for s in hardest[:3] if s.words > LONG_SENTENCE),
    )


def syllables(word: str) -> int:
    """Groups of vowels, without a silent e at the end; at least one."""
    bare = word.lower()
    count = len(_VOWELS.findall(bare))
    if bare.endswith("e") and not bare.endswith(("le", "ee")):
        count -= 1
    return max(1, count)


def _sentence(text: str) -> Sentence:
    words = _WORD.findall(text)
    return Sentence(" ".join(text.split()), len(words), sum(map(syllables, words)))


def _age(words: int, sentences: int, all_syllables: int) -> float:
    """The Flesch-Kincaid grade (Kincaid 1975) and five years, the age in grade 0."""
    return 0.39 * words / sentences + 11.8 * all_syllables / words - 15.59 + 5
