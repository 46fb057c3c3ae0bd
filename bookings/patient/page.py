"""The patient's own page, opened by a private link. Only POST changes anything."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import partial, wraps

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_http_methods, require_safe

from bookings import workflow
from bookings.models import Enquiry, Offer, State
from bookings.patient import calendar_files, correspondence, private_links
from bookings.patient.contact_fields import AskForm, ContactForm
from bookings.patient.time_fields import MoveForm
from bookings.rosters import proposals, wishes
from bookings.workflow import holds, rescheduling, stale_pages, undo
from clinic.lib import throttle
from clinic.lib.fields.numbers import whole_number
from clinic.models import Throttle

LONGEST = 1000  # characters of what is shown again
NEW_LINKS, CORRECTIONS, PER = 3, 10, timedelta(days=1)  # for one request

View = Callable[[HttpRequest, str], HttpResponse]


def _unseen(view: View) -> View:
    """Keep the address, which is the key, from other sites and search engines."""

    @wraps(view)
    def shown(request: HttpRequest, token: str) -> HttpResponse:
        response = view(request, token)
        # Browsers take the last that they know. With no-referrer they would send no Origin either,
        # and the forms of the page could not be checked; old ones know only the first.
        response["Referrer-Policy"] = "no-referrer, same-origin"
        response["X-Robots-Tag"] = "noindex"
        return response

    return shown


@_unseen
@csrf_protect
@require_http_methods(["GET", "HEAD", "POST"])
def request_page(request: HttpRequest, token: str) -> HttpResponse:
    """What was asked for, what happens next, and what the patient can do about it."""
    at = timezone.now()
    try:
        enquiry = private_links.resolve(token, at=at)
    except private_links.NoSuchLink:
        return _no_link(request, may_renew=False, status=404)
    except private_links.LinkIsOver:
        wants_new = request.method == "POST" and request.POST.get("do") == "renew"
        return _renew(request, token, at) if wants_new else _over(request, token)
    if request.method != "POST":
        return _show(request, enquiry, ContactForm(instance=enquiry))
    try:
        return _act(request, enquiry, at)
    except private_links.LinkIsOver:  # it was revoked at this moment
        return _over(request, token)


@_unseen
def _refill(request: HttpRequest, token: str) -> HttpResponse:
    """The page with its forms as they were sent, after their token was refused. Does nothing."""
    try:
        enquiry = private_links.resolve(token, at=timezone.now())
    except (private_links.NoSuchLink, private_links.LinkIsOver):
        return _no_link(request, may_renew=False, status=404)
    refusal = _("Nothing has been changed yet. Please press the button again.")
    contact, ask = ContactForm(instance=enquiry), AskForm()
    if request.POST.get("do") == "correct":
        contact = ContactForm(request.POST, instance=Enquiry.objects.get(pk=enquiry.pk))
        contact.add_error(None, refusal)
    elif request.POST.get("do") == "decline":
        ask = AskForm(request.POST)
        ask.add_error(None, refusal)
    elif move := _move_form(request, enquiry, timezone.now(), "ask_move"):
        move.add_error(None, refusal)
        return _show(request, enquiry, contact, move=move, status=403)
    else:
        return _show(request, enquiry, contact, refusal=refusal, status=403)
    return _show(request, enquiry, contact, ask=ask, status=403)


request_page.refill = _refill  # type: ignore[attr-defined]


@_unseen
@require_safe
def visit_entry(request: HttpRequest, token: str) -> HttpResponse:
    """The calendar entry of the booked visit, as a file."""
    at = timezone.now()
    try:
        enquiry = private_links.resolve(token, at=at)
    except (private_links.NoSuchLink, private_links.LinkIsOver):
        return _no_link(request, may_renew=False, status=404)
    booked = enquiry.offers.held().filter(state=Offer.State.ACCEPTED)
    visit = booked.select_related("enquiry", "location").first()
    if visit is None:
        return _show(request, enquiry, ContactForm(instance=enquiry), status=404)
    text = calendar_files.entry(visit, at=at)
    return HttpResponse(
        text,
        content_type=f"{calendar_files.TYPE}; charset=utf-8",
        headers={
            "Content-Disposition": 'attachment; filename="appointment.ics"',
            "Cache-Control": "no-store",
        },
    )


def _over(request: HttpRequest, token: str) -> HttpResponse:
    owner = private_links.owner(token)
    return _no_link(request, may_renew=bool(owner and owner.email), status=410)


def _renew(request: HttpRequest, token: str, at: datetime) -> HttpResponse:
    """Send a new link to the address that we have; the answer does not tell which it is."""
    owner = private_links.owner(token)
    if owner is None or not owner.email:
        return _over(request, token)
    return by_mail(request, owner, at)


def by_mail(request: HttpRequest, enquiry: Enquiry, at: datetime) -> HttpResponse:
    """Send the link to the address that we have, where there is one, and say so. For those who
    hold no link that works."""
    if not enquiry.email:
        return _no_link(request, may_renew=False, status=410)
    key = f"new link {enquiry.pk}"
    if throttle.allow(Throttle.objects, key, limit=NEW_LINKS, per=PER, at=at):
        correspondence.send_link(enquiry, at=at)
    return _no_link(request, may_renew=False, status=200, is_sent=True)


def _no_link(
    request: HttpRequest, *, may_renew: bool, status: int, is_sent: bool = False
) -> HttpResponse:
    context = {"noindex": True, "may_renew": may_renew, "is_sent": is_sent}
    return render(request, "bookings/no_link.html", context, status=status)


def _act(request: HttpRequest, enquiry: Enquiry, at: datetime) -> HttpResponse:
    """Do what one of the page's small forms asks, then show the page again.

    Nothing is done from a page that is out of date: it is shown as it is now, with what changed.
    """
    verb, seen = request.POST.get("do"), request.POST.get("seen")
    contact, ask, move = ContactForm(instance=enquiry), AskForm(), None
    match verb:
        case "withdraw":
            act = partial(workflow.withdraw, enquiry)
        case "keep":
            act = partial(correspondence.keep, enquiry)
        case "restore":
            act = partial(workflow.restore, enquiry)
        case "give_back":
            act = partial(workflow.give_back, enquiry)
        case "drop_move":
            act = partial(rescheduling.drop, enquiry)
        case "ask_move":
            move = _move_form(request, enquiry, at, verb)
            if move is None:
                refusal = _("There is no appointment here that can be rescheduled.")
                return _show(request, enquiry, contact, refusal=refusal, status=422)
            if not move.is_valid():
                return _show(request, enquiry, contact, move=move, seen=seen, status=422)
            act = partial(rescheduling.ask, enquiry, **move.cleaned_data)
        case "accept":
            offer = whole_number(request.POST.get("offer", ""))
            act = partial(workflow.accept, enquiry, offer_id=offer or 0)
        case "decline":
            ask = AskForm(request.POST)
            if not ask.is_valid():
                return _show(request, enquiry, contact, ask=ask, seen=seen, status=422)
            act = partial(workflow.decline, enquiry, **ask.cleaned_data)
        case "correct":
            contact = ContactForm(request.POST, instance=Enquiry.objects.get(pk=enquiry.pk))
            if not contact.is_valid():
                return _show(request, enquiry, contact, seen=seen, status=422)
            # Each one sends mail, to addresses that anybody may type.
            key = f"correction {enquiry.pk}"
            if not throttle.allow(Throttle.objects, key, limit=CORRECTIONS, per=PER, at=at):
                contact.add_error(
                    None,
                    _(
                        "Your contact details have been changed too often today. "
                        "Call us to change them again."
                    ),
                )
                return _show(request, enquiry, contact, seen=seen, status=429)
            act = partial(workflow.correct, enquiry, **contact.cleaned_data)
        case _other:
            return _show(request, enquiry, contact, seen=seen, status=400)
    try:
        with stale_pages.unchanged(enquiry, seen, stale_pages.FOR_STAFF) as now:
            if now.link_serial != enquiry.link_serial:
                raise private_links.LinkIsOver
            act(at=at)
    except (workflow.NotAllowed, stale_pages.ChangedSince) as refusal:
        enquiry.refresh_from_db()
        if not contact.is_bound:
            contact = ContactForm(instance=enquiry)
        return _show(request, enquiry, contact, ask=ask, move=move, refusal=refusal, status=409)
    return HttpResponseRedirect(f"{request.path}?done={verb}")


def _move_form(
    request: HttpRequest, enquiry: Enquiry, at: datetime, verb: str = ""
) -> MoveForm | None:
    """The form with the open times to which the booked appointment may be moved, computed now;
    None without an appointment to come, and for what another form sent."""
    if request.method == "POST" and request.POST.get("do") != verb:
        return None
    booked = enquiry.offers.held().filter(state=Offer.State.ACCEPTED, starts_at__gt=at)
    visit = booked.first()
    if visit is None:
        return None
    found = proposals.to_move(
        at,
        visit,
        enquiry.service,
        is_first=not enquiry.returning,
        anyone=request.GET.get("move") == "any",
        first_on=_day(request.GET.get("from", "")),
    )
    known = {
        "chosen": [wish.name for wish in wishes.read(enquiry.moves)],
        "text": rescheduling.words(enquiry),
    }
    return MoveForm(request.POST if request.method == "POST" else None, found=found, initial=known)


def _day(text: str) -> date | None:
    """Return a day of the calendar (2027-03-01); None for anything else."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _show(
    request: HttpRequest,
    enquiry: Enquiry,
    form: ContactForm,
    *,
    ask: AskForm | None = None,
    move: MoveForm | None = None,
    refusal: Exception | str | None = None,
    seen: str | None = None,
    status: int = 200,
) -> HttpResponse:
    at = timezone.now()
    # What the page showed first, until the changes have been shown.
    version = seen or stale_pages.version(enquiry.pk, stale_pages.FOR_STAFF)
    is_waiting = enquiry.state == State.WAITING
    typed = [] if is_waiting or not (ask and ask.is_bound) else [ask["text"].value()]
    if form.is_bound and not enquiry.is_open:
        typed += [field.value() for field in form]
    if move is None and "move" in request.GET and request.method != "POST":
        move = _move_form(request, enquiry, at)
    if request.POST.get("do") == "ask_move" and (move is None or enquiry.state != State.BOOKED):
        typed.append(request.POST.get("text", "")[:LONGEST])
    needs_reply = enquiry.state == State.NEEDS_REPLY
    held = list(enquiry.offers.held().select_related("practitioner", "location"))
    offers = [offer for offer in held if offer.state == Offer.State.OFFERED]
    context = {
        "enquiry": enquiry,
        "form": form,
        "ask": ask or AskForm(),
        "offers": offers,
        "asked": [offer for offer in held if offer.state == Offer.State.ASKED],
        "until": min((offer.held_until for offer in offers), default=None),
        # Said as long as nothing else has followed.
        "lost": None if held or not needs_reply else holds.lost(enquiry),
        "visit": next((offer for offer in held if offer.state == Offer.State.ACCEPTED), None),
        "move": move,
        "first_on": _day(request.GET.get("from", "")),
        "is_any": request.GET.get("move") == "any",
        "moves": wishes.words(enquiry.moves),
        "moves_text": rescheduling.words(enquiry),
        "may_restore": not enquiry.is_open and undo.may_restore(enquiry, at),
        "path": private_links.path(enquiry),
        "calendar": f"{private_links.path(enquiry)}visit.ics",
        "answers": correspondence.told(enquiry, at=at),
        "at": at,
        "needs_reply": needs_reply,
        "is_asked": enquiry.is_open and correspondence.is_asked(enquiry),
        "is_waiting": is_waiting,
        # The address of the confirmation may be kept and opened again when things have moved on.
        "sent": request.GET.get("sent") if needs_reply else None,
        "done": request.GET.get("done", ""),
        "refusal": refusal,
        "since": getattr(refusal, "events", []),
        "typed": [words for words in typed if words],  # in a form that is no longer shown
        "seen": version,
        "noindex": True,
    }
    return render(request, "bookings/request.html", context, status=status)
