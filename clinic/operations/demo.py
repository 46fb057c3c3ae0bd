"""The demo clinic: loading it into an empty database, and taking it away whole.

A demo holds nothing real, its form says so. Taking it away therefore empties every table that the
apps fill; what stays are accounts that were not part of it, and what was changed in the
clinic's own details.
"""

import json
from datetime import date, datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group
from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from clinic import hooks, pictures
from clinic.accounts import roles
from clinic.finding import indexing
from clinic.lib.database import guards
from clinic.mail import outbox
from clinic.models import (
    Announcement,
    Clinic,
    Closure,
    Credential,
    DailyCount,
    EmptySearch,
    Image,
    Insurer,
    Location,
    Message,
    Missing,
    OpeningPeriod,
    Practitioner,
    RedFlag,
    Redirect,
    SearchDocument,
    SecurityEvent,
    Service,
    Throttle,
    User,
    Version,
    WayToStart,
)
from clinic.site import content_version, page_context

FOLDER = settings.BASE_DIR / "clinic" / "demo"
DATA = FOLDER / "clinic.json"
MAIL_DOMAIN = "larkspur.example"
SAFETY_CHECKED_DAYS_AGO = 40  # when the red flags were last found to be complete

# Who signs in: name, first and last name, roles, and who they are on the site.
STAFF = [
    ("ines", "Ines", "Okafor", [roles.AUTHOR, roles.PRACTITIONER], "ines-okafor"),
    ("hanna", "Hanna", "Weiss", [roles.REVIEWER], "hanna-weiss"),
    ("mara", "Mara", "Oduya", [roles.EDITOR], None),
    ("joan", "Joan", "Pike", [roles.RECEPTIONIST], None),
    ("tomas", "Tomas", "Lindqvist", [roles.PRACTITIONER], "tomas-lindqvist"),
]


def is_empty() -> bool:
    """Whether nothing has been entered yet that the demo could mix with."""
    ours = (Location, Service, Practitioner, Announcement)
    return not any(model.objects.exists() for model in ours) and all(
        demo.is_empty() for demo in hooks.demos
    )


def load_all(at: datetime) -> None:
    """Load the demo of every app, all of it or nothing; loading again adds what is missing and
    changes nothing.

    Here pictures are decoded inside the transaction: a later app that fails takes them back, too.
    """
    try:
        with pictures.files_undone(), transaction.atomic():
            for demo in sorted(hooks.demos, key=lambda demo: demo.order):
                demo.load(at)
                page_context.forget()  # the next app asks for the clinic and its time zone
            if indexing.catch_up(at):
                content_version.raise_version()
    finally:
        page_context.forget()


def remove_all() -> None:
    """Take the demo of every app away, the last one first, in one transaction."""
    with guards.stand_aside(connection):
        for demo in sorted(hooks.demos, key=lambda demo: -demo.order):
            demo.remove()
        content_version.raise_version()


def let_sign_in(password: str) -> list[str]:
    """Give the demo's staff, who cannot sign in at first, this password; returns their names."""
    names = []
    for user in _staff():
        if not user.has_usable_password():
            user.set_password(password)
            user.save(update_fields=["password"])
            names.append(user.username)
    return names


def load(at: datetime) -> None:
    """Load the clinic itself: its details, places, services, people and accounts."""
    if Clinic.objects.filter(is_demo=True).exists():
        return
    data = json.loads(DATA.read_text(encoding="utf-8"))
    photos = _take_in_photos(data)
    with transaction.atomic():
        Clinic.objects.filter(id=1).update(**data["clinic"], is_demo=True)
        loader = _Loader(at)
        loader.locations(data["locations"])
        loader.services(data["services"])
        loader.red_flags(data["red_flags"])
        loader.practitioners(data["practitioners"], photos)
        loader.closures(data["closures"])
        loader.announcement(data["announcement"])
        Insurer.objects.bulk_create(Insurer(**row) for row in data["insurers"])
        WayToStart.objects.bulk_create(WayToStart(**row) for row in data["ways_to_start"])
        _make_staff()
        content_version.raise_version()


def remove() -> None:
    """Take away what the ground floor holds; the caller lets the guards stand aside."""
    data = json.loads(DATA.read_text(encoding="utf-8"))
    _forget_details(data["clinic"])
    outbox.erase(Message.objects.all())
    files = [name for image in Image.objects.all() for name in pictures.files_of(image)]
    for model in (
        Version,
        Announcement,
        Closure,
        DailyCount,
        EmptySearch,
        Practitioner,
        RedFlag,
        Service,
        Location,
        Missing,
        Redirect,
        SearchDocument,
        Throttle,
        LogEntry,
        SecurityEvent,
        WayToStart,
        Insurer,
        Image,
    ):
        model._default_manager.all().delete()
    _staff().delete()
    pictures.delete_files(files)


def _take_in_photos(data: dict[str, Any]) -> dict[str, Image]:
    described = {
        entry["file"]: entry
        for entry in json.loads((FOLDER / "media.json").read_text(encoding="utf-8"))
    }
    photos = {}
    for name in {p["photo"] for p in data["practitioners"] if p.get("photo")}:
        entry = described[name]
        photos[name] = pictures.add(
            FOLDER / name, alt=entry["alt"], credit=entry["credit"], licence=entry["licence"]
        )
    return photos


def _staff() -> Any:
    names = [name for name, *_rest in STAFF]
    return User.objects.filter(username__in=names, email__endswith=f"@{MAIL_DOMAIN}")


def _make_staff() -> None:
    for username, first, last, groups, slug in STAFF:
        if User.objects.filter(username=username).exists():
            continue
        user = User.objects.create_user(
            username,
            email=f"{username}@{MAIL_DOMAIN}",
            first_name=first,
            last_name=last,
            is_staff=True,
        )
        user.groups.set(Group.objects.filter(name__in=groups))
        if slug:
            Practitioner.objects.filter(slug=slug).update(user=user)


def _forget_details(details: dict[str, Any]) -> None:
    """Reset the clinic's settings, except those that were changed."""
    clinic = Clinic.objects.get(id=1)
    fresh = Clinic(name=_("Our clinic"))
    for field, value in details.items():
        if getattr(clinic, field) == value:
            setattr(clinic, field, getattr(fresh, field))
    clinic.logo = None
    clinic.is_demo = False
    clinic.save()


class _Loader:
    """Rows from the plain data, with days that count from `at`."""

    def __init__(self, at: datetime) -> None:
        self.zone = Clinic.objects.get(id=1).zone
        self.today = timezone.localdate(at, self.zone)

    def day(self, days: int) -> date:
        return self.today + timedelta(days=days)

    def midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), self.zone)

    def working_day(self, days: int, places: QuerySet[Location]) -> date:
        """That day, or the next on which all of these places are open."""
        weeks = [{period.weekday for period in place.weekly_hours()} for place in places]
        day = self.day(days)
        while not all(day.weekday() in week for week in weeks):
            day += timedelta(days=1)
        return day

    def locations(self, rows: list[dict[str, Any]]) -> None:
        for row in rows:
            hours = row.pop("hours")
            location = Location.objects.create(**row)
            OpeningPeriod.objects.bulk_create(
                OpeningPeriod(location=location, **period) for period in hours
            )

    def services(self, rows: list[dict[str, Any]]) -> None:
        for row in rows:
            slugs = row.pop("locations")
            Service.objects.create(**row).locations.set(Location.objects.filter(slug__in=slugs))

    def red_flags(self, rows: list[dict[str, Any]]) -> None:
        for order, row in enumerate(rows, 1):
            slugs, days = row.pop("services"), row.pop("reviewed_days_ago")
            flag = RedFlag.objects.create(**row, reviewed_on=self.day(-days), order=order)
            flag.services.set(Service.objects.filter(slug__in=slugs))
        Service.objects.update(red_flags_reviewed_on=self.day(-SAFETY_CHECKED_DAYS_AGO))

    def practitioners(self, rows: list[dict[str, Any]], photos: dict[str, Image]) -> None:
        for row in rows:
            services, locations = row.pop("services"), row.pop("locations")
            credentials, photo = row.pop("credentials"), row.pop("photo", None)
            person = Practitioner.objects.create(**row, photo=photos.get(photo or ""))
            person.services.set(Service.objects.filter(slug__in=services))
            person.locations.set(Location.objects.filter(slug__in=locations))
            for credential in credentials:
                valid_for = credential.pop("valid_for_days", None)
                until = None if valid_for is None else self.day(valid_for)
                Credential.objects.create(practitioner=person, valid_until=until, **credential)

    def closures(self, rows: list[dict[str, Any]]) -> None:
        for row in rows:
            slug = row["location"]
            places = Location.objects.filter(slug=slug) if slug else Location.objects.all()
            starts_on = self.working_day(row["starts_in_days"], places)
            Closure.objects.create(
                location=places.get() if slug else None,
                starts_on=starts_on,
                ends_on=starts_on + timedelta(days=row["days"] - 1),
                reason=row["reason"],
            )

    def announcement(self, row: dict[str, Any]) -> None:
        """Announce the first closure, until it is over."""
        closure = Closure.objects.earliest("starts_on")
        with translation.override(Clinic.objects.get(id=1).locale):
            day = date_format(closure.starts_on, "WEEKDAY_FORMAT")
        announcement = Announcement(
            text=row["text"].format(day=day),
            url=row["url"],
            starts_at=self.midnight(self.day(row["starts_in_days"])),
            ends_at=self.midnight(closure.ends_on + timedelta(days=1)),
        )
        announcement.note_wall_times(self.zone)
        announcement.save()
