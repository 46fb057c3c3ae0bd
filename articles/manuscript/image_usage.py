"""The pictures that manuscripts show: what may not be deleted although no row refers to it.

Editions refer to theirs by rows.
"""

from collections.abc import Iterable

from django.db.models import Model, Q

from articles.manuscript.citations import PICTURE
from articles.models import Article
from clinic.models import Image


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
