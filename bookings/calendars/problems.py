"""Why a calendar was not read, and what to do, in words. Nothing of the calendar is repeated."""

from django.utils.translation import gettext as _

MEGABYTE = 1024 * 1024
MOST_BYTES = 10 * MEGABYTE


def words(problem: str) -> str:
    """Return the sentences for a key; empty where there is no problem."""
    if not problem:
        return ""
    return _of_the_address(problem) or _of_the_file(problem)


def _of_the_address(problem: str) -> str:
    match problem:
        case "address":
            return _(
                "This is not an address that starts with https:// or webcal://. Copy it again."
            )
        case "inward":
            return _(
                "This address belongs to a private network. Use the calendar’s public address, or "
                "ask the person who runs the site to allow this one."
            )
        case "redirects":
            return _("This address redirects too often. Copy it from the calendar again.")
        case "away":
            return _(
                "The calendar’s server is not responding. We’ll try again. If this lasts, copy the "
                "address from the calendar again."
            )
        case "forbidden":
            return _(
                "The calendar’s server refuses this address. Share the calendar again, and copy "
                "its new address."
            )
        case "gone":
            return _(
                "There is no calendar at this address any more. Share the calendar again, and copy "
                "its new address."
            )
    return ""


def _of_the_file(problem: str) -> str:
    match problem:
        case "format":
            return _(
                "This is not a calendar. Copy the address again that ends in .ics, or export the "
                "calendar as a file that ends in .ics."
            )
        case "large":
            return _(
                "This calendar is larger than %(most)d MB. Share one with fewer past entries."
            ) % {"most": MOST_BYTES // MEGABYTE}
        case "cut":
            return _("The end of this calendar is missing. Export it again.")
        case "many":
            return _(
                "This calendar has too many entries or repetitions. Share one with fewer past "
                "entries."
            )
        case "costly":
            return _(
                "This calendar takes too much memory or time to read. Share one with fewer past "
                "entries."
            )
        case "busy":
            return _("Other calendars are being read. Try again in a minute.")
        case "zone":
            return _(
                "An entry in this calendar has an unknown time zone. Choose another time zone for "
                "it in the calendar."
            )
        case "time":
            return _(
                "An entry in this calendar has a date or time that can’t be read. Open the "
                "calendar and correct it."
            )
        case "rule":
            return _(
                "An entry in this calendar is repeated by a rule that can’t be read. Open the "
                "calendar and enter its repetition again."
            )
        case "availability":
            return _(
                "This calendar has hours of availability, which can’t be read. Share a calendar "
                "of appointments."
            )
    return _("This calendar is damaged. Export it again.")
