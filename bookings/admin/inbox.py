"""The list of requests: who waits for us, and how long. No words of patients, nothing of a body."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count, Max, Prefetch, Q
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
    JsonResponse,
)
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from bookings import workflow
from bookings.admin.filters import FilterForm
from bookings.models import CloseReason, Enquiry, Event, Offer, State
from bookings.models.enquiry import OPEN, OUR_TURN, SOON, EnquiryQuerySet
from bookings.privacy import retention
from bookings.workflow import audit_log, stale_pages
from clinic.models import User
from clinic.site import page_context

PER_PAGE = 50


@dataclass(frozen=True)
class Tab:
    key: str
    label: Any
    states: tuple[State, ...]
    empty: Any  # what to say, and do, when nothing is in it
    suspected: bool = False
    going: bool = False  # only those that are erased within days
    ours: bool = False  # also booked ones whose patient asks for another time


TABS = (
    Tab(
        "open",
        _("Open"),
        OPEN,
        _("There are no open requests. New ones from the website appear here."),
    ),
    Tab(
        "needs_reply",
        _("Needs reply"),
        (State.NEEDS_REPLY,),
        _("No requests need a reply. See “Waiting for patient” for those we have replied to."),
        ours=True,
    ),
    Tab(
        "waiting",
        _("Waiting for patient"),
        (State.WAITING,),
        _(
            "We’re not waiting for any patients. Requests appear here once a patient has been "
            "reached or offered times."
        ),
    ),
    Tab(
        "booked",
        _("Booked"),
        (State.BOOKED,),
        _("There are no booked appointments. Requests appear here when a patient accepts a time."),
    ),
    Tab(
        "closed",
        _("Closed"),
        (State.CLOSED,),
        _("There are no closed requests. Closed requests stay here until they are deleted."),
    ),
    Tab(
        "going",
        _("To be deleted"),
        (State.CLOSED,),
        _(
            "Nothing will be deleted in the next few days. Closed requests appear here a week "
            "before they are deleted."
        ),
        going=True,
    ),
    Tab(
        "suspected",
        _("Possible spam"),
        OPEN,
        _("Nothing here. Requests that may be spam appear here, separate from the other requests."),
        suspected=True,
    ),
)
MOST_CLOSED = 500  # at one press


@require_http_methods(["GET", "HEAD", "POST"])
def inbox(request: HttpRequest, model_admin: admin.ModelAdmin) -> HttpResponse:
    """The list. Twelve queries at the most, whatever its length."""
    if not model_admin.has_view_permission(request):
        raise PermissionDenied
    at = timezone.now()
    user = cast(User, request.user)
    if request.method == "POST":
        if request.POST.get("do") != "close-suspected":
            return HttpResponseNotAllowed(["GET", "HEAD"])
        return _close_suspected(request, model_admin, user, at)
    form = FilterForm(request.GET, label_suffix="")
    rows = form.apply(Enquiry.objects.seen_by(user))
    if form.cleaned_data.get("q"):
        audit_log.log_access(Event.Kind.SEARCHED, by=user, at=at)
    keep = retention.periods(page_context.current().clinic)
    going = retention.is_over(at + retention.SOON, keep)
    counts, late, soon = _counts(rows, going, at)
    tab = next((tab for tab in TABS if tab.key == request.GET.get("tab")), TABS[0])
    may_close = tab.suspected and model_admin.has_change_permission(request)
    seen = Event.objects.aggregate(last=Max("pk"))["last"] if may_close else None
    rows = rows.filter(OUR_TURN if tab.ours else Q(state__in=tab.states))
    if tab.states != (State.CLOSED,):
        rows = rows.filter(suspected=tab.suspected)
    if tab.going:
        rows = rows.filter(going)
    rows = _ordered(rows.with_visit(), tab)
    paginator = Paginator(_for_list(rows), PER_PAGE)
    paginator.count = counts[tab.key]  # known already
    page = paginator.get_page(request.GET.get("page"))
    shown = list(page)
    query = request.GET.copy()
    query.pop("page", None)
    context = {
        **admin.site.each_context(request),
        "title": model_admin.opts.verbose_name_plural.capitalize(),  # type: ignore[union-attr]
        "opts": model_admin.opts,
        "form": form,
        "tabs": [(each, counts[each.key]) for each in TABS],
        "may_close": may_close,
        "seen": seen,
        "tab": tab,
        "page_obj": page,
        "rows": [(row, row.is_late(at)) for row in shown],
        "keep": keep if tab.going else None,
        "spam_days": page_context.current().clinic.keep_spam_days,
        "late": late,
        "soon": soon,
        "outcomes": _outcomes(rows) if tab.key == "closed" else [],
        "needs_reply": counts["needs_reply"],
        "first": next((row for row in shown if row.needs_reply), None),
        "more": any(form.cleaned_data.get(name) for name in FilterForm.FOLDED),
        "is_filtered": any(form.cleaned_data.values()),
        "query": query.urlencode(),
        "may_add": model_admin.has_add_permission(request),
        "may_export": request.user.has_perm("bookings.export_enquiry"),
        "at": at,
    }
    return render(request, "admin/bookings/enquiry/inbox.html", context)


@require_safe
def counts(request: HttpRequest, model_admin: admin.ModelAdmin) -> HttpResponse:
    """How many requests stand under each tab, as JSON; the page asks while it is open."""
    if not model_admin.has_view_permission(request):
        raise PermissionDenied
    keep = retention.periods(page_context.current().clinic)
    at = timezone.now()
    going = retention.is_over(at + retention.SOON, keep)
    found, _late, _soon = _counts(Enquiry.objects.seen_by(cast(User, request.user)), going, at)
    return JsonResponse(found, headers={"Cache-Control": "no-store"})


def _ordered(rows: EnquiryQuerySet, tab: Tab) -> EnquiryQuerySet:
    """What is closed: the last on top, or what is erased soonest. Appointments: the next on top."""
    if tab.states == (State.CLOSED,):
        return rows.order_by("closed_at" if tab.going else "-closed_at", "id")
    return rows.by_time_left("visit_at")


def _outcomes(rows: EnquiryQuerySet) -> list[tuple[Any, int]]:
    """How many of these were closed for each reason."""
    found = rows.order_by().values_list("close_reason").annotate(Count("id"))
    by_reason = dict(found)
    return [(reason.label, by_reason[reason]) for reason in CloseReason if reason in by_reason]


def _counts(rows: EnquiryQuerySet, going: Q, at: datetime) -> tuple[dict[str, int], int, int]:
    """How many of these stand under each tab, are late, and are due soon; `going`: which are erased
    soon."""
    ours = Q(OUR_TURN, suspected=False)
    found = list(
        rows.order_by()
        .values_list("suspected", "state")
        .annotate(
            count=Count("id"),
            late=Count("id", filter=ours & Q(answer_by__lt=at)),
            soon=Count("id", filter=ours & Q(answer_by__gte=at, answer_by__lt=at + SOON)),
            gone=Count("id", filter=going),
            ours=Count("id", filter=OUR_TURN),
        )
    )
    by_state = {(suspected, state): count for suspected, state, count, *_more in found}

    def count(tab: Tab) -> int:
        if tab.going:
            return sum(row[5] for row in found)
        if tab.ours:
            return sum(row[-1] for row in found if row[0] == tab.suspected)
        kinds = (False, True) if tab.states == (State.CLOSED,) else (tab.suspected,)
        return sum(by_state.get((kind, state), 0) for kind in kinds for state in tab.states)

    late, soon = (sum(row[place] for row in found) for place in (3, 4))
    return {tab.key: count(tab) for tab in TABS}, late, soon


def _close_suspected(
    request: HttpRequest, model_admin: admin.ModelAdmin, user: User, at: datetime
) -> HttpResponse:
    """Close what was shown in the box of the suspected ones as spam, the oldest first. What has
    arrived or changed since stays."""
    if not model_admin.has_change_permission(request):
        raise PermissionDenied
    shown = FilterForm(request.GET).apply(Enquiry.objects.seen_by(user))
    box = shown.filter(suspected=True, state=State.NEEDS_REPLY)
    count = left = 0
    for enquiry in box.order_by("id").only("pk")[:MOST_CLOSED]:
        try:
            with stale_pages.unchanged(enquiry, request.POST.get("seen")):
                workflow.close(enquiry, reason=CloseReason.SPAM, by=user, at=at)
            count += 1
        except (workflow.NotAllowed, stale_pages.ChangedSince):
            left += 1
    messages.success(
        request,
        ngettext("%(count)d request is closed.", "%(count)d requests are closed.", count)
        % {"count": count},
    )
    if left:
        words = ngettext(
            "%(count)d request arrived or changed after the list was shown, so it was not closed.",
            "%(count)d requests arrived or changed after the list was shown, so they were not "
            "closed.",
            left,
        )
        messages.warning(request, words % {"count": left})
    return HttpResponseRedirect(f"{request.path}?tab=suspected")


def _for_list(rows: EnquiryQuerySet) -> EnquiryQuerySet:
    """Only what the list shows: no health field leaves the database."""
    accepted = (
        Offer.objects.filter(state=Offer.State.ACCEPTED)
        .select_related("practitioner", "location")
        .order_by("-starts_at")
    )
    return (
        rows.select_related("location", "given_to")
        .only(
            "number",
            "name",
            "state",
            "moves",
            "state_since",
            "close_reason",
            "closed_at",
            "answer_by",
            "created_at",
            "location__name",
            "given_to__first_name",
            "given_to__last_name",
            "given_to__username",
        )
        .prefetch_related(Prefetch("offers", queryset=accepted, to_attr="accepted"))
    )
