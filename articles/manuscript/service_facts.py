"""What a text says of its services, against what the services say themselves.

Risks, who should not have it, course, length and price are shown with the article from the
service. The text should not say them again in other words, or with other numbers. Sentences that
cite a source speak about studies, not about the clinic, and are passed over.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from django.utils.translation import gettext as _

from articles.manuscript.rendering import Grade, Issue, Text
from clinic.models import Service

_WORDS = [
    *("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven"),
    *("twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
    "twenty",
]
_NUMBER = r"(?<![\d.,$])(?:\d{1,2}|" + "|".join(_WORDS) + r")(?![\d.,]\d)"
_APPOINTMENTS = r"(?:appointments?|sessions?|treatments?|visits?)\b"
_COURSE = re.compile(
    rf"(?P<most>\b(?:up to|at most|no more than)\s+)?\b(?P<first>{_NUMBER})"
    rf"(?:\s*(?:–|-|\bto\b|\bor\b)\s*(?P<last>{_NUMBER}))?"
    rf"\s+(?:[a-z-]+\s+)?{_APPOINTMENTS}(?!\s+(?:a|an|per|each|every)\b)",
    re.IGNORECASE,
)
_LENGTH = re.compile(
    rf"\b(\d{{1,3}})[ -]minutes? {_APPOINTMENTS}"
    rf"|\b{_APPOINTMENTS} (?:is|are|takes?|lasts?|of)(?: about| around)? (\d{{1,3}}) minutes?\b",
    re.IGNORECASE,
)
_AMOUNT = re.compile(r"[$€£]\s?(\d{1,4}(?:[.,]\d\d)?)\b")
_PRICED = re.compile(rf"\b(?:{_APPOINTMENTS}|costs?\b|prices?\b|fees?\b|charge)", re.IGNORECASE)
_SENTENCE = re.compile(r"[^.!?]+(?:[.!?](?!\s)[^.!?]*)*[.!?]*")
_CITES = re.compile(r"(?<![\w.])@\w")
_HEADING = re.compile(r"#{1,6}\s+(.+)")
_ITEM = re.compile(r"\s*(?:[-*•✗✘✓✔]|\d+[.)])\s+(.+)")
_NOT_FOR = re.compile(
    r"should\s*n[o’']t have|should not have|not suitable|not for you|contraindicat|when not to",
    re.IGNORECASE,
)
_RISKS = re.compile(r"\brisks?\b|side[ -]effects?|complication|can go wrong", re.IGNORECASE)

Range = tuple[int, int]


def run(text: Text, services: Sequence[Service]) -> Iterator[Issue]:
    """Yield what the text says otherwise than its services, in the order of its lines."""
    if not services:
        return
    yield from _lists(text, services)
    courses = [found for service in services for found in _ranges(service.typical_course)]
    lengths = {minutes for s in services for minutes in (s.first_minutes, s.follow_minutes)}
    prices = {amount for s in services for amount in _AMOUNT.findall(s.price_text)}
    names = ", ".join(service.name for service in services)
    for where, line, sentence in _sentences(text):
        others = [
            *(_other_courses(sentence, courses) if courses else ()),
            *(_other_lengths(sentence, lengths - {None})),
            *(_other_prices(sentence, prices) if prices else ()),
        ]
        for said in others:
            yield Issue(
                where,
                line,
                "other-number",
                _(
                    "“%(said)s” differs from what readers see about %(services)s on this page. "
                    "Correct it here or in the service."
                )
                % {"said": said, "services": names},
                Grade.SHOULD,
            )


def _lists(text: Text, services: Sequence[Service]) -> Iterator[Issue]:
    for line, heading, items in _sections(text.body):
        for pattern, attribute, message in (
            (
                _NOT_FOR,
                "not_for_lines",
                _(
                    "“%(heading)s” has another list of who should not have %(services)s than the "
                    "service, which is shown on this page. Keep one list, in the service."
                ),
            ),
            (
                _RISKS,
                "risk_lines",
                _(
                    "“%(heading)s” has another list of risks of %(services)s than the service, "
                    "which is shown on this page. Keep one list, in the service."
                ),
            ),
        ):
            concerned = [s for s in services if getattr(s, attribute)]
            known = {_folded(said) for s in concerned for said in getattr(s, attribute)}
            if pattern.search(heading) and known and any(_folded(i) not in known for i in items):
                names = ", ".join(service.name for service in concerned)
                said = message % {"heading": heading, "services": names}
                yield Issue("body", line, "second-list", said, Grade.SHOULD)


def _sections(body: str) -> Iterator[tuple[int, str, list[str]]]:
    """The headings of a text with their lines, and the list items up to the next heading."""
    line, heading, items = 0, "", list[str]()
    for number, row in enumerate(body.split("\n"), start=1):
        if found := _HEADING.fullmatch(row.strip()):
            if heading:
                yield line, heading, items
            line, heading, items = number, found[1], []
        elif (item := _ITEM.fullmatch(row.rstrip())) and not _CITES.search(row):
            items.append(item[1])
    if heading:
        yield line, heading, items


def _sentences(text: Text) -> Iterator[tuple[str, int, str]]:
    """Sentences that cite nothing, with the field and the line in which they begin."""
    parts = [("summary", text.summary), ("takeaways", "\n".join(text.takeaways))]
    parts += [("body", text.body)]
    parts += [(f"faq {n}", answer) for n, (_question, answer) in enumerate(text.faq, start=1)]
    for where, part in parts:
        for number, row in enumerate(part.split("\n"), start=1):
            for sentence in _SENTENCE.findall(row):
                if not _CITES.search(sentence):
                    yield where, number, sentence


def _ranges(course: str) -> list[Range]:
    """How many appointments a course has: "three to six", "up to three" (from one)."""
    return [_range(found) for found in _COURSE.finditer(course)]


def _range(found: re.Match[str]) -> Range:
    first = _value(found["first"])
    if found["last"]:
        return first, _value(found["last"])
    return (1 if found["most"] else first), first


def _other_courses(sentence: str, known: Sequence[Range]) -> Iterator[str]:
    """Ranges that lie in none of the courses, and single numbers above all of them: "after two
    appointments" is no course of its own."""
    for found in _COURSE.finditer(sentence):
        first, last = _range(found)
        if found["last"] or found["most"]:
            agrees = any(low <= first and last <= high for low, high in known)
        else:
            agrees = last <= max(high for _low, high in known)
        if not agrees:
            yield found[0]


def _other_lengths(sentence: str, known: Iterable[int | None]) -> Iterator[str]:
    for found in _LENGTH.finditer(sentence):
        if known and int(found[1] or found[2]) not in known:
            yield found[0]


def _other_prices(sentence: str, known: Iterable[str]) -> Iterator[str]:
    if _PRICED.search(sentence):
        yield from (found[0] for found in _AMOUNT.finditer(sentence) if found[1] not in known)


def _value(number: str) -> int:
    return int(number) if number.isdigit() else _WORDS.index(number.lower()) + 1


def _folded(words: str) -> str:
    return "".join(sign for sign in words.casefold() if sign.isalnum())
