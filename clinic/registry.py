"""What the apps tell the ground floor when they start (in their AppConfig).

`clinic` imports neither articles nor bookings; where it needs what they know, it asks here.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.core.mail import EmailMultiAlternatives
    from django.db.models import Model, QuerySet
    from django.http import HttpRequest

    from clinic.models import Message, User


@dataclass(frozen=True)
class Named:
    """A kind of thing with a public address: `article:slug` in texts, redirects of past slugs.

    find(slug) -> primary key of the thing that has, or once had, this slug.
    urls(ids, at) -> the address of each that is public at that moment; the others are left out.
    """

    kind: str
    find: Callable[[str], int | None]
    urls: Callable[[Iterable[int], datetime], dict[int, str]]


@dataclass(frozen=True)
class Duty:
    """Recurring work of the worker."""

    name: str
    every: timedelta
    run: Callable[[datetime], object]


@dataclass(frozen=True)
class MenuEntry:
    order: int
    label: str
    url: str


@dataclass(frozen=True)
class SearchResult:
    url: str
    title: str
    kind: str


@dataclass(frozen=True)
class Origin:
    """Where a booking request came from: the title and address of a published text."""

    title: str
    url: str


@dataclass(frozen=True)
class Demo:
    """What an app adds to the demo clinic and takes away again. Loaded in order of `order`.

    load(at) may run again and then changes nothing; remove() empties the app, in the caller's
    transaction and with the guards aside; is_empty() tells whether the app holds anything yet.
    """

    order: int
    load: Callable[[datetime], None]
    remove: Callable[[], None]
    is_empty: Callable[[], bool] = lambda: True


@dataclass(frozen=True)
class Filler:
    """Synthetic things of one kind, for measuring. Made in order of `order`.

    fill(count, at) adds so many, with moments before `at`, and yields after each.
    """

    order: int
    name: str
    fill: Callable[[int, datetime], Iterator[None]]


@dataclass(frozen=True)
class PanelRow:
    """One line of a panel on the desk: what it is, a fact about it, where it leads."""

    label: str
    fact: str = ""
    url: str = ""
    urgent: bool = False


@dataclass(frozen=True)
class DeskPanel:
    """What an app shows on the staff's first page; rows or, where there are none, `empty`."""

    order: int
    title: str
    rows: list[PanelRow]
    empty: str = ""
    action: PanelRow | None = None


@dataclass(frozen=True)
class PictureTexts:
    """Texts that show pictures of the library by their address, `/media/…`.

    showing(address) -> the things whose texts show it. shown() -> every address that one shows.
    """

    showing: Callable[[str], Iterable["Model"]]
    shown: Callable[[], set[str]]


@dataclass(frozen=True)
class SetupTask:
    """What a new clinic must fill in, where, and whether it is done."""

    label: str
    hint: str
    is_done: bool
    url: str


@dataclass(frozen=True)
class HandOver:
    """What of a colleague who leaves goes to another, named by `key`.

    count(user) -> how many of them they have in hand. receivers() -> the accounts that may take
    them. give(user, to=, by=, at=) -> how many were given, in the caller's transaction; `to` None
    leaves them with nobody.
    """

    key: str
    label: object  # a text, translated when it is shown
    count: Callable[["User"], int]
    receivers: Callable[[], "QuerySet[User]"]
    give: Callable[..., int]


named: dict[str, Named] = {}
message_kinds: dict[str, Callable[["Message"], "EmailMultiAlternatives | None"]] = {}
duties: list[Duty] = []
menus: list[Callable[[datetime], Iterable[MenuEntry]]] = []
search_sources: dict[str, Callable[[list[int], datetime], dict[int, SearchResult]]] = {}
sitemaps: list[Callable[[datetime], Iterable[tuple[str, datetime | None]]]] = []
moments: list[Callable[[datetime], datetime | None]] = []
demos: list[Demo] = []
fillers: list[Filler] = []
desk_panels: list[Callable[["HttpRequest"], DeskPanel | None]] = []
# By the label of a model, "bookings.enquiry": how many of them wait for this person.
desk_counts: dict[str, Callable[["HttpRequest"], int]] = {}
picture_texts: list[PictureTexts] = []
setup_tasks: list[Callable[[], SetupTask]] = []
hand_overs: list[HandOver] = []


@dataclass
class Published:
    """Questions that the app that publishes answers; before it starts, nothing is published.

    origin(edition id, at) -> where a booking request came from, None for an unknown edition.
    texts(edition ids, at) -> of each the text it is an edition of, as that is called now; those
    that are unknown are left out.
    page_edition(slug, at) -> the id of the live edition of a page.
    """

    origin: Callable[[int, datetime], Origin | None] = field(default=lambda edition, at: None)
    texts: Callable[[Iterable[int], datetime], dict[int, Origin]] = field(
        default=lambda editions, at: {}
    )
    page_edition: Callable[[str, datetime], int | None] = field(default=lambda slug, at: None)


published = Published()
