"""Entering a request for somebody on the phone or at the desk."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from bookings import gate, submission
from bookings.forms import StaffRequestForm
from bookings.models import Source


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
        messages.success(request, _("The request is kept as %s.") % sent.enquiry.number)
        address = reverse("admin:bookings_enquiry_change", args=[sent.enquiry.pk])
        return HttpResponseRedirect(address)
    context = {
        **admin.site.each_context(request),
        "title": _("Enter a request"),
        "opts": model_admin.opts,
        "form": form,
        "reminders": [each for each in gate.services() if each.red_flag_lines],
    }
    status = 422 if form.is_bound else 200
    return render(request, "admin/bookings/enquiry/entry.html", context, status=status)
