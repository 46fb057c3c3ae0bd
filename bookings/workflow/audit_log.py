"""Writing the lines of a timeline, and the log of who looked."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _

from bookings.models import Enquiry, Event, ForWhom, Part
from bookings.rosters import wishes
from clinic.models import User


def record(
    enquiry: Enquiry,
    kind: Event.Kind,
    *,
    at: datetime,
    by: User | None = None,
    text: str = "",
    **data: Any,
) -> Event:
    """Write one line. `text` is encrypted; `data` is not, and holds nothing of the patient."""
    return Event.objects.create(
        enquiry=enquiry,
        kind=kind,
        at=at,
        by=by,
        by_name=str(by) if by else "",
        text=text,
        data=data,
    )


def former(values: Mapping[str, Any]) -> str:
    """Return what fields of a request held before, a line for each, as people read it."""
    return "\n".join(f"{_label(name)}: {_words(name, value)}" for name, value in values.items())


def _label(name: str) -> str:
    return str(Enquiry._meta.get_field(name).verbose_name)  # type: ignore[union-attr]


def _words(name: str, value: Any) -> str:
    if value in (None, "", []):
        return _("(none)")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if name == "days":
        return ", ".join(str(WEEKDAYS[day]) for day in value)
    if name == "parts":
        return ", ".join(str(Part(part).label) for part in value)
    if name == "wishes":
        return "; ".join(wishes.words(value))
    if name == "for_whom":
        return str(ForWhom(value).to_staff)
    if name == "child_age":
        return str(value)
    choices = dict(Enquiry._meta.get_field(name).flatchoices)  # type: ignore[union-attr]
    return str(choices.get(value, value))


def log_access(kind: Event.Kind, *, by: User, at: datetime, enquiry: Enquiry | None = None) -> None:
    """Log that a user opened, searched or exported: once per person, enquiry and hour."""
    subject = enquiry.pk if enquiry else 0
    Event.objects.get_or_create(
        once=f"{kind}:{by.pk}:{subject}:{at:%Y%m%d%H}",
        defaults={"enquiry": enquiry, "kind": kind, "at": at, "by": by, "by_name": str(by)},
    )


def log_opening(enquiry: Enquiry, *, by: User, at: datetime) -> None:
    """Note that a member of staff opened an enquiry, and when it was first seen."""
    log_access(Event.Kind.SEEN, by=by, at=at, enquiry=enquiry)
    Enquiry.objects.filter(pk=enquiry.pk, first_seen_at=None).update(first_seen_at=at)
