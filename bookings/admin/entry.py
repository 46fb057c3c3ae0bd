"""Entering a request for a patient on the phone or at reception."""

import uuid
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from bookings.intake import red_flag_gate, submission
from bookings.intake.request_form import RequestForm
from bookings.models import ContactBy, ForWhom, Source
from clinic.models import Service
from clinic.site import triage

LABELS = {
    "name": _("Name"),
    "phone": _("Phone"),
    "returning": _("Returning patient?"),
    "practitioner": _("Preferred practitioner"),
    "location": _("Location"),
    "days": _("Preferred days"),
    "parts": _("Preferred time of day"),
    "message": _("Reason, in the patient’s own words"),
    "child_name": _("Child’s name"),
    "child_age": _("Child’s age"),
    "for_whom": _("Appointment for"),
    "language": _("Language"),
    "contact_by": _("Contact by"),
    "access_needs": _("Accessibility needs"),
}


class StaffRequestForm(RequestForm):
    """The booking form, filled in by staff for a patient on the phone or at reception."""

    needs_child = False  # a caller may not say

    service = forms.ModelChoiceField(
        Service.objects.filter(is_public=True),
        label=_("Service"),
        required=False,
        empty_label=_("Not sure yet"),
    )
    source = forms.ChoiceField(
        label=_("How did the request come in?"),
        choices=[(Source.PHONE.value, Source.PHONE.label), (Source.DESK.value, Source.DESK.label)],
        initial=Source.PHONE,
        widget=forms.RadioSelect,
    )
    form_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in LABELS.keys() & self.fields.keys():
            self.fields[name].label = LABELS[name]
            self.fields[name].help_text = ""
        words = [(whom.value, whom.to_staff) for whom in ForWhom]
        self.fields["for_whom"].choices = words  # type: ignore[attr-defined]
        here_before = [("no", _("No, first appointment")), ("yes", _("Yes"))]
        self.fields["returning"].choices = here_before  # type: ignore[attr-defined]
        ways = [("", _("Either is fine")), *ContactBy.choices]
        self.fields["contact_by"].choices = ways  # type: ignore[attr-defined]


@require_http_methods(["GET", "HEAD", "POST"])
def enter(request: HttpRequest, model_admin: admin.ModelAdmin) -> HttpResponse:
    """The form of the website with the service in it, and the red flags to ask about beside it."""
    if not model_admin.has_add_permission(request):
        raise PermissionDenied
    form = StaffRequestForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        sent = submission.submit(
            form.content(),
            form_key=form.cleaned_data["form_key"],
            source=Source(form.cleaned_data["source"]),
            by=request.user,  # type: ignore[arg-type]
            at=timezone.now(),
        )
        messages.success(request, _t("Request saved as %s.") % sent.enquiry.number)
        address = reverse("admin:bookings_enquiry_change", args=[sent.enquiry.pk])
        return HttpResponseRedirect(address)
    context = {
        **admin.site.each_context(request),
        "title": _t("Add a request"),
        "opts": model_admin.opts,
        "form": form,
        "reminders": triage.with_red_flags(red_flag_gate.services()),
    }
    status = 422 if form.is_bound else 200
    return render(request, "admin/bookings/enquiry/entry.html", context, status=status)
