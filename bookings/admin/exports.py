"""What leaves the house: a list for a spreadsheet, and all that is kept about one person.

A right of its own; each time is a line in the log.
"""

import csv
from typing import cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from bookings import person, retention, timeline
from bookings.models import Enquiry, Event
from clinic.models import User

# Of the classes contact and scheduling (bookings.privacy): no service, no words.
COLUMNS = (
    "number",
    "created_at",
    "state",
    "name",
    "email",
    "phone",
    "contact_by",
    "language",
    "practitioner__name",
    "location__name",
    "answer_by",
)


@require_POST
def as_csv(request: HttpRequest, model_admin: admin.ModelAdmin) -> HttpResponse:
    """All requests, one per line, as UTF-8 with the mark by which spreadsheets know it."""
    _require(request, "bookings.export_enquiry")
    at = timezone.now()
    Event.objects.create(
        kind=Event.Kind.EXPORTED, at=at, by=_user(request), by_name=str(request.user)
    )
    response = HttpResponse(
        "\ufeff",
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="requests-{at:%Y-%m-%d}.csv"'},
    )
    writer = csv.writer(response)
    writer.writerow(column.replace("__name", "") for column in COLUMNS)
    for row in Enquiry.objects.order_by("id").values_list(*COLUMNS).iterator():
        writer.writerow(_cell(value) for value in row)
    return response


@require_POST
def about_person(
    request: HttpRequest, model_admin: admin.ModelAdmin, object_id: int
) -> HttpResponse:
    """Everything about the person of this request, as a JSON file."""
    _require(request, "bookings.export_enquiry")
    found = person.requests_of(_find(object_id))
    at = timezone.now()
    for enquiry in found:
        timeline.record(enquiry, Event.Kind.EXPORTED, at=at, by=_user(request))
    return JsonResponse(
        person.export(found),
        safe=False,
        json_dumps_params={"ensure_ascii": False, "indent": 2},
        headers={"Content-Disposition": 'attachment; filename="person.json"'},
    )


@require_POST
def erase_person(
    request: HttpRequest, model_admin: admin.ModelAdmin, object_id: int
) -> HttpResponse:
    """Erase everything about the person of this request; the number must be typed."""
    _require(request, "bookings.delete_enquiry")
    enquiry = _find(object_id)
    if request.POST.get("number", "").strip() != enquiry.number:
        messages.error(request, _("Nothing is erased: type the number of this request first."))
        return HttpResponseRedirect(reverse("admin:bookings_enquiry_change", args=[object_id]))
    found = person.requests_of(enquiry)
    model_admin.log_deletions(request, found)
    count = retention.erase(found.values_list("pk", flat=True))
    messages.success(
        request,
        ngettext("%(count)d request is erased.", "%(count)d requests are erased.", count)
        % {"count": count},
    )
    return HttpResponseRedirect(reverse("admin:bookings_enquiry_changelist"))


def _require(request: HttpRequest, permission: str) -> None:
    if not request.user.has_perm(permission):
        raise PermissionDenied


def _user(request: HttpRequest) -> User:
    return cast(User, request.user)


def _find(pk: int) -> Enquiry:
    enquiry = Enquiry.objects.filter(pk=pk).first()
    if enquiry is None:
        raise Http404
    return enquiry


def _cell(value: object) -> str:
    """A value that no spreadsheet takes for a formula (OWASP, CSV injection)."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
