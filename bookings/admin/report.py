"""Which article brought requests: numbers by article and quarter, and nothing of a person."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from bookings.models import Tally
from bookings.privacy import attribution
from clinic.admin.lists import ReportAdmin

SHORTEST_STRIP = 2  # per cent of the plot: less would be no strip


@dataclass(frozen=True)
class Row:
    """A line of the report with its two strips, long in per cent of the longest."""

    line: attribution.Line
    requests: int
    accepted: int
    is_most: bool  # no other article brought more visits


class QuarterForm(forms.Form):
    """Which quarter to show; the newest if none or an unknown one is given."""

    quarter = forms.ChoiceField(label=_("Quarter"))

    def __init__(self, data: Any, *, at: datetime) -> None:
        self.quarters = {f"{quarter:%Y-%m}": quarter for quarter in attribution.quarters(at)}
        asked = data.get("quarter")
        chosen = asked if asked in self.quarters else next(iter(self.quarters), "")
        super().__init__({"quarter": chosen}, label_suffix="")
        field = self.fields["quarter"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(key, _in_words(quarter)) for key, quarter in self.quarters.items()]

    @property
    def chosen(self) -> date | None:
        """Return its first day; None while there is no quarter to show."""
        return self.quarters.get(self["quarter"].value())


def _in_words(quarter: date) -> str:
    """January to March 2027."""
    last = attribution.months_before(quarter, 1 - attribution.QUARTER)
    return _t("%(first)s to %(last)s") % {
        "first": date_format(quarter, "F"),
        "last": date_format(last, "YEAR_MONTH_FORMAT"),
    }


@admin.register(Tally)
class TallyAdmin(ReportAdmin):
    def report(self, request: HttpRequest) -> HttpResponse:
        return _report(request, self)


def _report(request: HttpRequest, model_admin: admin.ModelAdmin) -> HttpResponse:
    at = timezone.now()
    form = QuarterForm(request.GET, at=at)
    lines = attribution.report(form.chosen, at=at) if form.chosen else []
    following, told_on = attribution.next_quarter(at)
    context = {
        **admin.site.each_context(request),
        "title": _("Requests by article"),
        "opts": model_admin.opts,
        "form": form,
        "rows": _rows([line for line in lines if line.requests is not None]),
        "small": [line for line in lines if line.requests is None],
        "fewest": attribution.FEWEST,
        "linked_for": attribution.LINKED_FOR.days,
        "next": _in_words(following),
        "told_on": told_on,
    }
    return render(request, "admin/bookings/tally/report.html", context)


def _rows(lines: list[attribution.Line]) -> list[Row]:
    longest = max((line.requests or 0 for line in lines), default=0)
    most = max((line.accepted or 0 for line in lines), default=0)

    def strip(number: int | None) -> int:
        return max(round(100 * number / longest), SHORTEST_STRIP) if number else 0

    first = next((line for line in lines if line.accepted == most), None)
    return [
        Row(line, strip(line.requests), strip(line.accepted), is_most=line is first)
        for line in lines
    ]
