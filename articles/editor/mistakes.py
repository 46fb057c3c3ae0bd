"""Mistakes that readers report: whose task they are, and when they are forgotten."""

from datetime import datetime, timedelta

from django.db.models import Count, Max
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from articles.editor import status_text
from articles.editor.dashboard import SHOWN, own_texts
from articles.models import Article, MistakeReport
from clinic.hooks import DeskPanel, PanelRow
from clinic.models import User

KEPT_FOR = timedelta(days=30)  # after somebody has dealt with it


def panel(request: HttpRequest) -> DeskPanel | None:
    """The articles in which readers reported mistakes: mine, and to editors everybody's."""
    user = request.user
    if not user.has_perm("articles.change_article"):
        return None
    reports = MistakeReport.objects.open()
    if not user.has_perm("articles.publish_article"):
        reports = reports.filter(article__in=Article.objects.filter(own_texts(user)))
    articles = (
        reports.order_by()
        .values("article", "article__title")
        .annotate(number=Count("pk"), newest=Max("reported_at"))
        .order_by("-newest", "article")[:SHOWN]
    )
    if not articles:
        return None
    return DeskPanel(
        order=14,
        title=_("Reported mistakes"),
        rows=[
            PanelRow(
                row["article__title"],
                ngettext(
                    "%(n)d report, %(moment)s", "%(n)d reports, last %(moment)s", row["number"]
                )
                % {"n": row["number"], "moment": status_text.moment(row["newest"])},
                reverse("admin:articles_article_mistakes", args=[row["article"]]),
            )
            for row in articles
        ],
    )


def done(report: MistakeReport, *, by: User, at: datetime) -> None:
    """Close a report. One that is closed stays as it is."""
    MistakeReport.objects.open().filter(pk=report.pk).update(done_at=at, done_by=by)


def forget(at: datetime) -> None:
    """Delete reports that were dealt with KEPT_FOR ago: a duty of the worker."""
    MistakeReport.objects.over(at - KEPT_FOR).delete()
