"""Requests for an appointment: who asked, what happened, which times were offered."""

from bookings.models.answer import AnswerTemplate
from bookings.models.enquiry import CloseReason, Enquiry, Part, Source, State
from bookings.models.event import Event
from bookings.models.offer import Offer

__all__ = [
    "AnswerTemplate",
    "CloseReason",
    "Enquiry",
    "Event",
    "Offer",
    "Part",
    "Source",
    "State",
]
