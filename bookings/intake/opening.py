"""Whether the booking form takes requests: in a new clinic only once it is safe to."""

from bookings.models import Source
from clinic.models import Clinic
from clinic.operations import setup_checklist
from clinic.site import page_context


def is_open() -> bool:
    """Whether requests are taken: by a demo, by a clinic that has taken some before or is booked on
    another site, and by one of which nothing needed is missing."""
    clinic = page_context.current().clinic
    if clinic.is_demo or clinic.has_taken_requests or clinic.booking_url:
        return True
    # The first request raises no content version: ask the database.
    return Clinic.objects.filter(has_taken_requests=True).exists() or not setup_checklist.missing()


def remember(source: Source) -> None:
    """Keep that the form has taken a request: it stays open. A demo is to end."""
    if source == Source.WEB:
        Clinic.objects.filter(has_taken_requests=False, is_demo=False).update(
            has_taken_requests=True
        )
