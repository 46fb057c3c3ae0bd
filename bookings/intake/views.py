"""The booking form: a gate, and what is asked after it. None of it is ever stored."""

from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_http_methods

from bookings import workflow
from bookings.intake import opening, red_flag_gate, spam_score, submission
from bookings.intake.forms import PublicRequestForm, read_origin
from bookings.intake.request_form import RequestForm
from bookings.patient import page, private_links
from bookings.workflow import response_deadline
from clinic import hooks
from clinic.counting import origins
from clinic.lib import throttle
from clinic.lib.web.counting import count_as
from clinic.lib.web.network import sender
from clinic.models import Clinic, DailyCount, Location, Practitioner, Service, Throttle
from clinic.models.service import Level
from clinic.site import page_context

SENDINGS, PER = 30, timedelta(hours=1)
PRESELECTED = {"practitioner", "location", "from"}  # what a link may choose, beside the service
SEVERAL = {"days", "parts", "wishes"}  # fields in which several values are chosen
ASKED_BEFORE_TIMES = ("for_whom", "child_name", "child_age", "practitioner", "location")
# Of the gate's own page; everything else that comes with it is carried on to the form.
GATE_FIELDS = {"service", "asked", "any_true", "gate", "website"}


@csrf_protect
@require_http_methods(["GET", "HEAD", "POST"])
def book(request: HttpRequest) -> HttpResponse:
    """Page one (service, red flags), page two (the rest), or what stands in their place.

    Query names: service, practitioner, location (their slugs) preselect; `from` is
    `<edition id>-<place>` of the article that the patient came from.
    """
    at = timezone.now()
    if not opening.is_open():
        return render(request, "bookings/closed.html", {"noindex": True})
    if request.method != "POST":
        return _begin(request, at)
    if "another" in request.POST:  # another service is wanted; what was typed travels along
        return _ask(request, red_flag_gate.GateForm(), request.POST)
    if "times" in request.POST:  # those of another practitioner or location
        return _show_times(request, at)
    if "gate" in request.POST:
        return _send(request, at)
    return _answer(request, at)


def _refill(request: HttpRequest) -> HttpResponse:
    """The page that was sent, filled as it was, after its token was refused. Sends nothing."""
    at = timezone.now()
    if "another" in request.POST:
        return _ask(request, red_flag_gate.GateForm(), request.POST)
    if "gate" not in request.POST:
        return _answer(request, at)
    try:
        passed = red_flag_gate.read_marker(request.POST["gate"])
    except red_flag_gate.NotPassed:
        return _ask(request, red_flag_gate.GateForm(), request.POST, again=True, status=422)
    form = _sent(request, passed, at)
    form.add_error(None, _("Your request has not been sent yet. Please send it again."))
    return _show_form(request, form, at, status=403)


book.refill = _refill  # type: ignore[attr-defined]


def _begin(request: HttpRequest, at: datetime) -> HttpResponse:
    if elsewhere := _booked_elsewhere(request.GET):
        return render(request, "bookings/elsewhere.html", {"thing": elsewhere})
    wanted = request.GET.get("service", "")
    form = red_flag_gate.GateForm(initial={"service": wanted} if wanted else None)
    response = _ask(request, form, request.GET)
    if origins.path_before(request) == request.path:
        return response  # its next step
    origin = read_origin(request.GET.get("from", ""))
    known = origin and hooks.published.origin(origin.edition, at)
    path = known.url if known else origins.public_page_before(request, at)
    return count_as(response, DailyCount.What.STARTED, path)


def _answer(request: HttpRequest, at: datetime) -> HttpResponse:
    """Take the chosen service and, if given, the answer to the red flags, which is not stored."""
    form = red_flag_gate.GateForm(request.POST)
    if form.is_valid():
        form.check_answers()
    if form.errors:
        return _ask(request, form, request.POST, status=422)
    service = form.chosen
    if elsewhere := _outside(service):
        return render(request, "bookings/elsewhere.html", {"thing": elsewhere})
    if level := form.interrupted_by():
        return _interrupt(request, form, level)
    if page := form.turn(is_answered=True):
        if form.was_asked or form.where:
            again = "any_true" in request.POST  # a page that was made by an older version
            return _ask(request, form, request.POST, page, again=again)
        return _show_flags(request, form.cleaned_data["service"])
    if form.is_not_sure and not form.where:
        return _show_flags(request, form.cleaned_data["service"])
    initial = _typed(request.POST)
    marker = {"gate": red_flag_gate.new_marker(service, at=at)}
    details = PublicRequestForm(initial=initial | marker, service=service, at=at)
    response = _show_form(request, details, at)
    return _kept_by_browser(response) if initial.keys() <= PRESELECTED else response


def _show_times(request: HttpRequest, at: datetime) -> HttpResponse:
    """The form as it was filled, with the open times for what was chosen in it. The button may say
    whether somebody has been here before."""
    try:
        passed = red_flag_gate.read_marker(request.POST.get("gate", ""))
    except red_flag_gate.NotPassed:
        return _ask(request, red_flag_gate.GateForm(), request.POST, again=True, status=422)
    checked = RequestForm(request.POST, service=passed.service)  # finds no times yet
    checked.keep_errors_of(*ASKED_BEFORE_TIMES)
    if checked.errors:  # explained on their own step
        form = _sent(request, passed, at)
        form.keep_errors_of(*ASKED_BEFORE_TIMES)
        return _show_form(request, form, at, status=422)
    initial = _typed(request.POST) | {"gate": request.POST["gate"]}
    if request.POST["times"] in ("yes", "no"):
        initial["returning"] = request.POST["times"]
    form = PublicRequestForm(
        initial=initial, service=passed.service, form_key=passed.form_key, at=at
    )
    return _show_form(request, form, at, begin="when")


def _show_flags(request: HttpRequest, service: str) -> HttpResponse:
    """Ask about the service that was just chosen, at an address to which “back” may return."""
    carried = dict(_carried(request.POST))
    if carried.keys() <= PRESELECTED:
        query = QueryDict(mutable=True)
        query["service"] = service
        for name, values in carried.items():
            query[name] = values[-1]
        return HttpResponseRedirect(f"{request.path}?{query.urlencode()}")
    form = red_flag_gate.GateForm(initial={"service": service})
    return _ask(request, form, request.POST)


def _send(request: HttpRequest, at: datetime) -> HttpResponse:
    try:
        passed = red_flag_gate.read_marker(request.POST["gate"])
    except red_flag_gate.NotPassed:
        # Asked again; what was typed travels along.
        return _ask(request, red_flag_gate.GateForm(), request.POST, again=True, status=422)
    form = _sent(request, passed, at)
    if not form.is_valid():
        return _show_form(request, form, at, status=422)
    if not throttle.allow(Throttle.objects, sender(request), limit=SENDINGS, per=PER, at=at):
        form.add_error(
            None,
            _(
                "We’ve received too many requests from your connection in the last hour. What "
                "you entered is still here: send it again later, or call us."
            ),
        )
        return _show_form(request, form, at, status=429)
    suspected = spam_score.is_suspected(
        message=form.cleaned_data["message"],
        address=sender(request),
        begun_at=passed.begun_at,
        at=at,
    )
    try:
        submitted = submission.submit(
            form.content(),
            form_key=passed.form_key,
            origin=_known_origin(form.cleaned_data["from"], at),
            privacy_edition=passed.privacy_edition,
            suspected=suspected,
            holds_for=None if suspected else form.holds_for(at),
            at=at,
        )
    except workflow.NotAllowed as refusal:  # somebody else was faster
        form = PublicRequestForm(request.POST, service=passed.service, at=at)
        form.add_error("wishes", str(refusal))
        return _show_form(request, form, at, status=409)
    if submitted.enquiry.link_serial > 1:
        # Sent again after its first link was revoked: the browser gets no other.
        return page.by_mail(request, submitted.enquiry, at)
    changed = submitted.outcome == submission.Outcome.CHANGED
    query = "?sent=changed" if changed else "?sent"
    response = HttpResponseRedirect(private_links.path(submitted.enquiry) + query)
    is_new = submitted.outcome in (submission.Outcome.RECEIVED, submission.Outcome.FOLLOWED)
    return count_as(response, DailyCount.What.SENT) if is_new and not suspected else response


def _sent(request: HttpRequest, passed: red_flag_gate.Passed, at: datetime) -> PublicRequestForm:
    return PublicRequestForm(request.POST, service=passed.service, form_key=passed.form_key, at=at)


def _ask(
    request: HttpRequest,
    form: red_flag_gate.GateForm,
    carried: QueryDict,
    page: red_flag_gate.Page | None = None,
    *,
    again: bool = False,
    status: int = 200,
) -> HttpResponse:
    typed = dict(_carried(carried))
    context = {
        "form": form,
        "page": page or form.turn(is_answered=False),
        "asked": form.subject,
        "carried": [(name, value) for name, values in typed.items() for value in values],
        "again": again,
    }
    response = render(request, "bookings/gate.html", context, status=status)
    may_be_kept = request.method == "POST" and typed.keys() <= PRESELECTED
    return _kept_by_browser(response) if may_be_kept else response


def _interrupt(request: HttpRequest, form: red_flag_gate.GateForm, level: Level) -> HttpResponse:
    """Say what to do first, with a way on that keeps what was typed and the other answers."""
    kept = [(name, form[name].value()) for name in red_flag_gate.ON_THE_WAY]
    kept += [("place", place) for place in form.where]
    carried = dict(_carried(request.POST))
    typed = [(name, value) for name, values in carried.items() for value in values]
    context = {
        "level": level,
        "seen": " ".join([*form.cleaned_data["seen"].split(), level]),
        "kept": [(name, value) for name, value in [*kept, *typed] if value],
    }
    response = render(request, "bookings/care.html", context)
    return _kept_by_browser(response) if carried.keys() <= PRESELECTED else response


def _show_form(
    request: HttpRequest,
    form: PublicRequestForm,
    at: datetime,
    *,
    status: int = 200,
    begin: str = "",
) -> HttpResponse:
    context = {
        "form": form,
        "begin": begin,
        "service": form.asked_about,
        "answer_by": response_deadline.answer_by(at),
        "at": at,
    }
    return render(request, "bookings/form.html", context, status=status)


def _kept_by_browser(response: HttpResponse) -> HttpResponse:
    """Let “back” return to a page into which nothing had been typed when it was made.

    Browsers cannot return to the answer of a POST that they were told not to store; what had been
    typed since, and the key of the form, would be lost.
    """
    response["Cache-Control"] = "private, no-cache"
    return response


def _carried(data: QueryDict) -> list[tuple[str, list[str]]]:
    names = [name for name in data if name in PublicRequestForm.base_fields or name == "from"]
    return [(name, data.getlist(name)) for name in names if name not in GATE_FIELDS]


def _typed(data: QueryDict) -> dict[str, Any]:
    """What was typed, as the values with which the form begins."""
    return {name: values if name in SEVERAL else values[-1] for name, values in _carried(data)}


def _outside(service: Service | None) -> Service | Clinic | None:
    """The service, or else the clinic, if it is booked on another site."""
    if service and service.booking_url:
        return service
    clinic = page_context.current().clinic
    return clinic if clinic.booking_url else None


def _booked_elsewhere(query: QueryDict) -> Service | Practitioner | Location | Clinic | None:
    """What a book link names, or else the clinic, if it is booked on another site."""
    for name, model in (
        ("service", Service),
        ("practitioner", Practitioner),
        ("location", Location),
    ):
        slug = query.get(name, "").replace("\0", "")
        thing = model.objects.filter(slug=slug, is_public=True).first() if slug else None
        if thing and thing.booking_url:
            return thing
    return _outside(None)


def _known_origin(text: str, at: datetime) -> submission.Origin | None:
    origin = read_origin(text)
    return origin if origin and hooks.published.origin(origin.edition, at) else None
