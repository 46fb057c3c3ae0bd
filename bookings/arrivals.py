"""Which article brought a request: counted for good, known of a person for 30 days at the most.

While a request is young it names the edition whose book link was followed. Then the link is cut,
and what it said is added to a number without a name (models.Tally). The report adds up both.
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
from clinic import frame, registry

LINKED_FOR = timedelta(days=30)
FEWEST = 5  # a smaller group is not told: somebody might know who is in it
NO_REQUEST = (CloseReason.SPAM, CloseReason.DUPLICATE)


@dataclass(frozen=True)
class Line:
    """What one article brought. None stands for fewer than FEWEST, none among them."""

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
    return timezone.localdate(moment, frame.zone()).replace(day=1)


def months_before(month: date, count: int) -> date:
    """The month so many months before; a negative count: after."""
    year, number = divmod(month.year * 12 + month.month - 1 - count, 12)
    return date(year, number + 1, 1)


def months(at: datetime) -> list[date]:
    """The months of which something may be known, the newest first: at least twelve."""
    this = month_of(at)
    year_ago = months_before(this, 11)
    first = min(Tally.objects.aggregate(first=Min("month"))["first"] or year_ago, year_ago)
    count = (this.year - first.year) * 12 + this.month - first.month + 1
    return [months_before(this, number) for number in range(count)]


def report(first: date, last: date, *, at: datetime) -> list[Line]:
    """What each article brought from the month of `first` to that of `last`, the most first."""
    counts: Counts = defaultdict(lambda: [0, 0])
    kept = Tally.objects.filter(month__gte=first, month__lte=last)
    for edition, month, *numbers in kept.values_list("edition", "month", "requests", "accepted"):
        _add(counts[edition, month], numbers)
    young = Enquiry.objects.exclude(came_from=None).filter(
        created_at__gte=_begin(first), created_at__lt=_begin(months_before(last, -1))
    )
    for key, numbers in _count(young).items():
        _add(counts[key], numbers)
    return _by_article(counts, at)


def _by_article(counts: Counts, at: datetime) -> list[Line]:
    """Editions of one article are one line."""
    texts = registry.published.texts({edition for edition, _month in counts}, at)
    unknown = registry.Origin(_("Texts that are no longer here"), "")
    sums: defaultdict[registry.Origin, list[int]] = defaultdict(lambda: [0, 0])
    for (edition, _month), numbers in counts.items():
        _add(sums[texts.get(edition, unknown)], numbers)
    lines = [
        Line(text.title, text.url, _told(numbers[0]), _told(numbers[1]))
        for text, numbers in sums.items()
    ]
    # By what is told alone: the order of small groups would tell which is the larger.
    return sorted(lines, key=lambda line: (-(line.requests or 0), line.title, line.url))


def _told(number: int) -> int | None:
    return None if number < FEWEST else number


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


def _begin(month: date) -> datetime:
    return datetime.combine(month, time(), frame.zone())
