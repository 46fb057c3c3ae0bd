"""What the staff's first page and navigation say about requests."""

from collections.abc import Iterable
from datetime import datetime
from typing import cast

from django.db.models import Q
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from bookings.calendars import problems
from bookings.models import Enquiry, Offer, PractitionerCalendar, Roster, WorkingHours
from bookings.models.enquiry import EnquiryQuerySet
from bookings.patient.messages import TO_CLINIC
from bookings.privacy import retention, unfinished
from bookings.templatetags.bookings import MAILS
from bookings.workflow import duties
from clinic import formats
from clinic.hooks import DeskPanel, Outgoing, PanelRow
from clinic.mail import outbox
from clinic.models import Message, Practitioner, User
from clinic.site import page_context

SHOWN = 5


def waiting(request: HttpRequest) -> int:
    """How many requests wait for this person's reply."""
    return _mine(request).for_reply().count()


def panel(request: HttpRequest) -> DeskPanel | None:
    """The requests whose answer is due next: numbers, no names and nothing of health."""
    user = request.user
    if not (user.has_perm("bookings.view_enquiry") or user.has_perm("bookings.view_given_enquiry")):
        return None
    at = timezone.now()
    due = _mine(request).for_reply().by_time_left()
    rows = [
        PanelRow(
            enquiry.number,
            _when(enquiry, at),
            reverse("admin:bookings_enquiry_change", args=[enquiry.pk]),
            urgent=enquiry.is_late(at),
        )
        for enquiry in due.only("number", "state", "moves", "answer_by")[:SHOWN]
    ]
    return DeskPanel(
        order=10,
        title=_("Requests that need a reply"),
        rows=rows,
        empty=_("No requests need a reply."),
        action=PanelRow(_("All requests"), url=reverse("admin:bookings_enquiry_changelist")),
    )


def own_mail_panel(request: HttpRequest) -> DeskPanel | None:
    """That our mail to the clinic itself was given up, and none has arrived since.

    What we know is the answer of the mail server that takes it. What bounces later goes to the
    mailbox, where we do not look.
    """
    user = request.user
    if not user.has_perm("bookings.view_enquiry"):
        return None
    tried = Message.objects.filter(kind__in=TO_CLINIC).exclude(error=outbox.NOT_NEEDED)
    ended = Coalesce("sent_at", "failed_at")
    last = (
        tried.annotate(ended_at=ended).exclude(ended_at=None).order_by("-ended_at", "-id").first()
    )
    if last is None or last.failed_at is None:
        return None
    settings = reverse("admin:clinic_clinic_change", args=[page_context.current().clinic.pk])
    mails = reverse("admin:clinic_message_changelist") + "?state=given-up"
    return DeskPanel(
        order=8,
        title=_("The clinic is not receiving email"),
        rows=[
            PanelRow(
                _("Notifications of new requests can’t be delivered to %(address)s")
                % {"address": page_context.current().clinic.email},
                _("%(error)s Check the list of requests, and have the address checked.")
                % {"error": last.error},
                settings if user.has_perm("clinic.change_clinic") else mails,
                urgent=True,
            )
        ],
    )


def erasure_panel(request: HttpRequest) -> DeskPanel | None:
    """What time will take away within days: what may be spam and nobody took up is closed, and what
    is closed is erased."""
    if not request.user.has_perm("bookings.view_enquiry"):
        return None
    soon = timezone.now() + retention.SOON
    inbox = reverse("admin:bookings_enquiry_changelist")
    rows = []
    spam = duties.unanswered_spam(soon).count()
    if spam:
        words = ngettext(
            "%(n)d possible spam request will be closed",
            "%(n)d possible spam requests will be closed",
            spam,
        )
        hint = _("If one of them is genuine, open it and mark it as genuine.")
        rows.append(PanelRow(words % {"n": spam}, hint, f"{inbox}?tab=suspected"))
    for enquiry in unfinished.to_end(soon).only("number", "email")[:SHOWN]:
        words = _("%(number)s will be closed: nothing has happened for a month and a half")
        hint = _("The patient has not answered our email. Call them if you can.")
        if not enquiry.email:
            hint = _("There is no email address. Call the patient.")
        url = reverse("admin:bookings_enquiry_change", args=[enquiry.pk])
        rows.append(PanelRow(words % {"number": enquiry.number}, hint, url, urgent=True))
    closed = retention.over(soon).count()
    if closed:
        words = ngettext(
            "%(n)d closed request will be deleted", "%(n)d closed requests will be deleted", closed
        )
        hint = _(
            "Everything recorded about them will be deleted too. Export anything you must keep."
        )
        rows.append(PanelRow(words % {"n": closed}, hint, f"{inbox}?tab=going"))
    if not rows:
        return None
    days = retention.SOON.days
    return DeskPanel(
        order=12,
        title=ngettext("Within %(n)d day", "Within %(n)d days", days) % {"n": days},
        rows=rows,
    )


def leaver_panel(request: HttpRequest, leaver: User) -> DeskPanel | None:
    """The times that patients have with a leaver: names for those who see requests."""
    at = timezone.now()
    held = Offer.objects.held().filter(practitioner__user=leaver, starts_at__gt=at)
    offers = list(held.select_related("enquiry").order_by("starts_at", "id"))
    if not offers:
        return None
    seen = set(_mine(request).filter(offers__in=offers).values_list("pk", flat=True))
    action = None
    if request.user.has_perm("bookings.change_enquiry"):
        action = PanelRow(_("Email these patients"), url=reverse("admin:bookings_enquiry_write"))
    return DeskPanel(
        order=10,
        title=_("Their patients’ appointments and held times: reschedule these yourself"),
        rows=[_leaving(offer, offer.enquiry_id in seen, at) for offer in offers],
        action=action,
    )


def leaver_roster_panel(request: HttpRequest, leaver: User) -> DeskPanel | None:
    """The working hours of a leaver that have no end yet."""
    today = timezone.localdate()
    going_on = Q(last_on=None) | Q(last_on__gte=today)
    hours = WorkingHours.objects.filter(going_on, roster__practitioner__user=leaver)
    roster = Roster.objects.filter(hours__in=hours).select_related("practitioner").first()
    if roster is None:
        return None
    url = reverse("admin:bookings_roster_change", args=[roster.pk])
    may_see = request.user.has_perm("bookings.view_roster")
    hint = _("Enter the last day in each row of hours.")
    return DeskPanel(
        order=11,
        title=_("Their working hours: times with them stay open until these end"),
        rows=[PanelRow(roster.practitioner.name, hint, url if may_see else "")],
    )


def roster_link(request: HttpRequest, practitioner: Practitioner) -> PanelRow | None:
    """The roster of somebody, or the form for a new one, for who may open it."""
    roster = Roster.objects.seen_by(cast(User, request.user)).filter(practitioner=practitioner)
    if key := roster.values_list("pk", flat=True).first():
        return PanelRow(_("Schedule"), url=reverse("admin:bookings_roster_change", args=[key]))
    if not request.user.has_perm("bookings.add_roster"):
        return None
    url = reverse("admin:bookings_roster_add", query={"practitioner": practitioner.pk})
    return PanelRow(_("Add a schedule"), url=url)


def calendar_panel(request: HttpRequest) -> DeskPanel | None:
    """The calendars that could not be read for more than half an hour, and what to do."""
    if not request.user.has_perm("bookings.change_roster"):
        return None
    at = timezone.now()
    calendars = PractitionerCalendar.objects.exclude(problem="").filter(practitioner__roster__gt=0)
    found = calendars.select_related("practitioner__roster").defer("address", "spans")
    rows = [
        PanelRow(
            each.practitioner.name,
            problems.words(each.problem),
            reverse("admin:bookings_roster_calendar", args=[each.practitioner.roster.pk]),
        )
        for each in found.order_by("practitioner__name", "id")
        if not each.is_fresh(at)
    ]
    return DeskPanel(order=14, title=_("Calendars that can’t be read"), rows=rows) if rows else None


def _leaving(offer: Offer, is_seen: bool, at: datetime) -> PanelRow:
    enquiry, when = offer.enquiry, formats.dated(offer.starts_at, at)
    if not is_seen:
        return PanelRow(when, enquiry.number)
    return PanelRow(
        f"{enquiry.name}, {enquiry.number}",
        f"{when}, {offer.get_state_display().lower()}",
        reverse("admin:bookings_enquiry_change", args=[enquiry.pk]),
    )


def outgoing() -> dict[str, Outgoing]:
    """What the list of emails says of ours: no name of a patient; a link for who may follow it."""
    to = {kind: gettext_lazy("To reception") for kind in TO_CLINIC}
    patient = gettext_lazy("To the patient")
    return {
        kind: Outgoing(format_lazy("{}: {}", to.get(kind, patient), words), _about)
        for kind, words in MAILS.items()
    }


def _about(request: HttpRequest, ids: Iterable[int]) -> dict[int, PanelRow]:
    rows = Enquiry.objects.filter(pk__in=ids)
    seen = set(_mine(request).filter(pk__in=ids).values_list("pk", flat=True))
    return {
        pk: PanelRow(
            _("Request %(number)s") % {"number": number},
            url=reverse("admin:bookings_enquiry_change", args=[pk]) if pk in seen else "",
        )
        for pk, number in rows.values_list("pk", "number")
    }


def _mine(request: HttpRequest) -> EnquiryQuerySet:
    return Enquiry.objects.seen_by(request.user)  # type: ignore[arg-type]


def _when(enquiry: Enquiry, at: datetime) -> str:
    if enquiry.answer_by is None:
        return ""
    return _("by %(moment)s") % {"moment": formats.dated(enquiry.answer_by, at)}
