"""What a patient asks for who would like another time for a booked appointment.

The appointment stays as it is until staff move it (bookings.workflow.actions.move), so there are
never two of them and never none.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from bookings.models import Enquiry, Event, Offer
from bookings.rosters import wishes
from bookings.rosters.wishes import Wish
from bookings.workflow import audit_log, response_deadline
from bookings.workflow.holds import NotAllowed
from bookings.workflow.transitions import acting, tell_clinic, tell_patient
from clinic.models import Clinic, User


def ask(enquiry: Enquiry, *, chosen: Iterable[Wish], at: datetime, text: str = "") -> Enquiry:
    """Ask to move the booked appointment to one of these times, the first choice first, or to one
    that suits as the patient says. A second request replaces the first. Raises NotAllowed once the
    appointment has begun."""
    with acting(enquiry, "ask_move") as enquiry:
        if not is_to_come(enquiry, at):
            raise NotAllowed(_("Your appointment has begun. Call us to reschedule it."))
        times = wishes.kept(chosen, Clinic.objects.only("time_zone").get().zone)
        if not times and not text:
            raise NotAllowed(_("Choose at least one time."))
        moves = times or [wishes.IN_WORDS]
        if moves == enquiry.moves and text == words(enquiry):  # a second press: it is known
            return enquiry
        _set(enquiry, moves, response_deadline.answer_by(at, enquiry.location))
        starts = [each["start"] for each in times]
        audit_log.record(enquiry, Event.Kind.MOVE_ASKED, at=at, text=text, starts=starts)
        tell_clinic(enquiry, at, None)
    return enquiry


def drop(enquiry: Enquiry, *, at: datetime) -> Enquiry:
    """The patient is content with the appointment as it is booked."""
    with acting(enquiry, "drop_move") as enquiry:
        if enquiry.moves:
            _set(enquiry, [], None)
            audit_log.record(enquiry, Event.Kind.MOVE_DROPPED, at=at)
            tell_clinic(enquiry, at, None)
    return enquiry


def refuse(enquiry: Enquiry, *, by: User, at: datetime) -> Enquiry:
    """None of the times asked for is possible: the appointment stays, and the patient is told."""
    with acting(enquiry, "refuse_move", by=by) as enquiry:
        if not enquiry.moves:
            raise NotAllowed(_("The patient no longer asks for another time."))
        _set(enquiry, [], None)
        event = audit_log.record(enquiry, Event.Kind.MOVE_REFUSED, at=at, by=by)
        tell_patient(enquiry, "enquiry-stays", event.pk, at=at, by=by)
    return enquiry


def words(enquiry: Enquiry) -> str:
    """Return what a patient who asks for another time says of it."""
    lines = enquiry.events.filter(kind=Event.Kind.MOVE_ASKED).order_by("-id")
    line = lines.first() if enquiry.moves else None
    return line.text if line else ""


def is_to_come(enquiry: Enquiry, at: datetime) -> bool:
    """Whether an appointment is booked that has not begun."""
    booked = enquiry.offers.held().filter(state=Offer.State.ACCEPTED, starts_at__gt=at)
    return booked.exists()


def _set(enquiry: Enquiry, moves: list[dict[str, Any]], answer_by: datetime | None) -> None:
    enquiry.moves, enquiry.answer_by = moves, answer_by
    enquiry.save(update_fields=["moves", "answer_by"])
