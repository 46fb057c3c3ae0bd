"""The mistakes that readers reported in an article, to read and to close."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _t

from articles import permissions
from articles.admin import actions
from articles.editor import mistakes
from articles.models import MistakeReport
from clinic.accounts.staff_accounts import user_of
from clinic.lib.fields.numbers import whole_number


def mistakes_view(request: HttpRequest, article_id: int) -> HttpResponse:
    """Show the reports, those to be dealt with first. POST `done`: close one."""
    article = actions.article_for(request, article_id, "articles.change_article")
    user = user_of(request)
    if not permissions.may_write(user, article):
        raise PermissionDenied
    reports = MistakeReport.objects.filter(article=article).select_related("done_by")
    if request.method == "POST":
        pk = whole_number(request.POST.get("done", ""))
        report = get_object_or_404(reports, pk=pk or 0)
        mistakes.done(report, by=user, at=timezone.now())
        messages.success(request, _t("The report has been closed."))
        return HttpResponseRedirect(request.path)
    context = actions.context_of(request, article, _t("Reported mistakes")) | {
        "open": reports.open(),
        "closed": reports.exclude(done_at=None).order_by("-done_at", "-id"),
        "days": mistakes.KEPT_FOR.days,
    }
    return render(request, "admin/articles/article/mistakes.html", context)
