"""Requests for an appointment: who asked, what happened, which times were offered; and rosters:
when practitioners work.

Everything in bookings may call it. It must not know any other package of bookings.
"""

from bookings.models.answer import AnswerTemplate
from bookings.models.calendar import CalendarFeed, PractitionerCalendar
from bookings.models.enquiry import CloseReason, ContactBy, Enquiry, ForWhom, Part, Source, State
from bookings.models.event import Event
from bookings.models.offer import Offer
from bookings.models.roster import DayOff, Roster, WorkingHours
from bookings.models.tally import Tally

__all__ = [
    "AnswerTemplate",
    "CalendarFeed",
    "CloseReason",
    "ContactBy",
    "DayOff",
    "Enquiry",
    "Event",
    "ForWhom",
    "Offer",
    "Part",
    "PractitionerCalendar",
    "Roster",
    "Source",
    "State",
    "Tally",
    "WorkingHours",
]
