"""Minor corrections: a typing error mended after a sign-off carries it over to the new words.

How small is measured against the words that the reviewer read, not against the last correction, so
many small steps do not add up to a text that nobody has read.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from articles import contributions, permissions
from articles.manuscript.content_hash import HASH_RECIPE
from articles.manuscript.rendering import Text
from articles.models import Article, Edition, Review
from articles.publishing.edition_writer import Snapshot
from clinic.lib.comparing import Effort, Matcher
from clinic.models import User

MOST_PLACES = 5
MOST_CHARACTERS = 60  # taken away and put in together
MOST_WORDS = 2  # taken away, or put in, in one place
# Words that change what a sentence means: negations, numbers, limits and opposites. A dose, a
# citation and a link are never a typing error either.
_TURNING_WORDS = """
    no not never without only unless nor none cannot neither nobody nothing nowhere hardly rarely
    seldom except avoid stop until always must should may might can could
    zero half one two three four five six seven eight nine ten eleven twelve twenty thirty hundred
    once twice daily weekly monthly second minute hour day week month year
    seconds minutes hours days weeks months years
    more less most least fewer before after better worse increase decrease increases decreases
    reduce reduces raise raises up down left right hot cold high low higher lower safe unsafe
    strong weak likely unlikely
"""
_TURNS = frozenset(_TURNING_WORDS.split())
_TOKEN = re.compile(r"\s+|[\w'’@-]+|[^\w\s]")


class NotMinor(Exception):
    """The sign-off cannot be carried over; the message says why."""


@dataclass(frozen=True)
class Size:
    """How much two texts differ. `words`: the most that were taken away, or put in, in one place.
    `turns`: numbers, citations, addresses or words that change the meaning differ, or a word is
    another one, not the same with a typing error."""

    places: int
    words: int
    characters: int
    turns: bool

    @property
    def is_minor(self) -> bool:
        return (
            not self.turns
            and self.places <= MOST_PLACES
            and self.words <= MOST_WORDS
            and self.characters <= MOST_CHARACTERS
        )


def measure(old: Text, new: Text) -> Size:
    """Count the places in which the words differ, and what was taken away and put in."""
    before, after = (_canonical(text).splitlines(keepends=True) for text in (old, new))
    places = words = characters = 0
    turns = False
    effort = Effort()
    for tag, i, j, k, m in Matcher(before, after, effort).get_opcodes():
        if tag == "equal":
            continue
        for gone, came in _changes("".join(before[i:j]), "".join(after[k:m]), effort):
            places += 1
            words = max(words, _count_words(gone), _count_words(came))
            characters += _distance("".join(gone), "".join(came), effort)
            turns |= any(_turns(token) for token in gone + came)
            turns |= _is_another("".join(gone), "".join(came), effort)
    return Size(places, words, characters, turns)


def _changes(old: str, new: str, effort: Effort) -> Iterator[tuple[list[str], list[str]]]:
    """The tokens taken away and put in, place by place, where more than space differs."""
    before, after = _TOKEN.findall(old), _TOKEN.findall(new)
    for tag, i, j, k, m in Matcher(before, after, effort).get_opcodes():
        gone, came = before[i:j], after[k:m]
        if tag != "equal" and not all(token.isspace() for token in gone + came):
            yield gone, came


def _count_words(tokens: list[str]) -> int:
    return sum(token[0].isalnum() for token in tokens)


def _distance(old: str, new: str, effort: Effort) -> int:
    """The characters that one loses and the other gains."""
    matched = sum(block.size for block in Matcher(old, new, effort).get_matching_blocks())
    return len(old) + len(new) - 2 * matched


def _is_another(old: str, new: str, effort: Effort) -> bool:
    """Whether words were replaced by such as are not like them: a third of the letters differ."""
    if not (any(map(str.isalnum, old)) and any(map(str.isalnum, new))):
        return False
    return _distance(old.casefold(), new.casefold(), effort) * 3 > len(old) + len(new)


def _turns(piece: str) -> bool:
    word = piece.lower().replace("’", "'")
    return (
        word in _TURNS
        or word.endswith("n't")
        or any(sign in "@[]()<>%^" for sign in piece)
        or any(sign.isdigit() for sign in piece)
    )


def _canonical(text: Text) -> str:
    questions = (part for pair in text.faq for part in pair)
    return "\n".join((text.title, text.summary, *text.takeaways, text.body, *questions))


def carried_from(article: Article, snapshot: Snapshot, *, at: datetime) -> Review:
    """The newest sign-off of a published edition that this snapshot differs from by a minor
    correction alone. Raises NotMinor, also where the reviewer had a part in the text since, or
    signed the text of another author."""
    reviews = Review.objects.counting().filter(article=article)
    review = reviews.order_by("-signed_at", "-id").first()
    if review is None:
        raise NotMinor(_("No one has approved this article yet."))
    if review.author_id != snapshot.author_id:
        raise NotMinor(
            _("Someone new has edited this article since it was approved. Ask for a new review.")
        )
    if not permissions.may_review(article, review.reviewer, at=at):
        raise NotMinor(
            _("The reviewer has edited this article since. Ask someone else to review it.")
        )
    edition = _first_published(review)
    if edition is None:
        raise NotMinor(_("The last approved version was never published. Ask for a new review."))
    size = measure(Text.of_edition(edition), snapshot.text)
    if not size.is_minor or snapshot.certainty != edition.certainty:
        raise NotMinor(
            _(
                "This is more than a minor correction since %(reviewer)s approved it: a minor "
                "correction changes at most %(places)d places, two words in each and "
                "%(characters)d characters in all. It replaces no word with another one, and "
                "changes no number, citation, link or word such as “not”, “more” or “daily”. Ask "
                "for a new review."
            )
            % {
                "reviewer": review.reviewer_name,
                "places": MOST_PLACES,
                "characters": MOST_CHARACTERS,
            }
        )
    return review


def _first_published(review: Review) -> Edition | None:
    """The newest edition with the words that the reviewer read: of the sign-off from which the
    others were carried over, or of the first that was published."""
    chain = [review]
    while chain[-1].carried_from is not None:
        chain.append(chain[-1].carried_from)
    for read in reversed(chain):
        editions = Edition.objects.filter(article=review.article, content_hash=read.content_hash)
        if edition := editions.order_by("-number").first():
            return edition
    return None


def carry_over(review: Review, *, digest: str, by: User | None, at: datetime) -> Review:
    """Record that a sign-off also counts for the words that hash to `digest`."""
    permissions.require(by, "articles.publish_article")
    carried = Review.objects.create(
        article=review.article,
        content_hash=digest,
        hash_recipe=HASH_RECIPE,
        author_id=review.author_id,
        reviewer=review.reviewer,
        reviewer_name=review.reviewer_name,
        signed_by=by,
        signed_at=review.signed_at,
        next_due_on=review.next_due_on,
        carried_from=review,
        carried_at=at,
    )
    changed = contributions.users_since_last_review(review.article, at=at)
    carried.changed_by.set({*review.changed_by.all(), *changed})
    return carried
