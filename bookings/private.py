"""The patient's own page, opened by a private link. Only POST changes anything."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_http_methods, require_safe

from bookings import correspondence, invitations, links, workflow
from bookings.contact import AskForm, ContactForm
from bookings.models import Enquiry, Offer, State
from clinic.lib import throttle
from clinic.models import Throttle

NEW_LINKS, PER = 3, timedelta(days=1)  # for one request

View = Callable[[HttpRequest, str], HttpResponse]


def _unseen(view: View) -> View:
    """The address is the key: it is told to no other site and no search engine."""

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
        enquiry = links.resolve(token, at=at)
    except links.NoSuchLink:
        return _no_link(request, may_renew=False, status=404)
    except links.LinkIsOver:
        wants_new = request.method == "POST" and request.POST.get("do") == "renew"
        return _renew(request, token, at) if wants_new else _over(request, token)
    if request.method == "POST":
        return _act(request, enquiry, at)
    return _show(request, enquiry, ContactForm(instance=enquiry))


@_unseen
@require_safe
def visit_entry(request: HttpRequest, token: str) -> HttpResponse:
    """The calendar entry of the booked visit, as a file."""
    at = timezone.now()
    try:
        enquiry = links.resolve(token, at=at)
    except (links.NoSuchLink, links.LinkIsOver):
        return _no_link(request, may_renew=False, status=404)
    booked = enquiry.offers.held().filter(state=Offer.State.ACCEPTED)
    visit = booked.select_related("location").first()
    if visit is None:
        return _show(request, enquiry, ContactForm(instance=enquiry), status=404)
    text = invitations.entry(visit, number=enquiry.number, at=at)
    return HttpResponse(
        text,
        content_type=f"{invitations.TYPE}; charset=utf-8",
        headers={
            "Content-Disposition": 'attachment; filename="visit.ics"',
            "Cache-Control": "no-store",
        },
    )


def _over(request: HttpRequest, token: str) -> HttpResponse:
    owner = links.owner(token)
    return _no_link(request, may_renew=bool(owner and owner.email), status=410)


def _renew(request: HttpRequest, token: str, at: datetime) -> HttpResponse:
    """Send a new link to the address that we have; the answer does not tell which it is."""
    owner = links.owner(token)
    if owner is None or not owner.email:
        return _over(request, token)
    key = f"new link {owner.pk}"
    if throttle.allow(Throttle.objects, key, limit=NEW_LINKS, per=PER, at=at):
        correspondence.new_link(owner, at=at)
    return _no_link(request, may_renew=False, status=200, is_sent=True)


def _no_link(
    request: HttpRequest, *, may_renew: bool, status: int, is_sent: bool = False
) -> HttpResponse:
    context = {"noindex": True, "may_renew": may_renew, "is_sent": is_sent}
    return render(request, "bookings/no_link.html", context, status=status)


def _act(request: HttpRequest, enquiry: Enquiry, at: datetime) -> HttpResponse:
    """Do what one of the page's small forms asks, then show the page again."""
    verb = request.POST.get("do")
    contact, ask = ContactForm(instance=enquiry), AskForm()
    try:
        if verb == "withdraw":
            workflow.withdraw(enquiry, at=at)
        elif verb == "decline":
            ask = AskForm(request.POST)
            if not ask.is_valid():
                return _show(request, enquiry, contact, ask=ask, status=422)
            workflow.decline(enquiry, **ask.cleaned_data, at=at)
        elif verb == "accept":
            offer = request.POST.get("offer", "")
            workflow.accept(enquiry, offer_id=int(offer) if offer.isdecimal() else 0, at=at)
        elif verb == "correct":
            contact = ContactForm(request.POST, instance=Enquiry.objects.get(pk=enquiry.pk))
            if not contact.is_valid():
                return _show(request, enquiry, contact, status=422)
            workflow.correct(enquiry, **contact.cleaned_data, at=at)
        else:
            return _show(request, enquiry, contact, status=400)
    except workflow.NotAllowed as refusal:
        enquiry.refresh_from_db()
        contact = ContactForm(instance=enquiry)
        return _show(request, enquiry, contact, ask=ask, refusal=str(refusal), status=409)
    return HttpResponseRedirect(f"{request.path}?done={verb}")


def _show(
    request: HttpRequest,
    enquiry: Enquiry,
    form: ContactForm,
    *,
    ask: AskForm | None = None,
    refusal: str = "",
    status: int = 200,
) -> HttpResponse:
    needs_reply = enquiry.state == State.NEEDS_REPLY
    held = list(enquiry.offers.held().select_related("practitioner", "location"))
    context = {
        "enquiry": enquiry,
        "form": form,
        "ask": ask or AskForm(),
        "offers": [offer for offer in held if offer.state == Offer.State.OFFERED],
        "visit": next((offer for offer in held if offer.state == Offer.State.ACCEPTED), None),
        "calendar": f"{links.path(enquiry)}visit.ics",
        "answers": correspondence.told(enquiry, at=timezone.now()),
        "needs_reply": needs_reply,
        "is_waiting": enquiry.state == State.WAITING,
        # The address of the confirmation may be kept and opened again when things have moved on.
        "sent": request.GET.get("sent") if needs_reply else None,
        "done": request.GET.get("done", ""),
        "refusal": refusal,
        "noindex": True,
    }
    return render(request, "bookings/request.html", context, status=status)
