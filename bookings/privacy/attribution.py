"""Which article brought a request: counted permanently, linked to a person for at most 30 days.

While a request is young it names the edition whose book link was followed. Then the link is cut,
and what it said is added to a number without a name (models.Tally). The report tells those numbers
by whole quarters, each once and for good, so that nobody can find a person by subtracting what was
told (docs/decisions/0015-requests-by-quarter.md).
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.db.models import Count, F, Min, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from bookings.models import CloseReason, Enquiry, Event, Tally
from bookings.models.enquiry import EnquiryQuerySet
from clinic import hooks
from clinic.site import page_context

LINKED_FOR = timedelta(days=30)
FEWEST = 5  # smaller groups are hidden: their members could be recognized
QUARTER = 3  # months
NO_REQUEST = (CloseReason.SPAM, CloseReason.DUPLICATE)


@dataclass(frozen=True)
class Line:
    """What one article brought. None is not told: fewer than FEWEST asked; of `accepted` also where
    fewer than FEWEST did not accept, whom a subtraction would tell."""

    title: str
    url: str  # empty: the text is no longer known
    requests: int | None
    accepted: int | None


Counts = defaultdict[tuple[int, date], list[int]]  # (edition, month) → [requests, accepted]


def cut_links(at: datetime) -> int:
    """Cut what still links people to an article after LINKED_FOR; returns how many links."""
    return settle(Enquiry.objects.filter(created_at__lte=at - LINKED_FOR))


@transaction.atomic
def settle(rows: EnquiryQuerySet) -> int:
    """Count these requests for good and cut their links, as one: each is counted once, however
    many do this at the same time. Returns how many links were cut."""
    linked = rows.exclude(came_from=None).order_by("pk").select_for_update()
    ids = list(linked.values_list("pk", flat=True))
    counts = _count(Enquiry.objects.filter(pk__in=ids))
    for (edition, month), (requests, accepted) in counts.items():
        tally, _made = Tally.objects.get_or_create(edition=edition, month=month)
        Tally.objects.filter(pk=tally.pk).update(
            requests=F("requests") + requests, accepted=F("accepted") + accepted
        )
    return Enquiry.objects.filter(pk__in=ids).update(came_from=None, came_from_place=None)


def month_of(moment: datetime) -> date:
    """The first day of its month, in the clinic's time."""
    return timezone.localdate(moment, page_context.zone()).replace(day=1)


def months_before(month: date, count: int) -> date:
    """The month so many months before; a negative count: after."""
    year, number = divmod(month.year * 12 + month.month - 1 - count, 12)
    return date(year, number + 1, 1)


def quarters(at: datetime) -> list[date]:
    """Return the quarters that are shown, each by its first day, the newest first.

    A quarter is shown once it has ended and all of its links are cut: its figures are then final.
    """
    linked = Enquiry.objects.exclude(came_from=None).aggregate(first=Min("created_at"))["first"]
    settled = min(at - LINKED_FOR, linked or at)
    first = Tally.objects.aggregate(first=Min("month"))["first"]
    if first is None:
        return []
    quarter, told = _quarter_of(first), []
    while _end(quarter) <= settled:
        told.append(quarter)
        quarter = months_before(quarter, -QUARTER)
    return told[::-1]


def next_quarter(at: datetime) -> tuple[date, date]:
    """Return the next quarter to be shown, by its first day, and the day when it will be."""
    quarter = _quarter_of(month_of(at - LINKED_FOR))
    return quarter, timezone.localdate(_end(quarter) + LINKED_FOR, page_context.zone())


def report(quarter: date, *, at: datetime) -> list[Line]:
    """What each article brought in one of `quarters`, the most first."""
    last = months_before(quarter, 1 - QUARTER)
    counts: Counts = defaultdict(lambda: [0, 0])
    kept = Tally.objects.filter(month__gte=quarter, month__lte=last)
    for edition, month, *numbers in kept.values_list("edition", "month", "requests", "accepted"):
        _add(counts[edition, month], numbers)
    return _by_article(counts, at)


def _by_article(counts: Counts, at: datetime) -> list[Line]:
    """Editions of one article are one line."""
    texts = hooks.published.texts({edition for edition, _month in counts}, at)
    unknown = hooks.Origin(_("Articles that no longer exist"), "")
    sums: defaultdict[hooks.Origin, list[int]] = defaultdict(lambda: [0, 0])
    for (edition, _month), numbers in counts.items():
        _add(sums[texts.get(edition, unknown)], numbers)
    lines = [
        Line(
            text.title,
            text.url,
            requests if requests >= FEWEST else None,
            accepted if min(accepted, requests - accepted) >= FEWEST else None,
        )
        for text, (requests, accepted) in sums.items()
    ]
    # Ordered by what is shown alone: the order of small groups would disclose the larger.
    return sorted(lines, key=lambda line: (-(line.requests or 0), line.title, line.url))


def _count(rows: EnquiryQuerySet) -> Counts:
    """Requests and acceptances by edition and month. What was undone was not accepted; spam, the
    same request a second time and what a machine may have made are no requests."""
    accepted = Q(events__kind=Event.Kind.ACCEPTED)
    undone = Q(events__kind=Event.Kind.UNDONE, events__data__what=Event.Kind.ACCEPTED.value)
    found = (
        rows.filter(suspected=False)
        .exclude(close_reason__in=NO_REQUEST)
        .order_by()
        .values_list("pk", "came_from", "created_at")
        .annotate(accepted=Count("events", filter=accepted), undone=Count("events", filter=undone))
    )
    counts: Counts = defaultdict(lambda: [0, 0])
    for _pk, edition, created_at, times_accepted, times_undone in found:
        if edition is not None:
            was_accepted = times_accepted > times_undone
            _add(counts[edition, month_of(created_at)], [1, int(was_accepted)])
    return counts


def _add(sums: list[int], numbers: list[int]) -> None:
    for place, number in enumerate(numbers):
        sums[place] += number


def _quarter_of(month: date) -> date:
    return date(month.year, (month.month - 1) // QUARTER * QUARTER + 1, 1)


def _end(quarter: date) -> datetime:
    """The first moment after it, in the clinic's time."""
    return datetime.combine(months_before(quarter, -QUARTER), time(), page_context.zone())
