"""What the staff's first page and navigation say about requests."""

from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bookings import clock, retention
from bookings.messages import TO_CLINIC
from bookings.models import Enquiry
from bookings.models.enquiry import EnquiryQuerySet
from clinic import frame, outbox
from clinic.models import Message
from clinic.registry import DeskPanel, PanelRow

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
            _when(enquiry),
            reverse("admin:bookings_enquiry_change", args=[enquiry.pk]),
            urgent=enquiry.is_late(at),
        )
        for enquiry in due.only("number", "state", "answer_by")[:SHOWN]
    ]
    return DeskPanel(
        order=10,
        title=_("Requests that need a reply"),
        rows=rows,
        empty=_("Nobody waits for our reply."),
        action=PanelRow(_("All enquiries"), url=reverse("admin:bookings_enquiry_changelist")),
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
    settings = reverse("admin:clinic_clinic_change", args=[frame.current().clinic.pk])
    mails = reverse("admin:clinic_message_changelist") + "?state=given-up"
    return DeskPanel(
        order=8,
        title=_("The clinic gets no mail"),
        rows=[
            PanelRow(
                _("New requests cannot be announced to %(address)s")
                % {"address": frame.current().clinic.email},
                _("%(error)s Look into the list of requests, and have the address checked.")
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
    spam = clock.unanswered_spam(soon).count()
    if spam:
        words = ngettext(
            "%(n)d request that may be spam is closed",
            "%(n)d requests that may be spam are closed",
            spam,
        )
        hint = _("Is one of them real? Open it, and say so.")
        rows.append(PanelRow(words % {"n": spam}, hint, f"{inbox}?tab=suspected"))
    closed = retention.over(soon).count()
    if closed:
        words = ngettext(
            "%(n)d closed request is erased", "%(n)d closed requests are erased", closed
        )
        hint = _("What was written about them goes, too. Export what you must keep.")
        rows.append(PanelRow(words % {"n": closed}, hint, f"{inbox}?tab=going"))
    if not rows:
        return None
    days = retention.SOON.days
    return DeskPanel(
        order=12,
        title=ngettext("Within %(n)d day", "Within %(n)d days", days) % {"n": days},
        rows=rows,
    )


def _mine(request: HttpRequest) -> EnquiryQuerySet:
    return Enquiry.objects.seen_by(request.user)  # type: ignore[arg-type]


def _when(enquiry: Enquiry) -> str:
    if enquiry.answer_by is None:
        return ""
    return _("by %(moment)s") % {
        "moment": date_format(timezone.localtime(enquiry.answer_by), "l j F, G:i")
    }
