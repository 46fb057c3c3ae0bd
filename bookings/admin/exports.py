"""What leaves the house: a list for a spreadsheet, and all that is kept about one person.

A right of its own; each time is a line in the log.
"""

from datetime import datetime
from typing import cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from bookings.models import Enquiry, Event, Offer
from bookings.privacy import data_subject
from bookings.workflow import audit_log
from clinic.accounts import security_log
from clinic.lib import csv_cells
from clinic.models import SecurityEvent, User

# Of the classes contact and scheduling (bookings.privacy.field_classes), with the service and the
# outcome, which staff count; no words of a patient.
COLUMNS = (
    "number",
    "received",
    "status",
    "outcome",
    "name",
    "email",
    "phone",
    "contact by",
    "language",
    "service",
    "appointment",
    "practitioner",
    "location",
    "reply due by",
)
LOCAL = "%Y-%m-%d %H:%M"  # as spreadsheets read it


@require_POST
def as_csv(request: HttpRequest, model_admin: admin.ModelAdmin) -> HttpResponse:
    """All requests, one per line, as UTF-8 with the mark by which spreadsheets know it."""
    _require(request, "bookings.export_enquiry")
    at = timezone.now()
    Event.objects.create(
        kind=Event.Kind.EXPORTED, at=at, by=_user(request), by_name=str(request.user)
    )
    _log(SecurityEvent.Kind.EXPORTED, _("All requests"), request, at)
    response = HttpResponse(
        "\ufeff",
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="requests-{at:%Y-%m-%d}.csv"'},
    )
    table = csv_cells.Writer(response)
    table.row(COLUMNS)
    for enquiry in _for_table().iterator(chunk_size=500):
        table.row(_cells(enquiry))
    return response


def _for_table() -> QuerySet[Enquiry]:
    accepted = Offer.objects.filter(state=Offer.State.ACCEPTED).order_by("-starts_at")
    visits = accepted.select_related("practitioner", "location")
    return (
        Enquiry.objects.order_by("id")
        .select_related("service", "practitioner", "location")
        .defer("message", "access_needs")
        .prefetch_related(Prefetch("offers", queryset=visits, to_attr="accepted"))
    )


def _cells(enquiry: Enquiry) -> list[object]:
    """One line. The practitioner and location of the appointment, or those asked for."""
    visit = next(iter(enquiry.accepted), None)  # type: ignore[attr-defined]
    place: Enquiry | Offer = visit or enquiry
    return [
        enquiry.number,
        _local(enquiry.created_at),
        enquiry.get_state_display(),
        enquiry.get_close_reason_display(),
        enquiry.name,
        enquiry.email,
        enquiry.phone,
        enquiry.get_contact_by_display(),
        enquiry.language,
        enquiry.service,
        _local(visit.starts_at) if visit else "",
        place.practitioner,
        place.location,
        _local(enquiry.answer_by),
    ]


def _local(moment: datetime | None) -> str:
    return f"{timezone.localtime(moment):{LOCAL}}" if moment else ""


@require_http_methods(["GET", "HEAD", "POST"])
def about_person(
    request: HttpRequest, model_admin: admin.ModelAdmin, object_id: int
) -> HttpResponse:
    """The requests that may be of the same person, to choose from; those chosen, as a JSON file."""
    at = timezone.now()
    if request.method != "POST":
        if not request.user.has_perm("bookings.delete_enquiry"):
            _require(request, "bookings.export_enquiry")
        enquiry = _find(object_id)
        audit_log.log_access(Event.Kind.SEARCHED, by=_user(request), at=at)
        return _ask(request, model_admin, enquiry, data_subject.like(enquiry, at=at))
    _require(request, "bookings.export_enquiry")
    enquiry = _find(object_id)
    found = data_subject.like(enquiry, at=at)
    try:
        chosen = data_subject.choose(found, request.POST.getlist("chosen"))
    except data_subject.NotChosen as refusal:
        return _ask(request, model_admin, enquiry, found, refusal=str(refusal))
    for match in chosen:
        audit_log.record(match.enquiry, Event.Kind.EXPORTED, at=at, by=_user(request))
    _log(SecurityEvent.Kind.EXPORTED, _requests(len(chosen)), request, at)
    return JsonResponse(
        data_subject.export(match.enquiry for match in chosen),
        safe=False,
        json_dumps_params={"ensure_ascii": False, "indent": 2},
        headers={"Content-Disposition": 'attachment; filename="person.json"'},
    )


@require_POST
def erase_person(
    request: HttpRequest, model_admin: admin.ModelAdmin, object_id: int
) -> HttpResponse:
    """Erase the requests that were chosen; the number of this one must be typed."""
    _require(request, "bookings.delete_enquiry")
    enquiry = _find(object_id)
    with transaction.atomic():
        found = data_subject.like(enquiry, at=timezone.now())
        try:
            chosen = data_subject.choose(found, request.POST.getlist("chosen"))
            if request.POST.get("number", "").strip() != enquiry.number:
                raise data_subject.NotChosen(
                    _("Nothing was erased: type the number of this request first.")
                )
        except data_subject.NotChosen as refusal:
            return _ask(request, model_admin, enquiry, found, refusal=str(refusal))
        gone = Enquiry.objects.filter(pk__in=[match.enquiry.pk for match in chosen])
        model_admin.log_deletions(request, gone.only("number"))
        count = data_subject.erase(chosen, by=f"account {request.user.pk}")
        log_erased(count, request, timezone.now())
    messages.success(
        request,
        ngettext("%(count)d request was erased.", "%(count)d requests were erased.", count)
        % {"count": count},
    )
    return HttpResponseRedirect(reverse("admin:bookings_enquiry_changelist"))


def log_erased(count: int, request: HttpRequest, at: datetime) -> None:
    """Write into the security log who erased so many requests."""
    _log(SecurityEvent.Kind.ERASED, _requests(count), request, at)


def _log(kind: str, note: str, request: HttpRequest, at: datetime) -> None:
    """Write into the security log who took data of patients out or erased it; never whose."""
    by = _user(request)
    security_log.write(kind, "requests %s, by account %s", kind, by.pk, at=at, by=by, note=note)


def _requests(count: int) -> str:
    return ngettext("%(count)d request", "%(count)d requests", count) % {"count": count}


def _ask(
    request: HttpRequest,
    model_admin: admin.ModelAdmin,
    enquiry: Enquiry,
    found: list[data_subject.Match],
    *,
    refusal: str = "",
) -> HttpResponse:
    """The list to choose from. The sure ones are ticked, until people have chosen themselves."""
    sent = {key.partition("-")[0] for key in request.POST.getlist("chosen")}
    rows = [(each, str(each.enquiry.pk) in sent if refusal else each.is_sure) for each in found]
    context = {
        **admin.site.each_context(request),
        "title": _("Requests of one person"),
        "opts": model_admin.opts,
        "enquiry": enquiry,
        "at": timezone.now(),
        "groups": [
            (_("This person"), [row for row in rows if row[0].is_sure]),
            (_("Possibly someone else"), [row for row in rows if not row[0].is_sure]),
        ],
        "refusal": refusal,
        "may_export": request.user.has_perm("bookings.export_enquiry"),
        "may_delete": request.user.has_perm("bookings.delete_enquiry"),
    }
    status = 409 if refusal else 200
    return render(request, "admin/bookings/enquiry/person.html", context, status=status)


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
