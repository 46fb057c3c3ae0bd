"""Template tags that put the values of a request into words."""

from django import template
from django.utils.dates import WEEKDAYS, WEEKDAYS_ABBR
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from bookings.models import Enquiry, Part
from clinic import phones
from clinic.models import Clinic

register = template.Library()


@register.filter
def national(number: str, clinic: Clinic) -> str:
    """A phone number (E.164) as it is written in the clinic's country."""
    return phones.display(number, clinic.region) if number else ""


@register.simple_tag
def preferred_times(enquiry: Enquiry) -> str:
    """The days and parts of the day that suit: “Mon, Tue and Fri, mornings”, “Any time”."""
    names = WEEKDAYS if len(enquiry.days) == 1 else WEEKDAYS_ABBR
    days = [str(names[day]) for day in enquiry.days]
    parts = [str(Part(part).label).lower() for part in enquiry.parts]
    words = [get_text_list(group, _("and")) for group in (days, parts) if group]
    return ", ".join(words) or _("Any time")
