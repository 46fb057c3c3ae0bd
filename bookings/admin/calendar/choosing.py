"""Choosing free times for one request. Nothing is held yet: what is chosen is filled in on the page
of the request."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from bookings import workflow
from bookings.admin.calendar import asked as asking
from bookings.admin.calendar import slots, views
from bookings.admin.calendar.asked import WEEK, Asked
from bookings.admin.calendar.columns import Drawer, Entry, columns
from bookings.admin.calendar.reading import Book
from bookings.models import Enquiry, Offer
from bookings.rosters import day_plan, wishes
from bookings.rosters import reading as rosters
from bookings.rosters.day_plan import DayPlan
from bookings.rosters.open_times import EVERY
from bookings.rosters.wishes import Wish
from clinic.models import Practitioner, User

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Wanted:
    """What is chosen for. visit: the appointment that is to be moved. people: keys of those who
    give the service."""

    enquiry: Enquiry
    verb: str
    visit: Offer | None
    minutes: int
    most: int
    chosen: list[Wish]
    people: set[int]
    at: datetime

    @property
    def usual_person(self) -> int | None:
        return self.visit.practitioner_id if self.visit else self.enquiry.practitioner_id

    @property
    def usual_day(self) -> datetime:
        """When to look first: at the appointment, at what the patient asked for, or now."""
        if self.visit:
            return max(self.visit.starts_at, self.at)
        return min((wish.start for wish in self.wishes if wish.start > self.at), default=self.at)

    @property
    def wishes(self) -> list[Wish]:
        return wishes.read(self.enquiry.wishes)

    def slots(self, drawer: Drawer, plan: DayPlan, practitioner: int) -> Iterator[Entry]:
        """Yield a choice for each quarter-hour at which an appointment of this length fits."""
        length = self.minutes * MINUTE
        taken, wished = set(self.chosen), set(self.wishes)
        for location, spans in plan.free.items():
            if drawer.location not in (None, location) or not drawer.is_public(location):
                continue
            for start, _end in day_plan.starts(
                spans, zone=drawer.book.zone, length=length, after=self.at
            ):
                wish = Wish(start, practitioner, location)
                yield drawer.entry(
                    "slot",
                    (start, start + EVERY),
                    "",
                    place=drawer.place(location),
                    name=wish.name,
                    is_chosen=wish in taken,
                    is_wished=wish in wished,
                )


@require_safe
def choose(request: HttpRequest, model_admin: admin.ModelAdmin, object_id: int) -> HttpResponse:
    """The calendar with free times to choose, and then the page of the request with them."""
    at = timezone.now()
    enquiry = _find(request, model_admin, object_id)
    verb = next((name for name in ("move", "offer") if workflow.allowed(enquiry, name)), "")
    page = reverse("admin:bookings_enquiry_change", args=[enquiry.pk])
    if not verb:
        messages.warning(request, _("This request is closed. Reopen it to offer times."))
        return HttpResponseRedirect(page)
    wanted = _wanted(request, enquiry, verb, at)
    problem = ""
    if "use" in request.GET:
        problem = slots.problem(wanted.chosen, wanted.most)
        if not problem:
            address = slots.page_with(enquiry, wanted.chosen, wanted.minutes, verb)
            return HttpResponseRedirect(address)
    asked = _asked(request, wanted)
    book = _of(views.book_of(request, asked, at), wanted)
    if asked.view == WEEK and asked.practitioner is None and book.people:
        asked = replace(asked, practitioner=book.people[0].pk)
    visit = wanted.visit.pk if wanted.visit else None
    shown = columns(book, asked, at, extra=wanted.slots, besides=visit)
    on_page = {each.name for column in shown for each in column.entries}
    elsewhere = [wish for wish in wanted.chosen if wish.name not in on_page]
    words = wishes.words(wishes.kept(elsewhere, book.zone))
    context = {
        **views.common(model_admin, request, book, asked, shown, at),
        "enquiry": enquiry,
        "wanted": wanted,
        "page": page,
        "problem": problem,
        "elsewhere": [(wish.name, line) for wish, line in zip(elsewhere, words, strict=True)],
    }
    status = 422 if problem else 200
    return render(request, "admin/bookings/calendar/choose.html", context, status=status)


def _find(request: HttpRequest, model_admin: admin.ModelAdmin, object_id: int) -> Enquiry:
    if not model_admin.has_view_permission(request):
        raise PermissionDenied
    seen = Enquiry.objects.seen_by(cast(User, request.user)).select_related("service")
    found = seen.filter(pk=object_id).first()
    if found is None:
        raise Http404
    if not model_admin.has_change_permission(request, found):
        raise PermissionDenied
    return found


def _wanted(request: HttpRequest, enquiry: Enquiry, verb: str, at: datetime) -> Wanted:
    visit = None
    length = rosters.length_of(enquiry.service, is_first=not enquiry.returning)
    if verb == "move":
        visit = enquiry.offers.held().filter(state=Offer.State.ACCEPTED).first()
        length = visit.ends_at - visit.starts_at if visit else length
    people = Practitioner.objects.filter(takes_bookings=True).values_list("pk", flat=True)
    giving = set(people.filter(services=enquiry.service)) if enquiry.service else set()
    return Wanted(
        enquiry=enquiry,
        verb=verb,
        visit=visit,
        minutes=slots.minutes(request.GET) or length // MINUTE,
        most=slots.most_for(enquiry, verb),
        chosen=slots.chosen(request.GET),
        people=giving or set(people),
        at=at,
    )


def _asked(request: HttpRequest, wanted: Wanted) -> Asked:
    """Return what the address asks for; at first the week of the person the patient wants."""
    asked = asking.read(request.GET, timezone.localdate(wanted.usual_day))
    if "view" in request.GET or wanted.usual_person is None:
        return asked
    return replace(asked, view=WEEK, practitioner=asked.practitioner or wanted.usual_person)


def _of(book: Book, wanted: Wanted) -> Book:
    """Return the calendar of those who come into question, and of who has the appointment now."""
    keys = wanted.people | ({wanted.visit.practitioner_id} if wanted.visit else set())
    return replace(book, people=[each for each in book.people if each.pk in keys])
