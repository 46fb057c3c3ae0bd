"""One message to all patients of a practitioner, for the day when somebody is ill."""

from datetime import datetime, time, timedelta
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from bookings import correspondence, workflow
from bookings.admin.forms import AnswerForm
from bookings.models import Enquiry, Offer
from bookings.models.enquiry import EnquiryQuerySet
from clinic.models import Practitioner, User


class BroadcastForm(AnswerForm):
    """Whose visits, on which days, and the words."""

    field_order = ("practitioner", "first_on", "last_on")

    practitioner = forms.ModelChoiceField(Practitioner.objects.all(), label=_("Visits with"))
    first_on = forms.DateField(
        label=_("From"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    last_on = forms.DateField(
        label=_("To"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        first, last = data.get("first_on"), data.get("last_on")
        if first and last and last < first:
            self.add_error("last_on", _("The last day is before the first."))
        return data

    def enquiries(self) -> EnquiryQuerySet:
        """The requests whose visit is booked then."""
        data = self.cleaned_data
        zone = timezone.get_current_timezone()
        booked = Offer.objects.held().filter(
            state=Offer.State.ACCEPTED,
            practitioner=data["practitioner"],
            starts_at__gte=datetime.combine(data["first_on"], time(), zone),
            starts_at__lt=datetime.combine(data["last_on"] + timedelta(days=1), time(), zone),
        )
        return Enquiry.objects.open().filter(offers__in=booked).order_by("id")


@require_http_methods(["GET", "HEAD", "POST"])
def write_to_all(request: HttpRequest, model_admin: admin.ModelAdmin) -> HttpResponse:
    """Asks what to write to whom, shows to whom it goes, and sends it once that is confirmed."""
    if not model_admin.has_change_permission(request):
        raise PermissionDenied
    today = timezone.localdate()
    form = BroadcastForm(request.POST or None, initial={"first_on": today, "last_on": today})
    context: dict[str, Any] = {}
    if form.is_valid():
        found = list(form.enquiries())
        shown = ",".join(str(each.pk) for each in found)
        # Not to others than were shown: the days may have been changed since, or visits booked.
        if found and request.POST.get("confirmed") == shown:
            return _send(request, form, found)
        context = {
            "asked": True,
            "shown": shown,
            "reached": [each for each in found if each.email],
            "to_call": [each for each in found if not each.email],
        }
    context |= {
        **admin.site.each_context(request),
        "title": _("Write to all patients of a practitioner"),
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
            correspondence.answer(enquiry, text=form.cleaned_data["text"], by=by, at=at)
        except workflow.NotAllowed:  # no address, or closed meanwhile
            continue
        count += 1
    words = ngettext("Written to %(count)d patient.", "Written to %(count)d patients.", count)
    messages.success(request, words % {"count": count})
    return HttpResponseRedirect(reverse("admin:bookings_enquiry_changelist") + "?tab=booked")
