"""What the page “What works” says about requests: numbers, and nothing of a person."""

from datetime import datetime, timedelta
from statistics import median

from django.db.models import Min, Q
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from bookings.models import CloseReason, Enquiry, Event, Source
from clinic.counting import figures
from clinic.counting.period import Period
from clinic.counting.reports import rows_of_pages
from clinic.hooks import Report, ReportRow
from clinic.models import DailyCount

What = DailyCount.What
REPLIES = (Event.Kind.CONTACTED, Event.Kind.ANSWERED, Event.Kind.OFFERED, Event.Kind.ACCEPTED)
NO_REQUEST = (CloseReason.SPAM, CloseReason.DUPLICATE)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def ways(request: HttpRequest, period: Period, at: datetime) -> Report | None:
    """The pages from which the booking form was opened."""
    if not _may_see(request):
        return None
    found = figures.by_path(What.STARTED, period)
    elsewhere = found.pop("", 0)
    rows = rows_of_pages(found)
    if elsewhere:
        words = _("Another site, or unknown")
        rows.append(ReportRow(words, (figures.shown(elsewhere),), is_rest=True))
    return Report(
        order=50,
        key="ways",
        title=_("How visitors reached the booking form"),
        about=_(
            "The page that people were on before they opened the booking form. Which articles led "
            "to requests and appointments is under “Requests by article”."
        ),
        columns=(_("Form opened"),),
        rows=rows,
        label=_("Page"),
        empty=_("The booking form was not opened in this period."),
    )


def rate(request: HttpRequest, period: Period, at: datetime) -> Report | None:
    """How many of those who opened the form sent a request, step by step."""
    if not _may_see(request):
        return None
    opened, sent = (period.sums(figures.by_day(what, period)) for what in (What.STARTED, What.SENT))
    return Report(
        order=60,
        key="rate",
        title=_("Booking form completion"),
        about=_(
            "How often the form was opened, and how many requests were sent from it, excluding "
            "possible spam."
        ),
        columns=(_("Requests sent"), _("Form opened"), _("Percentage sent")),
        rows=[
            ReportRow(
                step.label,
                (figures.shown(ends), figures.shown(starts), figures.share(ends, starts)),
            )
            for step, starts, ends in zip(period.steps(), opened, sent, strict=True)
        ],
        label=_("Time"),
        is_over_time=True,
    )


def answer_times(request: HttpRequest, period: Period, at: datetime) -> Report | None:
    """How long people who wrote waited for our first reply, step by step."""
    if not _may_see(request):
        return None
    received = (
        Enquiry.objects.filter(
            created_at__gte=period.starts_at,
            created_at__lt=period.ends_at,
            source=Source.WEB,
            suspected=False,
        )
        .exclude(close_reason__in=NO_REQUEST)
        .order_by()
        .annotate(replied_at=Min("events__at", filter=Q(events__kind__in=REPLIES)))
        .exclude(replied_at=None)
        .values_list("created_at", "replied_at", "answer_by")
    )
    replied = [
        (timezone.localdate(since, period.zone), then - since, then <= by if by else None)
        for since, then, by in received
    ]
    rows = []
    for step in period.steps():
        mine = [one for one in replied if step.first <= one[0] <= step.last]
        number = figures.shown(len(mine))
        if not mine or number is None:
            rows.append(ReportRow(step.label, (number, number and "", number and "")))
            continue
        promised = [in_time for _day, _waited, in_time in mine if in_time is not None]
        typical = _in_words(median(waited for _day, waited, _in_time in mine))
        rows.append(
            ReportRow(step.label, (number, typical, figures.share(sum(promised), len(promised))))
        )
    return Report(
        order=70,
        key="answer-times",
        title=_("Time to our first reply"),
        about=_(
            "Requests from the website, by the week in which they were sent. Half of them were "
            "answered within the typical time. Requests that have been erased are not included."
        ),
        columns=(_("Requests answered"), _("Typical time"), _("Answered as promised")),
        rows=rows,
        label=_("Time"),
        is_over_time=True,
    )


def _in_words(waited: timedelta) -> str:
    if waited >= 2 * DAY:
        return _("%(days)d days") % {"days": round(waited / DAY)}
    if waited >= HOUR:
        return _("%(hours)d h") % {"hours": round(waited / HOUR)}
    return _("%(minutes)d min") % {"minutes": waited // timedelta(minutes=1)}


def _may_see(request: HttpRequest) -> bool:
    return request.user.has_perm("bookings.view_tally")
