"""Numbers by day. Each process adds its own, twice a minute (clinic.lib.web.counting)."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from clinic.models import DailyCount
from clinic.site import page_context

KEPT_FOR = timedelta(days=3 * 366)
LONGEST_PATH = 300  # characters; longer ones are nobody's


@transaction.atomic
def add(numbers: Mapping[str, int], at: datetime) -> None:
    """Add these numbers, by what they count as (`view /fees/`, `search`), to those of the day."""
    day = timezone.localdate(at, page_context.zone())
    for counted in sorted(numbers):  # the same order everywhere: no two wait for each other
        what, _space, path = counted.partition(" ")
        if len(path) > LONGEST_PATH:
            continue
        rows = DailyCount.objects.filter(day=day, what=what, path=path)
        more = {"number": F("number") + numbers[counted]}
        if not rows.update(**more):
            DailyCount.objects.get_or_create(day=day, what=what, path=path)
            rows.update(**more)


def forget_old(at: datetime) -> None:
    """Delete what is older than any period that is looked at: a duty of the worker."""
    oldest = timezone.localdate(at - KEPT_FOR, page_context.zone())
    DailyCount.objects.filter(day__lt=oldest).delete()
