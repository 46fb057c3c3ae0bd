"""One message to all patients of a practitioner, for days when the practitioner is ill."""

from datetime import datetime, time, timedelta
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, Prefetch
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from bookings import workflow
from bookings.admin.forms import AnswerForm
from bookings.models import Enquiry, Offer
from bookings.models.enquiry import EnquiryQuerySet
from bookings.patient import correspondence
from bookings.workflow import stale_pages
from clinic.lib.fields.days import is_plausible
from clinic.models import Practitioner, User


class BroadcastForm(AnswerForm):
    """Whose visits, on which days, and the words."""

    GIVEN = ("practitioner", "first_on", "last_on")  # may come with the address
    field_order = GIVEN

    practitioner = forms.ModelChoiceField(Practitioner.objects.all(), label=_("Appointments with"))
    first_on = forms.DateField(
        label=_("Appointments from (date)"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        validators=[is_plausible],
    )
    last_on = forms.DateField(
        label=_("Appointments until (date)"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        validators=[is_plausible],
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        first, last = data.get("first_on"), data.get("last_on")
        if first and last and last < first:
            self.add_error("last_on", _("The last day is before the first."))
        return data

    def enquiries(self) -> EnquiryQuerySet:
        """The requests with a booked or offered time then, each with those `times`."""
        data = self.cleaned_data
        zone = timezone.get_current_timezone()
        held = Offer.objects.held().filter(
            practitioner=data["practitioner"],
            starts_at__gte=datetime.combine(data["first_on"], time(), zone),
            starts_at__lt=datetime.combine(data["last_on"] + timedelta(days=1), time(), zone),
        )
        shown = held.select_related("location").order_by("starts_at", "id")
        rows = Enquiry.objects.open().filter(Exists(held.filter(enquiry=OuterRef("pk"))))
        return rows.order_by("id").prefetch_related(Prefetch("offers", shown, to_attr="times"))


@require_http_methods(["GET", "HEAD", "POST"])
def write_to_all(request: HttpRequest, model_admin: admin.ModelAdmin) -> HttpResponse:
    """Asks what to write to whom, shows to whom it goes, and sends it once that is confirmed."""
    if not model_admin.has_change_permission(request):
        raise PermissionDenied
    today = timezone.localdate()
    given = {name: request.GET[name] for name in BroadcastForm.GIVEN if name in request.GET}
    initial = {"first_on": today, "last_on": today} | given
    form = BroadcastForm(request.POST or None, initial=initial)
    context: dict[str, Any] = {}
    if form.is_valid():
        found = list(stale_pages.with_version(form.enquiries()))
        found.sort(key=lambda each: each.times[0].starts_at)  # type: ignore[attr-defined]
        shown = ",".join(f"{each.pk}-{each.version}" for each in found)  # type: ignore[attr-defined]
        confirmed = request.POST.get("confirmed")
        # Only to those that were shown, and as they were: the days may have been changed since,
        # times booked or offered, or the same message sent by a second press.
        if found and confirmed == shown:
            return _send(request, form, found)
        if confirmed:
            messages.warning(
                request, _("The list has changed since it was shown. Nothing was sent just now.")
            )
        context = {
            "asked": True,
            "at": timezone.now(),
            "shown": shown,
            "reached": [each for each in found if each.email],
            "to_call": [each for each in found if not each.email],
        }
    context |= {
        **admin.site.each_context(request),
        "title": _("Email a practitioner’s patients"),
        "opts": model_admin.opts,
        "form": form,
    }
    status = 422 if form.is_bound and not form.is_valid() else 200
    return render(request, "admin/bookings/enquiry/broadcast.html", context, status=status)


def _send(request: HttpRequest, form: BroadcastForm, found: list[Enquiry]) -> HttpResponse:
    at, by = timezone.now(), cast(User, request.user)
    count = 0
    for enquiry in found:
        try:
            with stale_pages.unchanged(enquiry, str(enquiry.version)):  # type: ignore[attr-defined]
                correspondence.answer(enquiry, text=form.cleaned_data["text"], by=by, at=at)
        except (workflow.NotAllowed, stale_pages.ChangedSince):  # no address, or changed meanwhile
            continue
        count += 1
    words = ngettext("Sent to %(count)d patient.", "Sent to %(count)d patients.", count)
    messages.success(request, words % {"count": count})
    return HttpResponseRedirect(reverse("admin:bookings_enquiry_changelist") + "?tab=booked")
