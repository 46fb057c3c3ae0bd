"""What the apps tell the ground floor when they start (in their AppConfig).

`clinic` imports neither articles nor bookings; where it needs what they know, it asks here.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from django.utils.functional import Promise

if TYPE_CHECKING:
    from django.core.mail import EmailMultiAlternatives
    from django.db.models import Model, QuerySet
    from django.http import HttpRequest, HttpResponse

    from clinic.counting.period import Period
    from clinic.models import Message, Practitioner, User


# Label of a model → verbs that are permitted.
Rights = dict[str, tuple[str, ...]]


@dataclass(frozen=True)
class Named:
    """A kind of thing with a public address: `article:slug` in texts, redirects of past slugs.

    find(slug) -> primary key of the thing that has, or once had, this slug.
    urls(ids, at) -> the address of each that is public at that moment; the others are left out.
    path: the address with {} for the slug; empty where past addresses are not kept.
    """

    kind: str
    find: Callable[[str], int | None]
    urls: Callable[[Iterable[int], datetime], dict[int, str]]
    path: str = ""


@dataclass(frozen=True)
class Duty:
    """Recurring work of the worker; with `at_once` a new worker does it before all else."""

    name: str
    every: timedelta
    run: Callable[[datetime], object]
    at_once: bool = False


@dataclass(frozen=True)
class MenuEntry:
    """An entry of the menu, and those below it. With `is_below` it is one of those below the
    entry that comes before it."""

    order: int
    label: str
    url: str
    below: "tuple[MenuEntry, ...]" = ()
    is_below: bool = False


class SitemapEntry(NamedTuple):
    """An address of the sitemap: when its page last changed, if known, and the images it shows."""

    path: str
    changed: datetime | None = None
    images: tuple[str, ...] = ()


@dataclass(frozen=True)
class PrivatePath:
    """Addresses that are not for everybody, those at and below `path`.

    A missing one is not counted. `disallowed`: what robots.txt names of them. `has_forms`: a
    missing one is not looked up among the redirects, and the answer is not stored.
    """

    path: str
    disallowed: tuple[str, ...]
    has_forms: bool = False


@dataclass(frozen=True)
class SearchResult:
    """A thing that was found. kind: what it is, in one word; kinds: the same of several."""

    url: str
    title: str
    kind: str
    kinds: str = ""


@dataclass(frozen=True)
class Passage:
    """A part of a page under one heading. anchor: its id; words: what it is found by, too."""

    anchor: str
    heading: str
    text: str
    words: str = ""


@dataclass(frozen=True)
class SearchText:
    """What a thing is found by. The first passage is the beginning of its page. topic: what it is
    about, and other words that are not shown."""

    url: str
    title: str
    passages: tuple[Passage, ...]
    topic: str = ""


@dataclass(frozen=True)
class SearchSource:
    """Things of one kind that can be found.

    present(ids, at) -> those that are public at that moment. texts(ids) -> of each what it is found
    by. stamps(at) -> those that belong into the index, each with a text that changes when its
    `texts` do. rank: what its score is multiplied by.
    """

    present: Callable[[list[int], datetime], dict[int, SearchResult]]
    texts: Callable[[Iterable[int]], dict[int, SearchText]]
    stamps: Callable[[datetime], dict[int, str]]
    rank: float = 1.0


@dataclass(frozen=True)
class FixedPage:
    """A page that is no row of the database. is_there(): whether visitors can open it now.
    replaced_by: the slug of a page that takes its place once staff have written one."""

    text: SearchText
    is_there: Callable[[], bool] = lambda: True
    replaced_by: str = ""


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
class Outgoing:
    """What the list of emails says of a kind: to whom and what for, never a text or an address.

    about(request, object ids) -> what each is about, as this person may see it: a label, and where
    it leads. Those that are gone are left out.
    """

    words: object  # a text, translated when it is shown
    about: Callable[["HttpRequest", Iterable[int]], dict[int, PanelRow]] = field(
        default=lambda request, ids: {}
    )


@dataclass(frozen=True)
class DeskPanel:
    """What an app shows on the staff's first page; rows or, where there are none, `empty`."""

    order: int
    title: str
    rows: list[PanelRow]
    empty: str = ""
    action: PanelRow | None = None


@dataclass(frozen=True)
class ReportRow:
    """A line of a report; None is a number too small to be shown. `url`: where the label leads.
    `is_rest`: it is what belongs to no other row."""

    label: str
    numbers: tuple[int | str | None, ...]
    url: str = ""
    is_rest: bool = False


@dataclass(frozen=True)
class Report:
    """A part of the page “What works”, a table that is drawn as well.

    The first number of each row is drawn: as columns where the rows are steps in time, as strips
    otherwise. label: what the rows are. empty: what is said without rows. action: a label and where
    it leads.
    """

    order: int
    key: str
    title: str
    about: str
    columns: tuple[str, ...]
    rows: list[ReportRow]
    label: str
    is_over_time: bool = False
    empty: str = ""
    action: tuple[str, str] | None = None


@dataclass(frozen=True)
class NavigationEntry:
    """A list of the admin in the navigation: under which heading, and where among its others.

    heading: a key of clinic.dashboard.HEADINGS. model: a label. query: the filter of the list.
    page: another page of the model than its list, by the last part of its URL name.
    """

    heading: str
    order: int
    label: object  # a text, translated when it is shown
    model: str
    query: str = ""
    page: str = "changelist"


@dataclass(frozen=True)
class PictureTexts:
    """Texts that show pictures of the library by their address, `/media/…`.

    showing(address) -> the things whose texts show it. shown() -> every address that one shows.
    replace(old, new, by=, at=) -> the drafts that now have the other picture, or None: for the
    caller's transaction. forget(image, at=) takes it out of what was published, and gives the
    things in whose history that is to be told, each with the words; for callers outside a
    transaction.
    """

    showing: Callable[[str], Iterable["Model"]]
    shown: Callable[[], set[str]]
    replace: Callable[..., Iterable["Model"]]
    forget: Callable[..., Iterable[tuple["Model", str]]]


@dataclass(frozen=True)
class Kept:
    """What is kept of every version of a model (clinic.site.versions).

    fields: in the order in which they are compared. rows: by the name of a relation, the fields of
    each related row.
    """

    fields: tuple[str, ...]
    rows: dict[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class SetupTask:
    """What a new clinic must fill in, where, and whether it is done. `is_needed`: before the form
    takes requests."""

    label: str
    hint: str
    is_done: bool
    url: str
    is_needed: bool = False


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
# By the kind of a message.
outgoing: dict[str, Outgoing] = {}
duties: list[Duty] = []
menus: list[Callable[[datetime], Iterable[MenuEntry]]] = []
search_sources: dict[str, SearchSource] = {}
# By a number that stays.
fixed_pages: dict[int, Callable[[], FixedPage]] = {}
# Each yields the parts of a SitemapEntry, as many as it knows.
sitemaps: list[Callable[[datetime], Iterable[tuple[str, datetime | None] | SitemapEntry]]] = []
moments: list[Callable[[datetime], datetime | None]] = []
demos: list[Demo] = []
fillers: list[Filler] = []
desk_panels: list[Callable[["HttpRequest"], DeskPanel | None]] = []
# Each gives its part for a period, or None to whoever may not see it.
reports: list[Callable[["HttpRequest", "Period", datetime], Report | None]] = []
# By the label of a model: how many of its rows this person has to deal with.
desk_counts: dict[str, Callable[["HttpRequest"], int]] = {}
navigation: list[NavigationEntry] = []
private_paths: list[PrivatePath] = []
# By role; filled by `permit`.
role_permissions: dict[str, Rights] = {}
# Whether this permission ("app.verb_model") shows data about patients.
patient_permissions: list[Callable[[str], bool]] = []
# Labels of the models of which migrations make rows in an empty database.
made_by_migrate: set[str] = set()
# Labels of the models whose rows are of the moment: no backup has them, a restore empties them.
passing: set[str] = set()
# Tables without which the database is migrated in part only, and guards are not installed.
needed_tables: set[str] = set()
picture_texts: list[PictureTexts] = []
# What is searched while one writes ("pages", "references", "pictures"): the names of the URLs.
writing_lists: dict[str, str] = {}
# What a paste may say of what it left out.
paste_labels: dict[str, Promise | str] = {}
# By the label of a model, in lower case.
kept: dict[str, Kept] = {}
setup_tasks: list[Callable[[], SetupTask]] = []
hand_overs: list[HandOver] = []
# What a colleague who leaves has that nobody can take over at one press.
leaver_panels: list[Callable[["HttpRequest", "User"], DeskPanel | None]] = []
# By the name of an address that asks for the password again, where it was entered a while ago: the
# value of the posted field `do` that alone asks, or "" for all.
confirmed_first: dict[str, str] = {}
# What belongs to a practitioner, linked from their form.
practitioner_links: list[Callable[["HttpRequest", "Practitioner"], PanelRow | None]] = []


@dataclass
class Published:
    """Questions that the app that publishes answers; before it starts, nothing is published.

    origin(edition id, at) -> where a booking request came from, None for an unknown edition.
    texts(edition ids, at) -> of each the text it is an edition of, as that is called now; those
    that are unknown are left out.
    page_edition(slug, at) -> the id of the live edition of a page. page(request, slug) -> the
    answer of a page.
    """

    origin: Callable[[int, datetime], Origin | None] = field(default=lambda edition, at: None)
    texts: Callable[[Iterable[int], datetime], dict[int, Origin]] = field(
        default=lambda editions, at: {}
    )
    page_edition: Callable[[str, datetime], int | None] = field(default=lambda slug, at: None)
    page: Callable[["HttpRequest", str], "HttpResponse"] | None = None


published = Published()


@dataclass
class Booking:
    """Answers of the app that takes requests. form() -> the address of its form; empty without
    it. is_open() -> whether the form takes requests."""

    form: Callable[[], str] = field(default=lambda: "")
    is_open: Callable[[], bool] = field(default=lambda: True)


booking = Booking()


def permit(permissions: dict[str, Rights]) -> None:
    """Add permissions for models of an app to roles, which are named by the keys."""
    for role, models in permissions.items():
        role_permissions.setdefault(role, {}).update(models)
