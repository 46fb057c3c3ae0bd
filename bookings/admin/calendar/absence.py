"""Marking a practitioner as absent, on the morning they call in sick, and as back at work.

Reception may do this although managers edit the rosters: it adds days off without a reason, and
takes away only what was marked here.
"""

from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from bookings.admin.calendar import asked, reading
from bookings.models import DayOff, Offer, Roster
from clinic.lib.fields.days import is_plausible
from clinic.lib.fields.numbers import whole_number
from clinic.models import Practitioner

ONE_DAY = timedelta(days=1)


class AbsenceForm(forms.Form):
    """Who, and from when until when."""

    practitioner = forms.ModelChoiceField(
        Practitioner.objects.filter(roster__isnull=False), label=_("Practitioner")
    )
    first_on = forms.DateField(
        label=_("First day"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        validators=[is_plausible],
    )
    last_on = forms.DateField(
        label=_("Last day"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        validators=[is_plausible],
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        first, last = data.get("first_on"), data.get("last_on")
        if first and last and last < first:
            self.add_error("last_on", _("The last day is before the first."))
        return data


@require_http_methods(["GET", "HEAD", "POST"])
def absence(request: HttpRequest, model_admin: admin.ModelAdmin) -> HttpResponse:
    """Ask for the days, mark them, and go on to the patients who have a time then."""
    if not model_admin.has_change_permission(request):
        raise PermissionDenied
    if request.method == "POST" and request.POST.get("do") == "back":
        return _back(request, model_admin)
    day = asked.parse(request.GET.get("day")) or timezone.localdate()
    person = request.GET.get("practitioner", "")
    initial = {"first_on": day, "last_on": day, "practitioner": person}
    form = AbsenceForm(request.POST or None, initial=initial)
    if form.is_valid():
        values = form.cleaned_data
        _mark(request, model_admin, **values)
        messages.success(
            request, _("%(name)s is marked as absent.") % {"name": values["practitioner"]}
        )
        return HttpResponseRedirect(_next(**values))
    context = {
        **admin.site.each_context(request),
        "title": _("Mark as absent"),
        "opts": model_admin.opts,
        "form": form,
    }
    status = 422 if form.is_bound else 200
    return render(request, "admin/bookings/calendar/absence.html", context, status=status)


def _mark(
    request: HttpRequest,
    model_admin: admin.ModelAdmin,
    *,
    practitioner: Practitioner,
    first_on: date,
    last_on: date,
) -> None:
    """Add the days off, unless they are entered already. The line in the admin's log says who did
    it, and tells them from those entered in the roster (bookings.admin.calendar.reading.marked)."""
    with transaction.atomic():
        roster = Roster.objects.select_for_update().get(practitioner=practitioner)
        days = {"starts_on": first_on, "ends_on": last_on}
        if not roster.days_off.filter(**days).exists():
            day_off = roster.days_off.create(**days)
            model_admin.log_addition(request, day_off, f"absence of {practitioner.pk}")


def _next(*, practitioner: Practitioner, first_on: date, last_on: date) -> str:
    """Return the page for writing to those who have a time on these days, or the calendar."""
    zone = timezone.get_current_timezone()
    held = Offer.objects.held().filter(
        practitioner=practitioner,
        starts_at__gte=datetime.combine(first_on, time(), zone),
        starts_at__lt=datetime.combine(last_on + ONE_DAY, time(), zone),
    )
    if not held.exists():
        return _calendar(first_on)
    values = {"practitioner": practitioner.pk, "first_on": first_on, "last_on": last_on}
    return f"{reverse('admin:bookings_enquiry_write')}?{urlencode(values)}"


def _back(request: HttpRequest, model_admin: admin.ModelAdmin) -> HttpResponse:
    """End an absence that was marked here before a day: take it away, or what is left of it."""
    day = asked.parse(request.POST.get("day"))
    key = whole_number(request.POST.get("absence", ""))
    with transaction.atomic():
        rows = DayOff.objects.select_for_update().filter(pk=key or 0)
        day_off = rows.first()
        if day is None or day_off is None or not reading.marked([day_off]):
            raise Http404
        name = day_off.roster.practitioner.name
        model_admin.log_deletions(request, rows)
        if day_off.starts_on < day <= day_off.ends_on:
            day_off.ends_on = day - ONE_DAY
            day_off.save(update_fields=["ends_on"])
        else:
            day_off.delete()
    messages.success(request, _("%(name)s is no longer marked as absent.") % {"name": name})
    return HttpResponseRedirect(_calendar(day))


def _calendar(day: date) -> str:
    return f"{reverse('admin:bookings_enquiry_calendar')}?{urlencode({'day': day})}"
