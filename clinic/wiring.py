"""What the ground floor connects when it starts: guards, roles, its own public things."""

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import Any

from django.apps import apps
from django.core.checks import Error, Tags, register
from django.db import connections, models
from django.db.models.signals import post_migrate, pre_migrate
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic import account_mails, addresses, frame, hours, missing, registry, renditions, roles
from clinic.lib import guards, markdown, search
from clinic.models import (
    Announcement,
    Clinic,
    Closure,
    ContentVersion,
    Credential,
    Location,
    Practitioner,
    SearchDocument,
    Service,
)


def connect() -> None:
    """Called once, when Django has loaded all apps."""
    from clinic import demo, desk  # they index through this module

    registry.demos.append(registry.Demo(10, demo.load, demo.remove))
    registry.message_kinds.update(account_mails.KINDS)
    registry.desk_panels += [
        desk.setup_panel,
        desk.credentials_panel,
        desk.mail_panel,
        desk.missing_panel,
        desk.pictures_panel,
    ]
    pre_migrate.connect(_before_migrate, dispatch_uid="guards stand aside")
    post_migrate.connect(_after_migrate, dispatch_uid="guards stand")
    register(_check_guards, Tags.database)
    for kind, model in (
        ("service", Service),
        ("practitioner", Practitioner),
        ("location", Location),
    ):
        registry.named[kind] = _named(kind, model)
        registry.search_sources[kind] = _search_source(kind, model)
    registry.menus.append(_menu)
    registry.sitemaps.append(_sitemap)
    registry.duties += [
        registry.Duty("make smaller pictures", timedelta(seconds=15), renditions.make_due),
        registry.Duty("forget old addresses", timedelta(days=1), missing.forget_old),
    ]
    registry.moments.append(_next_notice)
    registry.moments.append(_next_credential)
    registry.moments.append(_next_opening)


def _apps_with_models() -> list[str]:
    return [app.label for app in apps.get_app_configs() if app.models_module is not None]


def _before_migrate(sender: Any, using: str, **kwargs: Any) -> None:
    if sender.label == _apps_with_models()[0]:
        guards.remove(connections[using])


def _after_migrate(sender: Any, using: str, plan: Any = (), **kwargs: Any) -> None:
    """Once, after the last app: permissions exist then, and all tables."""
    if sender.label != _apps_with_models()[-1]:
        return
    connection = connections[using]
    tables = set(connection.introspection.table_names())
    if "clinic_searchdocument" not in tables or "bookings_offer" not in tables:
        return  # migrated part of the way
    guards.install(connection)
    search.install(connection, SearchDocument)
    roles.ensure()
    Clinic.objects.get_or_create(id=1, defaults={"name": _("Our clinic")})
    ContentVersion.objects.get_or_create(id=1)


def _check_guards(databases: Any = None, **kwargs: Any) -> list[Error]:
    """`manage.py check --database default` and migrate: are the guards in the database?"""
    errors = []
    for alias in databases or []:
        connection = connections[alias]
        tables = set(connection.introspection.table_names())
        for name in guards.missing(connection) if "bookings_offer" in tables else []:
            errors.append(
                Error(
                    f"The database guard {name} is missing.",
                    hint="Run: manage.py migrate",
                    id="clinic.E001",
                )
            )
    return errors


def _named(kind: str, model: type[models.Model]) -> registry.Named:
    manager = model._default_manager

    def find(slug: str) -> int | None:
        found = manager.filter(slug=slug).values_list("pk", flat=True).first()
        return found or addresses.past_holder(kind, slug)

    def all_urls() -> dict[int, str]:
        rows = manager.filter(is_public=True).values_list("pk", "slug")
        return {pk: addresses.path_of(kind, slug) for pk, slug in rows}

    def urls(ids: Iterable[int], at: datetime) -> dict[int, str]:
        known = frame.once(f"urls of {kind}", all_urls)
        return {pk: known[pk] for pk in ids if pk in known}

    return registry.Named(kind, find, urls)


def _search_source(kind: str, model: type[models.Model]) -> Any:
    label = model._meta.verbose_name

    def present(ids: list[int], at: datetime) -> dict[int, registry.SearchResult]:
        rows = model._default_manager.filter(pk__in=ids, is_public=True)
        return {
            row.pk: registry.SearchResult(
                addresses.path_of(kind, row.slug),  # type: ignore[attr-defined]
                row.name,  # type: ignore[attr-defined]
                str(label).capitalize(),
            )
            for row in rows
        }

    return present


def index_for_search(thing: Practitioner | Service | Location) -> None:
    """Put the words of a service, practitioner or location into the search index."""

    def plain(text: str) -> str:
        return markdown.render(text).plain

    kind = thing._meta.model_name or ""
    if not thing.is_public:
        search.remove(SearchDocument, kind, thing.pk)
        return
    match thing:
        case Service():
            words = [thing.summary, plain(thing.description), thing.risks, thing.not_for]
        case Practitioner():
            words = [thing.role, thing.summary, plain(thing.biography), thing.languages]
        case Location():
            access = plain(thing.accessibility)
            words = [thing.street, thing.city, thing.how_to_find, access]
    search.put(SearchDocument, kind, thing.pk, thing.name, "\n".join(words))


def _menu(at: datetime) -> list[registry.MenuEntry]:
    return [
        registry.MenuEntry(30, _("People"), reverse("practitioners")),
        registry.MenuEntry(40, _("Services"), reverse("services")),
    ]


def _sitemap(at: datetime) -> Iterable[tuple[str, datetime | None]]:
    yield reverse("home"), None
    yield reverse("practitioners"), None
    yield reverse("services"), None
    for model in (Practitioner, Service, Location):
        for thing in model.objects.filter(is_public=True):
            yield thing.get_absolute_url(), None


def _next_notice(at: datetime) -> datetime | None:
    starts = Announcement.objects.filter(starts_at__gt=at).aggregate(m=models.Min("starts_at"))
    ends = Announcement.objects.filter(ends_at__gt=at).aggregate(m=models.Min("ends_at"))
    return min((m for m in (starts["m"], ends["m"]) if m), default=None)


def _next_credential(at: datetime) -> datetime | None:
    """The midnight after the last day of the next credential that expires."""
    zone = Clinic.objects.get(id=1).zone
    today = timezone.localdate(at, zone)
    last = Credential.objects.filter(valid_until__gte=today).aggregate(m=models.Min("valid_until"))
    if not last["m"]:
        return None
    return datetime.combine(last["m"] + timedelta(days=1), time(), zone)


def _next_opening(at: datetime) -> datetime | None:
    """When a location next opens or closes, or a day begins that changes what is said of it."""
    zone = Clinic.objects.get(id=1).zone
    closures = list(Closure.objects.all())
    changes = []
    for location in Location.objects.filter(is_public=True).prefetch_related("periods"):
        change = hours.next_change(
            [hours.Period(p.weekday, p.opens, p.closes) for p in location.periods.all()],
            [
                (c.starts_on, c.ends_on, c.reason)
                for c in closures
                if c.location_id in (None, location.pk)
            ],
            zone,
            at,
        )
        if change:
            changes.append(change)
    midnight = datetime.combine(timezone.localdate(at, zone) + timedelta(days=1), time(), zone)
    return min([*changes, midnight])
