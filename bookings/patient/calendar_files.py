"""The calendar entry of a visit: made, moved and taken back by mail (RFC 5545, RFC 5546).

Times are in UTC: programs differ in what they make of the night in which clocks change. An entry is
often seen by others, so it says when, where, and whom to call; no name and no service. It links to
the patient's own page, as their emails do.
"""

from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.utils.translation import gettext as _
from icalendar import Alarm, Calendar, Event, vCalAddress, vText

from bookings.models import Offer
from bookings.patient import private_links
from clinic.lib.fields import phones
from clinic.lib.fields.visible_text import visible_line
from clinic.models import Clinic

TYPE = "text/calendar"
ALARM_HOURS = 24  # before the visit, where the clinic sends no reminders


def method(offer: Offer, attendee: str) -> str:
    """What a calendar is asked to do. Without an address to invite, the entry is just given out."""
    if not attendee:
        return "PUBLISH"
    return "REQUEST" if offer.state == Offer.State.ACCEPTED else "CANCEL"


def entry(offer: Offer, *, attendee: str = "", at: datetime) -> str:
    """The iCalendar file of an accepted or cancelled visit, with line ends CR LF.

    `offer` comes with its enquiry and location, `attendee` is an email address.
    `at` becomes DTSTAMP: among entries of one SEQUENCE the latest counts.
    """
    clinic = Clinic.objects.get()
    clinic.name = visible_line(clinic.name)  # some programs begin a property at any line end
    is_booked = offer.state == Offer.State.ACCEPTED
    event = Event()
    event.add("uid", offer.uid)
    event.add("sequence", offer.sequence)
    event.add("dtstamp", at.astimezone(UTC))
    event.add("dtstart", offer.starts_at.astimezone(UTC))
    event.add("dtend", offer.ends_at.astimezone(UTC))
    event.add("summary", _("Appointment at %(clinic)s") % {"clinic": clinic.name})
    place = offer.location
    where = ", ".join(part for part in (place.name, place.street, place.city) if part)
    event.add("location", visible_line(where))
    link = private_links.url(offer.enquiry) if is_booked else ""
    event.add("description", _description(offer.enquiry.number, clinic, link))
    if link:
        event.add("url", link)
        event.add_component(_alarm(clinic))
    event.add("status", "CONFIRMED" if is_booked else "CANCELLED")
    event.add("class", "PRIVATE")
    event.add("organizer", _address(clinic.email or settings.DEFAULT_FROM_EMAIL, clinic.name))
    if attendee:
        guest = _address(attendee)
        guest.params["partstat"] = vText("ACCEPTED")
        guest.params["rsvp"] = vText("FALSE")
        event.add("attendee", guest)
    calendar = Calendar()
    calendar.add("prodid", "-//Clinic website//Visits//EN")
    calendar.add("version", "2.0")
    calendar.add("method", method(offer, attendee))
    calendar.add_component(event)
    return calendar.to_ical().decode()


def _alarm(clinic: Clinic) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", _("Appointment at %(clinic)s") % {"clinic": clinic.name})
    alarm.add("trigger", -timedelta(hours=clinic.reminder_hours or ALARM_HOURS))
    return alarm


def _description(number: str, clinic: Clinic, link: str) -> str:
    words = _("Request %(number)s.") % {"number": number}
    if clinic.phone:
        phone = phones.display(clinic.phone, clinic.region)
        words += " " + _("If you can’t come, call %(phone)s.") % {"phone": phone}
    if link:
        words += " " + _("Reschedule or cancel: %(link)s") % {"link": link}
    return words


def _address(email: str, name: str = "") -> vCalAddress:
    address = vCalAddress(f"mailto:{email}")
    if name:
        address.params["cn"] = vText(name)
    return address
