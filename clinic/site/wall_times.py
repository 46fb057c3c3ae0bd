"""What follows from new time zone data: times agreed by the clock on the wall keep it.

Each app has a duty that moves its moments (clinic.lib.calendar.wall_time). A worker with older data
than another has used here moves nothing: two workers in the middle of an upgrade would undo each
other's work.
"""

import logging
from datetime import datetime, timedelta

from django.core.checks import Warning as CheckWarning
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.hooks import DeskPanel, PanelRow
from clinic.lib.calendar import wall_time, zone_data
from clinic.models import Announcement, Clinic
from clinic.site import content_version, page_context

logger = logging.getLogger(__name__)

# More than any change of a zone's rules: what ended before then is over by old and new rules.
LONGEST_CHANGE = timedelta(days=1)


def may_move() -> bool:
    """Whether no newer zone data than ours was used in this installation; notes ours."""
    ours = zone_data.version()
    noted = Clinic.objects.values_list("zone_data", flat=True).get(id=1)
    if zone_data.key(noted) > zone_data.key(ours):
        logger.warning("Zone data %s is older than %s, which was used before.", ours, noted)
        return False
    if noted != ours:
        with transaction.atomic():
            Clinic.objects.filter(id=1, zone_data=noted).update(zone_data=ours)
            content_version.raise_version()
    return True


def keep_announcements(at: datetime) -> int:
    """Move the announcements whose zone has new rules; returns how many."""
    if not may_move() or not any(map(_move, _not_over(at))):
        return 0
    with transaction.atomic():
        moved = [each for each in _not_over(at).select_for_update() if _move(each)]
        for announcement in moved:
            announcement.save(
                update_fields=["starts_at", "starts_agreed", "ends_at", "ends_agreed"]
            )
        content_version.raise_version()
    logger.warning("Time zone rules changed: %d announcements moved.", len(moved))
    return len(moved)


def _not_over(at: datetime) -> QuerySet[Announcement]:
    return Announcement.objects.filter(ends_at__gt=at - LONGEST_CHANGE).order_by("id")


def _move(announcement: Announcement) -> bool:
    """Whether one of its moments moves; both are set, not saved."""
    length = announcement.ends_at - announcement.starts_at
    starts = wall_time.moved(announcement.starts_agreed, announcement.starts_at)
    ends = wall_time.moved(announcement.ends_agreed, announcement.ends_at)
    if starts:
        announcement.starts_at, announcement.starts_agreed = wall_time.instant(starts), starts
    if ends:
        announcement.ends_at, announcement.ends_agreed = wall_time.instant(ends), ends
    if announcement.ends_at <= announcement.starts_at:  # within an hour that the clocks repeated
        announcement.ends_at, announcement.ends_agreed = announcement.starts_at + length, ""
    return bool(starts or ends)


def check_age(**kwargs: object) -> list[CheckWarning]:
    """`manage.py check`: is the zone data of this process older than a year?"""
    version = zone_data.version()
    if not zone_data.is_old(version, timezone.now()):
        return []
    return [
        CheckWarning(
            f"The time zone data is more than a year old ({version}).",
            hint="Update the system's tzdata, or the Python package tzdata; then restart.",
            id="clinic.W001",
        )
    ]


def panel(request: HttpRequest) -> DeskPanel | None:
    """For managers: zone data that is old, or older than what was used here before."""
    if not request.user.has_perm("clinic.change_clinic"):
        return None
    ours, clinic = zone_data.version(), page_context.current().clinic
    if zone_data.key(clinic.zone_data) > zone_data.key(ours):
        fact = _(
            "Version %(old)s is in use; %(new)s was used before. Please tell the person who runs "
            "your server."
        )
        fact %= {"old": ours, "new": clinic.zone_data}
    elif zone_data.is_old(ours, timezone.now()):
        fact = _(
            "Version %(old)s is more than a year old. Please tell the person who runs your server."
        )
        fact %= {"old": ours}
    else:
        return None
    settings = reverse("admin:clinic_clinic_change", args=[clinic.pk])
    row = PanelRow(_("Times may be shown an hour off"), fact, settings, urgent=True)
    return DeskPanel(order=9, title=_("Outdated time zone data"), rows=[row])
