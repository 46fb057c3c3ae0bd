"""One request: what was asked, what has happened, and the next step."""

from datetime import datetime
from typing import Any, cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from bookings import workflow
from bookings.admin import forms
from bookings.admin.calendar import slots
from bookings.admin.calendars import last_read
from bookings.admin.questions import Asked
from bookings.models import Enquiry, Event, Offer
from bookings.models.enquiry import EnquiryQuerySet
from bookings.patient.messages import KINDS
from bookings.rosters import reading, wishes
from bookings.workflow import audit_log, rescheduling, stale_pages
from clinic import hooks
from clinic.lib.fields.numbers import whole_number
from clinic.models import Message, Practitioner, User


@require_http_methods(["GET", "HEAD", "POST"])
def enquiry(request: HttpRequest, model_admin: admin.ModelAdmin, object_id: str) -> HttpResponse:
    """The page, and what its forms ask. Opening it is noted."""
    at = timezone.now()
    seen: int | str = stale_pages.version(_key(object_id))
    found = _find(model_admin, request, object_id)
    audit_log.log_opening(found, by=cast(User, request.user), at=at)
    may_change = model_admin.has_change_permission(request, found)
    chosen = slots.filled_in(request.GET, at)
    shown = {
        name: form
        for name, form in forms.unbound(found, at, chosen).items()
        if may_change or forms.VERBS[name].reading
    }
    status = 200
    since: list[Event] = []
    question, name = None, ""
    if request.method == "POST":
        name = request.POST.get("do", "")
        if name not in forms.VERBS or not (may_change or forms.VERBS[name].reading):
            raise PermissionDenied
        form, status = forms.make(name, found, request.POST), 422
        seen_then = request.POST.get("seen")
        if form.is_valid():
            try:
                with stale_pages.unchanged(found, seen_then):
                    _ask_first(request, forms.VERBS[name], found, form.cleaned_data, at)
                    forms.VERBS[name].act(found, **form.cleaned_data, by=request.user, at=at)
            except Asked as asked:
                question, status = asked.question, 200
            except workflow.NotAllowed as refusal:
                form.add_error(None, str(refusal))
            except stale_pages.ChangedSince as changed:
                form.add_error(None, _("Nothing was done: %(why)s") % {"why": changed})
                status, since, seen_then = 409, changed.events, None
            else:
                messages.success(request, forms.VERBS[name].done)
                return HttpResponseRedirect(request.path)
        shown[name] = form
        # Until the changes have been shown, forms name the state that was shown first.
        seen = seen_then or stale_pages.version(found.pk)
        found = _find(model_admin, request, object_id)
    context = _context(model_admin, request, found, at)
    context |= {"forms": shown, "at": at, "is_late": found.is_late(at), "seen": seen}
    context |= {"since": since, "chosen": chosen}
    if question:
        sent = [(key, request.POST[key]) for key in request.POST if key.startswith(f"{name}-")]
        context |= {"question": question, "asked": name, "sent": sent}
    if found.came_from:
        context["origin"] = hooks.published.origin(found.came_from, at)
    return render(request, "admin/bookings/enquiry/page.html", context, status=status)


def _ask_first(
    request: HttpRequest, verb: forms.Verb, enquiry: Enquiry, values: dict[str, Any], at: datetime
) -> None:
    """Raise Asked unless the verb asks nothing, or its question has been answered as it is now."""
    question = verb.asks(enquiry, **values, at=at) if verb.asks else None
    if question and request.POST.get("confirmed") != question.key:
        raise Asked(question)


def _seen(request: HttpRequest) -> EnquiryQuerySet:
    return Enquiry.objects.seen_by(cast(User, request.user))


def _key(object_id: str) -> int:
    return whole_number(object_id) or 0


def _find(model_admin: admin.ModelAdmin, request: HttpRequest, object_id: str) -> Enquiry:
    if not model_admin.has_view_permission(request):
        raise PermissionDenied
    found = (
        _seen(request)
        .select_related("service", "practitioner", "location", "given_to", "previous")
        .filter(pk=_key(object_id))
        .first()
    )
    if found is None:
        raise Http404
    return found


def _context(
    model_admin: admin.ModelAdmin, request: HttpRequest, enquiry: Enquiry, at: datetime
) -> dict[str, Any]:
    waiting = list(_seen(request).for_reply().by_time_left().values_list("pk", flat=True))
    place = waiting.index(enquiry.pk) if enquiry.pk in waiting else None
    following = waiting[(place + 1) % len(waiting)] if place is not None else None
    return {
        **admin.site.each_context(request),
        "title": enquiry.number,
        "opts": model_admin.opts,
        "enquiry": enquiry,
        "events": list(enquiry.events.order_by("-at", "-id")),
        "offers": list(enquiry.offers.held().select_related("practitioner", "location")),
        "moves": _moves(enquiry, at),
        "moves_text": rescheduling.words(enquiry),
        "last_read": last_read(_giving(enquiry), at),
        "alike": _alike(request, enquiry),
        "mails": list(Message.objects.filter(kind__in=KINDS, object_id=enquiry.pk)),
        "place": None if place is None else place + 1,
        "waiting": len(waiting),
        "next": following if following != enquiry.pk else None,
        "may_export": request.user.has_perm("bookings.export_enquiry"),
        "may_delete": model_admin.has_delete_permission(request, enquiry),
    }


def _giving(enquiry: Enquiry) -> QuerySet[Practitioner]:
    """Who can be offered for a request."""
    people = Practitioner.objects.filter(takes_bookings=True)
    return reading.bound(enquiry.service, people) if enquiry.service else people


def _moves(enquiry: Enquiry, at: datetime) -> list[tuple[str, dict[str, Any] | None]]:
    """The times to which the patient would like to move the appointment, each with the values of
    the form that does it; None for a time that is past."""
    visit = enquiry.offers.held().filter(state=Offer.State.ACCEPTED).first()
    if visit is None:
        return []
    found: list[tuple[str, dict[str, Any] | None]] = []
    for wish, words in zip(wishes.read(enquiry.moves), wishes.words(enquiry.moves), strict=True):
        values = {
            "practitioner": wish.practitioner,
            "location": wish.location,
            "starts_at": f"{timezone.localtime(wish.start):%Y-%m-%dT%H:%M}",
            "minutes": visit.minutes,
        }
        found.append((words, values if wish.start > at else None))
    return found


def _alike(request: HttpRequest, enquiry: Enquiry) -> list[Enquiry]:
    """Other open requests with the same address or phone number."""
    same = Q(pk__in=[])
    if enquiry.email:
        same |= Q(email__iexact=enquiry.email)
    if enquiry.phone:
        same |= Q(phone=enquiry.phone)
    others = _seen(request).open().filter(same).exclude(pk=enquiry.pk)
    shown = ("number", "name", "created_at", "state")
    return list(others.only(*shown).order_by("id")[:5])
