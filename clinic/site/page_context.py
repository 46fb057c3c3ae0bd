"""What stands around every page: clinic, menu, locations, notices. One object per process and
content version, so that the frame of a page costs no query."""

import threading
import time
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import DatabaseError
from django.http import HttpRequest
from django.utils import timezone, translation

from clinic import hooks
from clinic.models import Announcement, Clinic, Closure, Location, Practitioner, Service
from clinic.site import content_version

T = TypeVar("T")


@dataclass(frozen=True)
class MenuItem:
    label: str
    url: str
    current: bool
    below: "tuple[MenuItem, ...]" = ()


@dataclass(frozen=True)
class Frame:
    """`kept`: what else was built for this version, by name (see `once`)."""

    version: str
    clinic: Clinic
    locations: tuple[Location, ...]  # public ones, with periods
    announcements: tuple[Announcement, ...]
    until: datetime | None = None  # the next moment at which it changes by the clock
    menu: tuple[hooks.MenuEntry, ...] = ()
    kept: dict[Hashable, Any] = field(default_factory=dict)

    def is_current(self, version: str, at: datetime) -> bool:
        return self.version == version and (self.until is None or at < self.until)


# The version is asked at most once a second by each process.
FRESH_SECONDS = 1.0
_lock = threading.Lock()
_building = threading.local()  # `frame`: what this thread is about to complete
_frame: Frame | None = None
_seen: tuple[float, str] = (float("-inf"), "")


def read_version() -> str:
    """The content version, read now. The page store asks through here, so that a frame is never
    older than the version under which a page made with it is stored."""
    global _seen
    with _lock:
        now = time.monotonic()
        known = content_version.current_version()
        _seen = (now, known)
    return known


def version() -> str:
    """The content version, at most a second old. One process serves one database."""
    asked_at, known = _seen
    return known if time.monotonic() - asked_at < FRESH_SECONDS else read_version()


def closures() -> tuple[Closure, ...]:
    """All closures, of one location or of all; kept for the content version."""
    return once("closures", lambda: tuple(Closure.objects.all()))


def practitioners() -> dict[int, Practitioner]:
    """Everybody, with photo, credentials, services and locations; kept for the content version.
    Those who are not shown on the site are among them: texts they wrote still name them."""

    def build() -> dict[int, Practitioner]:
        people = Practitioner.objects.select_related("photo").prefetch_related(
            "credentials", "locations", "services"
        )
        return {person.pk: person for person in people}

    return once("practitioners", build)


def services() -> tuple[Service, ...]:
    """The public services with their locations, kept for the content version."""
    rows = Service.objects.filter(is_public=True)
    return once("services", lambda: tuple(rows.prefetch_related("locations")))


def once(name: Hashable, build: Callable[[], T]) -> T:
    """What `build` returns, kept for as long as the frame is current. For small things only."""
    kept = current().kept
    if name not in kept:
        kept[name] = build()
    return kept[name]


def forget() -> None:
    """Ask again at the next call: for code that has just changed something in this process."""
    global _frame, _seen
    _frame, _seen = None, (float("-inf"), "")


def current(at: datetime | None = None) -> Frame:
    """Return the frame of this moment; while a registered callback helps to build it, as far as
    it is built: with the clinic and its locations, without menu and end."""
    global _frame
    if half_built := getattr(_building, "frame", None):
        return half_built
    at = at or timezone.now()
    seen = version()
    frame = _frame
    if frame is None or not frame.is_current(seen, at):
        with _lock:
            frame = _build(seen, at)
            _frame = frame
    return frame


def _build(seen: str, at: datetime) -> Frame:
    _building.frame = frame = Frame(
        version=seen,
        clinic=Clinic.objects.select_related("logo").get(id=1),
        locations=tuple(Location.objects.filter(is_public=True).prefetch_related("periods")),
        announcements=tuple(Announcement.objects.shown(at)),
    )
    try:
        entries = [entry for menu in hooks.menus for entry in menu(at)]
        return replace(
            frame,
            until=content_version.next_moment(at),
            menu=_nested(sorted(entries, key=lambda entry: (entry.order, entry.label))),
        )
    finally:
        del _building.frame


def _nested(entries: list[hooks.MenuEntry]) -> tuple[hooks.MenuEntry, ...]:
    """The entries with those that are below another one in their place."""
    found: list[hooks.MenuEntry] = []
    for entry in entries:
        if entry.is_below and found:
            found[-1] = replace(found[-1], below=(*found[-1].below, entry))
        else:
            found.append(entry)
    return tuple(found)


def _known_clinic() -> Clinic:
    """Return the clinic, or one with the default settings while there is no database to ask."""
    try:
        return current().clinic
    except (DatabaseError, Clinic.DoesNotExist, content_version.ContentVersion.DoesNotExist):
        return Clinic()


def zone() -> ZoneInfo:
    """Return the clinic's time zone; UTC while there is no database to ask."""
    return _known_clinic().zone


@contextmanager
def local_conventions() -> Iterator[None]:
    """Use the clinic's time zone and locale for what is written inside."""
    clinic = _known_clinic()
    with timezone.override(clinic.zone), translation.override(clinic.locale):
        yield


def media_host() -> str:
    """For the content security policy: where pictures lie if not here, with a space behind."""
    url = urlsplit(default_storage.url("x"))
    return f"{url.scheme}://{url.netloc} " if url.netloc else ""


def _menu_item(entry: hooks.MenuEntry, path: str) -> MenuItem:
    """An entry is the current one if one below it is."""
    below = tuple(_menu_item(one, path) for one in entry.below)
    is_current = path.startswith(entry.url) or any(item.current for item in below)
    return MenuItem(entry.label, entry.url, is_current, below)


def context(request: HttpRequest) -> dict[str, Any]:
    """Template context: clinic, menu, locations, announcements, site_url."""
    if request.path.startswith("/admin/"):
        return {"clinic": current().clinic, "site_url": settings.SITE_URL}
    frame = current()
    return {
        "clinic": frame.clinic,
        "locations": frame.locations,
        "announcements": frame.announcements,
        "menu": [_menu_item(entry, request.path) for entry in frame.menu],
        "site_url": settings.SITE_URL,
    }
