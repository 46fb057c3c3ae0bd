"""Twelve weeks of counts for the demo, the same at each load."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from random import Random

from django.utils import timezone

from clinic import hooks
from clinic.models import DailyCount
from clinic.site import page_context

DAYS = 84
BUSIEST = 40  # views of the first page on a working day
What = DailyCount.What


def load(at: datetime) -> None:
    """Add counts up to the day before `at`, unless something was counted already."""
    if DailyCount.objects.exists():
        return
    today = timezone.localdate(at, page_context.zone())
    home, *others = (entry[0] for source in hooks.sitemaps for entry in source(at))
    Random(1).shuffle(others)  # noqa: S311
    paths = [home, *others]
    counts = [
        DailyCount(day=today - timedelta(days=days), what=what, path=path, number=number)
        for days in range(1, DAYS + 1)
        for what, path, number in _of_a_day(today - timedelta(days=days), paths, days)
        if number
    ]
    DailyCount.objects.bulk_create(counts, batch_size=500)


def _of_a_day(day: date, paths: list[str], days_ago: int) -> Iterator[tuple[str, str, int]]:
    """Fewer at weekends and further back; most pages are read by few."""
    chance = Random(days_ago)  # noqa: S311
    busy = BUSIEST * (0.5 if day.weekday() > 4 else 1) * (1 - days_ago / DAYS / 3)
    for place, path in enumerate(paths):
        views = round(busy * chance.uniform(0.6, 1.2) / (1 + 0.4 * place))
        yield What.VIEW, path, views
        yield What.STARTED, path, views // 9
    yield What.SEARCH, "", round(busy * chance.uniform(0.2, 0.4))
    yield What.STARTED, "", round(busy / 10)
    yield What.SENT, "", round(busy * chance.uniform(0.1, 0.2))
