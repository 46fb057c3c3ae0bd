"""The clinic's own parts of the page “What works”."""

from datetime import datetime

from django.db.models import F
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from clinic.counting import figures
from clinic.counting.period import Period
from clinic.hooks import Report, ReportRow
from clinic.models import DailyCount, EmptySearch

What = DailyCount.What
MOST = 500  # rows of a report


def over_time(request: HttpRequest, period: Period, at: datetime) -> Report:
    """What was read and done, step by step."""
    kinds = (What.VIEW, What.SEARCH, What.STARTED, What.SENT)
    sums = [period.sums(figures.by_day(kind, period)) for kind in kinds]
    return Report(
        order=10,
        key="over-time",
        title=_("Over time"),
        about=_(
            "How often visitors viewed pages, searched, opened the booking form and sent a request."
        ),
        columns=(_("Pages viewed"), _("Searches"), _("Form opened"), _("Requests sent")),
        rows=[
            ReportRow(step.label, tuple(map(figures.shown, numbers)))
            for step, *numbers in zip(period.steps(), *sums, strict=True)
        ],
        label=_("Time"),
        is_over_time=True,
    )


def pages(request: HttpRequest, period: Period, at: datetime) -> Report:
    """All pages by how often they were viewed."""
    found = figures.by_path(What.VIEW, period)
    return Report(
        order=30,
        key="pages",
        title=_("Pages"),
        about=_("All public pages, most viewed first."),
        columns=(_("Views"),),
        rows=rows_of_pages(found),
        label=_("Page"),
        empty=_("No page was viewed in this period."),
    )


def searches(request: HttpRequest, period: Period, at: datetime) -> Report | None:
    """What several visitors searched for in vain, if it was searched for in the period."""
    if not request.user.has_perm("clinic.view_emptysearch"):
        return None
    found = EmptySearch.objects.filter(
        hits__gte=figures.FEWEST,
        last_seen_at__gte=period.starts_at,
        last_seen_at__lt=period.ends_at,
    )
    return Report(
        order=40,
        key="searches",
        title=_("Searches without results"),
        about=_(
            "Words that were last searched for in this period and gave no results, with the "
            "number of all searches for them to date. Other searches are not recorded."
        ),
        columns=(_("Searches"),),
        rows=[
            ReportRow(words, (hits,))
            for words, hits in found.order_by("-hits", F("words")).values_list("words", "hits")
        ],
        label=_("Search"),
        empty=_("No search without results was made by five or more visitors."),
        action=(_("Add synonyms"), reverse("admin:clinic_emptysearch_changelist")),
    )


def rows_of_pages(found: dict[str, int]) -> list[ReportRow]:
    """Rows for numbers by path, the most first; those that are too small by their title."""
    names = figures.titles(found) | {reverse("home"): _("Home page")}
    rows = [
        ReportRow(names.get(path) or path, (figures.shown(number),), path)
        for path, number in found.items()
    ]
    return sorted(rows, key=most_first)[:MOST]


def most_first(row: ReportRow) -> tuple[int, str, str]:
    """Order by what is shown alone: the order of small numbers would disclose the larger."""
    first = row.numbers[0]
    return (-first if isinstance(first, int) else 0, row.label, row.url)
