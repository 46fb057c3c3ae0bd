"""Minor corrections: a typing error mended after a sign-off carries it over to the new words.

How small is measured against the words that the reviewer read, not against the last correction, so
many small steps do not add up to a text that nobody has read.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher

from django.utils.translation import gettext as _

from articles import rules
from articles.manuscript import HASH_RECIPE
from articles.models import Article, Edition, Review
from articles.rendering import Text
from clinic.models import User

MOST_PLACES = 5
MOST_CHARACTERS = 60  # taken away and put in together
# Words that turn a sentence round; a dose, a citation and a link are never a typing error.
_TURNS = {"no", "not", "never", "without", "only", "unless", "nor", "none", "cannot"}
_TOKEN = re.compile(r"\s+|[\w'’@-]+|[^\w\s]")


class NotMinor(Exception):
    """The sign-off cannot be carried over; the message says why."""


@dataclass(frozen=True)
class Size:
    """How much two texts differ. `turns`: numbers, citations, addresses or negations differ."""

    places: int
    characters: int
    turns: bool

    @property
    def is_minor(self) -> bool:
        return not self.turns and self.places <= MOST_PLACES and self.characters <= MOST_CHARACTERS


def measure(old: Text, new: Text) -> Size:
    """Count the places in which the words differ, and the characters taken away and put in."""
    before, after = (_TOKEN.findall(_canonical(text)) for text in (old, new))
    places = characters = 0
    changed: list[str] = []
    for tag, i, j, k, m in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        pieces = [token for token in before[i:j] + after[k:m] if not token.isspace()]
        if tag == "equal" or not pieces:
            continue
        places += 1
        characters += _distance("".join(before[i:j]), "".join(after[k:m]))
        changed += pieces
    return Size(places, characters, any(_turns(token) for token in changed))


def _distance(old: str, new: str) -> int:
    """The characters that one loses and the other gains."""
    matched = sum(
        block.size
        for block in SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks()
    )
    return len(old) + len(new) - 2 * matched


def _turns(piece: str) -> bool:
    return (
        piece.lower() in _TURNS
        or any(sign in "@[]()<>%^" for sign in piece)
        or any(sign.isdigit() for sign in piece)
    )


def _canonical(text: Text) -> str:
    questions = (part for pair in text.faq for part in pair)
    return "\n".join((text.title, text.summary, *text.takeaways, text.body, *questions))


def carried_from(article: Article, certainty: str, text: Text) -> Review:
    """The newest sign-off of a published edition that this text differs from by a minor
    correction alone. Raises NotMinor."""
    reviews = Review.objects.filter(article=article).order_by("-signed_at", "-id")
    review = reviews.first()
    if review is None:
        raise NotMinor(_("Nobody has signed this text yet."))
    read = review
    while read.carried_from is not None:
        read = read.carried_from
    edition = (
        Edition.objects.filter(article=article, content_hash=read.content_hash)
        .order_by("-number")
        .first()
    )
    if edition is None:
        raise NotMinor(_("What was signed last has never been published: have it signed again."))
    size = measure(Text.of_edition(edition), text)
    if not size.is_minor or certainty != edition.certainty:
        raise NotMinor(
            _(
                "This is more than a typing error since %(reviewer)s read the text: at most "
                "%(places)d places and %(characters)d characters, and no number, source, link or "
                "“not”. Have it signed again."
            )
            % {
                "reviewer": review.reviewer_name,
                "places": MOST_PLACES,
                "characters": MOST_CHARACTERS,
            }
        )
    return review


def carry_over(review: Review, *, digest: str, by: User | None, at: datetime) -> Review:
    """Record that a sign-off also stands for the corrected words, which hash to `digest`."""
    rules.require(by, "articles.publish_article")
    return Review.objects.create(
        article=review.article,
        content_hash=digest,
        hash_recipe=HASH_RECIPE,
        reviewer=review.reviewer,
        reviewer_name=review.reviewer_name,
        signed_by=by,
        signed_at=review.signed_at,
        next_due_on=review.next_due_on,
        carried_from=review,
        carried_at=at,
    )
