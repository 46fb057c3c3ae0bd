"""The list of requests: who waits for us, and how long. No words of patients, nothing of a body."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count, Prefetch, Q
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

from bookings import retention, timeline, workflow
from bookings.handing_over import receivers
from bookings.models import CloseReason, Enquiry, Event, Offer, State
from bookings.models.enquiry import OPEN, EnquiryQuerySet
from clinic import frame
from clinic.models import User

PER_PAGE = 50


@dataclass(frozen=True)
class Tab:
    key: str
    label: Any
    states: tuple[State, ...]
    empty: Any  # what to say, and do, when nothing is in it
    suspected: bool = False
    going: bool = False  # only those that are erased within days


TABS = (
    Tab("open", _("Open"), OPEN, _("No request is open. New ones from the website appear here.")),
    Tab(
        "needs_reply",
        _("Needs reply"),
        (State.NEEDS_REPLY,),
        _("Nobody waits for our reply. Look at “Waiting” for those we have written to."),
    ),
    Tab(
        "waiting",
        _("Waiting"),
        (State.WAITING,),
        _("We wait for nobody. Requests come here once a patient is reached or offered times."),
    ),
    Tab(
        "booked",
        _("Booked"),
        (State.BOOKED,),
        _("No visit is booked. Requests come here when a patient accepts a time."),
    ),
    Tab(
        "closed",
        _("Closed"),
        (State.CLOSED,),
        _("Nothing is closed. Closed requests stay here until their time is over."),
    ),
    Tab(
        "going",
        _("Soon erased"),
        (State.CLOSED,),
        _("Nothing is erased in the next days. Closed requests come here a week before."),
        going=True,
    ),
    Tab(
        "suspected",
        _("Suspected"),
        OPEN,
        _("Nothing here. Requests that a machine may have made come here, not among the others."),
        suspected=True,
    ),
)
MOST_CLOSED = 500  # at one press


class FilterForm(forms.Form):
    """The row of selects above the table, and the search."""

    q = forms.CharField(label=_("Name, phone or number"), required=False, max_length=120)
    location = forms.ChoiceField(label=_("Location"), required=False)
    given_to = forms.ChoiceField(label=_("Given to"), required=False)

    def __init__(self, data: Any, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        places = [(str(place.pk), place.name) for place in frame.current().locations]
        people = [(str(user.pk), str(user)) for user in receivers()]
        self._choose("location", [("", _("All")), *places, ("none", _("Not said"))])
        self._choose("given_to", [("", _("Anyone")), *people, ("none", _("Nobody yet"))])

    def _choose(self, name: str, choices: list[Any]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    def apply(self, rows: EnquiryQuerySet) -> EnquiryQuerySet:
        """The rows that fit; choices that do not exist are passed over."""
        self.is_valid()
        for name in ("location", "given_to"):
            value = self.cleaned_data.get(name)
            if value:
                rows = rows.filter(**{name: None if value == "none" else value})
        words = self.cleaned_data.get("q")
        return rows.filter(_matches(words)) if words else rows


@require_http_methods(["GET", "HEAD", "POST"])
def inbox(request: HttpRequest, model_admin: admin.ModelAdmin) -> HttpResponse:
    """The list. Ten queries at the most, whatever its length."""
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
        timeline.log_access(Event.Kind.SEARCHED, by=user, at=at)
    keep = retention.periods(frame.current().clinic)
    going = retention.is_over(at + retention.SOON, keep)
    counts = _counts(rows, going)
    tab = next((tab for tab in TABS if tab.key == request.GET.get("tab")), TABS[0])
    rows = rows.filter(state__in=tab.states)
    if tab.states != (State.CLOSED,):
        rows = rows.filter(suspected=tab.suspected)
    if tab.going:
        rows = rows.filter(going)
    rows = rows.by_time_left()
    paginator = Paginator(_for_list(rows), PER_PAGE)
    paginator.count = counts[tab.key]  # known already
    page = paginator.get_page(request.GET.get("page"))
    shown = list(page)
    late = sum(row.is_late(at) for row in shown)
    query = request.GET.copy()
    query.pop("page", None)
    context = {
        **admin.site.each_context(request),
        "title": model_admin.opts.verbose_name_plural.capitalize(),  # type: ignore[union-attr]
        "opts": model_admin.opts,
        "form": form,
        "tabs": [(each, counts[each.key]) for each in TABS],
        "may_close": tab.suspected and model_admin.has_change_permission(request),
        "tab": tab,
        "page_obj": page,
        "rows": [(row, row.is_late(at)) for row in shown],
        "keep": keep if tab.going else None,
        "spam_days": frame.current().clinic.keep_spam_days,
        "late": late,
        "soon": sum(row.is_due_soon(at) for row in shown),
        "needs_reply": counts["needs_reply"],
        "first": next((row for row in shown if row.state == State.NEEDS_REPLY), None),
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
    keep = retention.periods(frame.current().clinic)
    going = retention.is_over(timezone.now() + retention.SOON, keep)
    found = _counts(Enquiry.objects.seen_by(cast(User, request.user)), going)
    return JsonResponse(found, headers={"Cache-Control": "no-store"})


def _counts(rows: EnquiryQuerySet, going: Q) -> dict[str, int]:
    """How many of these stand under each tab; `going`: which are erased soon."""
    found = list(
        rows.order_by()
        .values_list("suspected", "state")
        .annotate(count=Count("id"), gone=Count("id", filter=going))
    )
    by_state = {(suspected, state): count for suspected, state, count, _gone in found}

    def count(tab: Tab) -> int:
        if tab.going:
            return sum(gone for *_kind, gone in found)
        kinds = (False, True) if tab.states == (State.CLOSED,) else (tab.suspected,)
        return sum(by_state.get((kind, state), 0) for kind in kinds for state in tab.states)

    return {tab.key: count(tab) for tab in TABS}


def _close_suspected(
    request: HttpRequest, model_admin: admin.ModelAdmin, user: User, at: datetime
) -> HttpResponse:
    """Close what is in the box of the suspected ones as spam, the oldest first."""
    if not model_admin.has_change_permission(request):
        raise PermissionDenied
    box = Enquiry.objects.seen_by(user).filter(suspected=True, state=State.NEEDS_REPLY)
    count = 0
    for enquiry in box.order_by("id").only("pk")[:MOST_CLOSED]:
        with suppress(workflow.NotAllowed):  # somebody moved it meanwhile
            workflow.close(enquiry, reason=CloseReason.SPAM, by=user, at=at)
            count += 1
    messages.success(
        request,
        ngettext("%(count)d request is closed.", "%(count)d requests are closed.", count)
        % {"count": count},
    )
    return HttpResponseRedirect(f"{request.path}?tab=suspected")


def _for_list(rows: EnquiryQuerySet) -> EnquiryQuerySet:
    """Only what the list shows: no health field leaves the database."""
    accepted = Offer.objects.filter(state=Offer.State.ACCEPTED).order_by("-starts_at")
    return (
        rows.select_related("location", "given_to")
        .only(
            "number",
            "name",
            "state",
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


def _matches(words: str) -> Q:
    found = Q(name__icontains=words) | Q(number__icontains=words)
    digits = "".join(character for character in words if character in "0123456789")
    if len(digits) >= 4:
        # Written with or without a country code, or the zero that stands for it.
        found |= Q(phone__contains=digits.lstrip("0")) | Q(number__endswith=digits)
    return found
