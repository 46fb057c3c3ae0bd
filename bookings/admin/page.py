"""One request: what was asked, what has happened, and the next step."""

from typing import Any, cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from bookings import timeline, workflow
from bookings.admin import forms
from bookings.messages import KINDS
from bookings.models import Enquiry
from bookings.models.enquiry import EnquiryQuerySet
from clinic import registry
from clinic.models import Message, User


@require_http_methods(["GET", "HEAD", "POST"])
def enquiry(request: HttpRequest, model_admin: admin.ModelAdmin, object_id: str) -> HttpResponse:
    """The page, and what its forms ask. Opening it is noted."""
    at = timezone.now()
    found = _find(model_admin, request, object_id)
    timeline.log_opening(found, by=cast(User, request.user), at=at)
    may_change = model_admin.has_change_permission(request, found)
    shown = {
        name: form
        for name, form in forms.unbound(found, at).items()
        if may_change or forms.VERBS[name].reading
    }
    status = 200
    if request.method == "POST":
        name = request.POST.get("do", "")
        if name not in forms.VERBS or not (may_change or forms.VERBS[name].reading):
            raise PermissionDenied
        form = forms.make(name, found, request.POST)
        if form.is_valid():
            try:
                forms.VERBS[name].act(found, **form.cleaned_data, by=request.user, at=at)
            except workflow.NotAllowed as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(request, forms.VERBS[name].done)
                return HttpResponseRedirect(request.path)
        shown[name] = form
        status = 422
        found = _find(model_admin, request, object_id)
    context = _context(model_admin, request, found)
    context |= {"forms": shown, "at": at, "is_late": found.is_late(at)}
    if found.came_from:
        context["origin"] = registry.published.origin(found.came_from, at)
    return render(request, "admin/bookings/enquiry/page.html", context, status=status)


def _seen(request: HttpRequest) -> EnquiryQuerySet:
    return Enquiry.objects.seen_by(cast(User, request.user))


def _find(model_admin: admin.ModelAdmin, request: HttpRequest, object_id: str) -> Enquiry:
    if not model_admin.has_view_permission(request):
        raise PermissionDenied
    found = (
        _seen(request)
        .select_related("service", "practitioner", "location", "given_to", "previous")
        .filter(pk=int(object_id) if object_id.isdecimal() and len(object_id) < 19 else 0)
        .first()
    )
    if found is None:
        raise Http404
    return found


def _context(
    model_admin: admin.ModelAdmin, request: HttpRequest, enquiry: Enquiry
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
        "alike": _alike(request, enquiry),
        "mails": list(Message.objects.filter(kind__in=KINDS, object_id=enquiry.pk)),
        "place": None if place is None else place + 1,
        "waiting": len(waiting),
        "next": following if following != enquiry.pk else None,
        "may_export": request.user.has_perm("bookings.export_enquiry"),
        "may_delete": model_admin.has_delete_permission(request, enquiry),
    }


def _alike(request: HttpRequest, enquiry: Enquiry) -> list[Enquiry]:
    """Other open requests with the same address or phone number."""
    same = Q(pk__in=[])
    if enquiry.email:
        same |= Q(email__iexact=enquiry.email)
    if enquiry.phone:
        same |= Q(phone=enquiry.phone)
    others = _seen(request).open().filter(same).exclude(pk=enquiry.pk)
    return list(others.only("number").order_by("id")[:5])
