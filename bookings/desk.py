"""What the staff's first page and navigation say about requests."""

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from bookings.models import Enquiry
from bookings.models.enquiry import EnquiryQuerySet
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


def _mine(request: HttpRequest) -> EnquiryQuerySet:
    return Enquiry.objects.seen_by(request.user)  # type: ignore[arg-type]


def _when(enquiry: Enquiry) -> str:
    if enquiry.answer_by is None:
        return ""
    return _("by %(moment)s") % {
        "moment": date_format(timezone.localtime(enquiry.answer_by), "l j F, G:i")
    }
