"""What the page “What works” says about articles: how often they are read, how often reviewed."""

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from articles.models import Article, Edition, Review
from articles.models.choices import Kind
from articles.review import reminders
from clinic.counting import figures
from clinic.counting.period import Period
from clinic.counting.reports import most_first
from clinic.hooks import Report, ReportRow
from clinic.models import DailyCount, Redirect

What = DailyCount.What


def reads(request: HttpRequest, period: Period, at: datetime) -> Report | None:
    """Articles by how often they were viewed, under whatever address."""
    if not request.user.has_perm("articles.view_article"):
        return None
    kinds = (What.VIEW, What.HELPFUL, What.UNHELPFUL)
    found = [figures.by_path(kind, period) for kind in kinds]
    article_of = _articles({path for numbers in found for path in numbers})
    sums: Counter[tuple[int, str]] = Counter()
    for kind, numbers in zip(kinds, found, strict=True):
        for path, number in numbers.items():
            if path in article_of:
                sums[article_of[path], kind] += number
    titles = Article.objects.filter(pk__in=article_of.values()).values_list("pk", "title")
    rows = [
        ReportRow(
            title,
            tuple(figures.shown(sums[pk, kind]) for kind in kinds),
            reverse("admin:articles_article_change", args=[pk]),
        )
        for pk, title in titles
    ]
    return Report(
        order=20,
        key="articles",
        title=_("Articles"),
        about=_(
            "How often each article was viewed, and how readers answered the question at the end."
        ),
        columns=(_("Views"), _("Helpful"), _("Not helpful")),
        rows=sorted(rows, key=most_first),
        label=_("Article"),
        empty=_("No article was viewed in this period."),
    )


def rhythm(request: HttpRequest, period: Period, at: datetime) -> Report | None:
    """How many articles were reviewed and published, step by step; and what is due now."""
    if not request.user.has_perm("articles.view_article"):
        return None
    within = {"gte": period.starts_at, "lt": period.ends_at}
    signed = Review.objects.filter(
        carried_from=None, **{f"signed_at__{name}": moment for name, moment in within.items()}
    )
    published = Edition.objects.filter(
        **{f"goes_live_at__{name}": moment for name, moment in within.items()}
    ).gone_live(at)
    reviewed, live = (
        period.sums(_by_day(moments, period))
        for moments in (
            signed.values_list("signed_at", flat=True),
            published.values_list("goes_live_at", flat=True),
        )
    )
    due = reminders.editions_due(at).count()
    now_due = ngettext(
        "%(n)d public article has a review that is overdue or due within 30 days.",
        "%(n)d public articles have a review that is overdue or due within 30 days.",
        due,
    )
    return Report(
        order=80,
        key="reviews",
        title=_("Reviews"),
        about=_("How many clinical reviews were signed, and how many editions were published.")
        + " "
        + now_due % {"n": due},
        columns=(_("Reviews signed"), _("Editions published")),
        rows=[
            ReportRow(step.label, tuple(numbers))
            for step, *numbers in zip(period.steps(), reviewed, live, strict=True)
        ],
        label=_("Time"),
        is_over_time=True,
    )


def _by_day(moments: Iterable[datetime], period: Period) -> Counter[date]:
    return Counter(timezone.localdate(moment, period.zone) for moment in moments)


def _articles(paths: Iterable[str]) -> dict[str, int]:
    """Return the article at each of these addresses, also at one that it once had."""
    above = reverse("articles:list")
    slugs = {
        path: slug
        for path in paths
        if path.startswith(above)
        if (slug := path.removeprefix(above).strip("/")) and "/" not in slug
    }
    now = Article.objects.filter(kind=Kind.ARTICLE, slug__in=slugs.values())
    known = dict(now.values_list("slug", "pk"))
    past = dict(
        Redirect.objects.filter(kind=Kind.ARTICLE, path__in=slugs).values_list("path", "object_id")
    )
    found = {path: known.get(slug) or past.get(path) for path, slug in slugs.items()}
    return {path: article for path, article in found.items() if article}
