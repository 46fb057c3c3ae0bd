"""What was counted in a period, and what of it may be shown."""

from collections.abc import Iterable
from datetime import date

from django.db.models import QuerySet, Sum

from clinic.counting.period import Period
from clinic.models import DailyCount, SearchDocument

FEWEST = 5  # smaller groups are hidden: their members could be recognized


def by_path(what: str, period: Period) -> dict[str, int]:
    """Return the numbers of a kind by the page they are about."""
    found = _counts(what, period).values("path").annotate(total=Sum("number"))
    return {row["path"]: row["total"] for row in found.order_by("-total", "path")}


def by_day(what: str, period: Period) -> dict[date, int]:
    """Return the numbers of a kind by day."""
    found = _counts(what, period).values("day").annotate(total=Sum("number"))
    return {row["day"]: row["total"] for row in found.order_by("day")}


def shown(number: int) -> int | None:
    """Return a number that may be shown, None for a group that is too small."""
    return number if number == 0 or number >= FEWEST else None


def share(part: int, whole: int) -> str | None:
    """Return a share in per cent; None where those in the part, or the others, are too few."""
    if shown(part) is None or shown(whole - part) is None or part > whole:
        return None
    return f"{round(100 * part / whole)}%" if whole else ""


def titles(paths: Iterable[str]) -> dict[str, str]:
    """Return the titles of public pages, as the search knows them."""
    found = SearchDocument.objects.filter(path__in=list(paths))
    return dict(found.order_by("id").values_list("path", "title"))


def _counts(what: str, period: Period) -> QuerySet[DailyCount]:
    return DailyCount.objects.filter(what=what, day__gte=period.first, day__lte=period.last)
