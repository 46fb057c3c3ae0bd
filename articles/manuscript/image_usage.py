"""The pictures that manuscripts show: what may not be deleted although no row refers to it, and
what another picture replaces.

Editions refer to theirs by rows.
"""

import re
from collections.abc import Iterable
from datetime import datetime

from django.db.models import F, Model, Q

from articles import contributions
from articles.manuscript.citations import PICTURE
from articles.models import Article
from clinic.models import Image, User

# A picture in Markdown up to its address, and from there on.
_ALT = r"!\[(?:[^\[\]\\]|\\.|\[(?:[^\[\]\\]|\\.)*\])*\]\(\s*<?"
_TITLE = r">?(?:\s+(?:\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|\((?:[^()\\]|\\.)*\)))?\s*\)"


def showing(address: str) -> Iterable[Model]:
    """The manuscripts that show a picture, `/media/…`."""
    named = (
        Q(body__contains=address)
        | Q(takeaways__contains=address)
        | Q(questions__answer__contains=address)
    )
    return Article.objects.filter(named).defer("body").distinct().order_by("id")


def shown() -> set[str]:
    """The address of every picture that a manuscript shows."""
    mark = Image.FOLDER
    texts = [
        *Article.objects.filter(body__contains=mark).values_list("body", flat=True),
        *Article.objects.filter(takeaways__contains=mark).values_list("takeaways", flat=True),
        *Article.objects.filter(questions__answer__contains=mark).values_list(
            "questions__answer", flat=True
        ),
    ]
    return {address for text in texts for address in PICTURE.findall(text)}


def replace(old: Image, new: Image | None, *, by: User | None, at: datetime) -> list[Article]:
    """Put another picture in place of one in every manuscript, or none, and return those.

    An alt text that was copied from the library becomes the new one; one that was written for the
    text stays. The revision rises, so that whoever has the form open is told. For the caller's
    transaction.
    """
    hero = list(Article.objects.filter(hero=old).values_list("pk", flat=True))
    named = [article.pk for article in showing(old.address)]
    rows = Article.objects.select_for_update(of=("self",)).filter(pk__in={*hero, *named})
    changed = list(rows.order_by("pk"))
    for article in changed:
        article.body = with_picture(article.body, old, new)
        article.takeaways = with_picture(article.takeaways, old, new)
        if article.hero_id == old.pk:
            article.hero = new
        article.revision = F("revision") + 1
        article.save(update_fields=["body", "takeaways", "hero", "revision", "updated_at"])
        article.refresh_from_db(fields=["revision"])
        for question in article.questions.filter(answer__contains=old.address):
            question.answer = with_picture(question.answer, old, new)
            question.save(update_fields=["answer"])
        if article.pk in named:
            contributions.record(article, by=by)
    return changed


def with_picture(text: str, old: Image, new: Image | None, instead: str = "") -> str:
    """Return a text with another picture in place of one; without one, `instead` of it."""
    if new is None:
        found = re.compile(_ALT + re.escape(old.address) + _TITLE, re.DOTALL)
        return found.sub(lambda _match: instead, text)
    if old.alt and new.alt:
        text = text.replace(f"![{old.alt}]({old.address}", f"![{_plain(new.alt)}]({old.address}")
    return text.replace(old.address, new.address)


def _plain(words: str) -> str:
    """Words that Markdown takes for nothing but words."""
    return re.sub(r"([\\\[\]*_`~^<&])", r"\\\1", words)
