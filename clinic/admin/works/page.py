"""“What works”: what visitors read and do in a period; each part also as a file of CSV."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from clinic import hooks
from clinic.admin.lists import ReportAdmin
from clinic.admin.works import drawing
from clinic.counting import daily, figures
from clinic.counting.period import Period
from clinic.lib import csv_cells
from clinic.models import DailyCount
from clinic.site import page_context

SHOWN = 10  # rows of a report on the page; the file has all
WEEKS = (4, 12, 52)  # of the periods that links offer; the second is shown first


class PeriodForm(forms.Form):
    """Any days of the last three years, from the first to the last."""

    first = forms.DateField(
        label=_("From"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    last = forms.DateField(
        label=_("To"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, data: Any, *, today: date) -> None:
        self.today = today
        usual = dict(zip(("first", "last"), _weeks(WEEKS[1], today), strict=True))
        asked = {name: data[name] for name in usual if name in data}
        super().__init__({**usual, **asked}, label_suffix="")

    def clean(self) -> dict[str, Any]:
        """Raise ValidationError for days in the wrong order, or further back than is kept."""
        data = super().clean() or {}
        if {"first", "last"} <= data.keys():
            if data["first"] > data["last"]:
                raise ValidationError(_t("“From” must not be after “To”."))
            if data["first"] < self.today - daily.KEPT_FOR or data["last"] > self.today:
                raise ValidationError(_t("Choose days of the last three years, up to today."))
        return data

    def period(self) -> Period:
        """Return the period that was asked for, or the usual one if there is none."""
        days = _weeks(WEEKS[1], self.today)
        if self.is_valid():
            days = (self.cleaned_data["first"], self.cleaned_data["last"])
        return Period(*days, page_context.zone())


@dataclass(frozen=True)
class Part:
    """A report as the page shows it; `left_out` rows are in the file alone."""

    report: hooks.Report
    drawn: list[drawing.Drawn]
    small: list[hooks.ReportRow]
    left_out: int


@admin.register(DailyCount)
class DailyCountAdmin(ReportAdmin):
    def report(self, request: HttpRequest) -> HttpResponse:
        return _show(request, self)


def _show(request: HttpRequest, model_admin: admin.ModelAdmin) -> HttpResponse:
    at = timezone.now()
    today = timezone.localdate(at, page_context.zone())
    form = PeriodForm(request.GET, today=today)
    period = form.period()
    found = (report for find in hooks.reports if (report := find(request, period, at)))
    reports = sorted(found, key=lambda report: report.order)
    if key := request.GET.get("csv"):
        return _as_csv(next((one for one in reports if one.key == key), None), period)
    context = {
        **admin.site.each_context(request),
        "title": _("What works"),
        "opts": model_admin.opts,
        "form": form,
        "asked": _address(period.first, period.last),
        "others": [(weeks, _address(*_weeks(weeks, today))) for weeks in WEEKS],
        "parts": [_part(report) for report in reports],
        "fewest": figures.FEWEST,
        "height": drawing.HEIGHT,
    }
    return render(request, "admin/clinic/dailycount/page.html", context)


def _part(report: hooks.Report) -> Part:
    """Over time every step has its place; of other things, those too small are listed below."""
    drawn, small = drawing.draw(report), []
    if not report.is_over_time:
        small = [one.row for one in drawn if one.row.numbers[0] is None]
        drawn = [one for one in drawn if one.row.numbers[0] is not None]
    left_out = max(len(drawn) - SHOWN, 0) if not report.is_over_time else 0
    return Part(report, drawn[: len(drawn) - left_out], small[:SHOWN], left_out)


def _as_csv(report: hooks.Report | None, period: Period) -> HttpResponse:
    """A report as UTF-8 with the mark by which spreadsheets know it."""
    if report is None:
        raise Http404
    name = f"{report.key}-{period.first}-{period.last}.csv"
    response = HttpResponse(
        "\ufeff",
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
    table = csv_cells.Writer(response)
    few = _t("fewer than %(fewest)d") % {"fewest": figures.FEWEST}
    table.row([report.label, *report.columns])
    for row in report.rows:
        table.row([row.label, *(few if number is None else number for number in row.numbers)])
    return response


def _weeks(weeks: int, today: date) -> tuple[date, date]:
    """The first and last day of so many weeks that end today."""
    return today - timedelta(weeks=weeks) + timedelta(days=1), today


def _address(first: date, last: date) -> str:
    return urlencode({"first": first.isoformat(), "last": last.isoformat()})
