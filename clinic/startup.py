"""What the ground floor connects when it starts: guards, roles, its own public things."""

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import Any

from django.apps import apps
from django.contrib.auth.signals import user_logged_in
from django.core.checks import Error, Tags, register
from django.db import connections, models
from django.db.models.signals import post_migrate, pre_migrate
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic import hooks
from clinic.accounts import confirm_views, emails, practitioner_email, roles, session_views
from clinic.counting import daily, reports, sample
from clinic.finding import empty_searches, indexing, own_texts
from clinic.lib.calendar import opening_hours
from clinic.lib.database import guards
from clinic.lib.search import index
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
    Version,
)
from clinic.operations import leftovers, pings
from clinic.operations.backups import nightly
from clinic.pictures import renditions
from clinic.site import not_found_log, page_context, redirects

# Of the clinic itself its texts: colours and settings have no past.
KEPT = {
    "clinic.service": hooks.Kept(
        (
            *("name", "summary", "description", "first_minutes", "follow_minutes", "price_text"),
            *("typical_course", "bring", "booking_way", "risks", "not_for", "place"),
            *("locations", "booking_url"),
            "is_public",
        )
    ),
    "clinic.redflag": hooks.Kept(
        (
            *("sentence", "level", "services", "places", "source", "source_url", "reviewed_on"),
            "is_public",
        )
    ),
    "clinic.practitioner": hooks.Kept(
        (
            *("name", "role", "summary", "photo", "biography", "languages", "interests"),
            *("services", "places", "locations", "takes_bookings", "booking_url", "is_public"),
        ),
        {
            "credentials": (
                *("kind", "name", "issuer", "number", "url", "obtained_on", "valid_until"),
            )
        },
    ),
    "clinic.location": hooks.Kept(
        (
            *("name", "street", "postal_code", "city", "state", "phone", "email", "latitude"),
            *("longitude", "how_to_find", "directions", "accessibility", "booking_url"),
            "is_public",
        ),
        {"periods": ("weekday", "opens", "closes")},
    ),
    "clinic.clinic": hooks.Kept(
        (
            *("name", "kind", "legal_name", "phone", "email", "emergency_phone", "booking_url"),
            *("emergency_advice", "out_of_hours_name", "out_of_hours_phone", "headline", "lead"),
            "cancellation_rule",
        ),
        {
            "ways_to_start": ("label", "kind", "line", "url", "order"),
            "insurers": ("name", "bills_directly", "note", "order"),
        },
    ),
}


def connect() -> None:
    """Called once, when Django has loaded all apps."""
    from clinic import dashboard
    from clinic.operations import demo
    from clinic.site import wall_times  # they index through this module

    hooks.demos.append(hooks.Demo(10, demo.load, demo.remove))
    # After all pages; `demo` takes it away.
    hooks.demos.append(hooks.Demo(90, sample.load, lambda: None))
    hooks.needed_tables.add(SearchDocument._meta.db_table)
    guards.register(guards.Frozen(Version._meta.db_table))
    hooks.kept |= KEPT
    hooks.permit(roles.OWN)
    hooks.confirmed_first |= dict.fromkeys(confirm_views.OWN, "")
    hooks.navigation += dashboard.NAVIGATION
    hooks.private_paths += [
        hooks.PrivatePath("/admin", ("/admin/",), has_forms=True),
    ]
    hooks.message_kinds.update(emails.KINDS)
    hooks.message_kinds.update(practitioner_email.KINDS)
    hooks.outgoing |= emails.outgoing()
    hooks.outgoing |= practitioner_email.outgoing()
    hooks.desk_panels += [
        dashboard.setup_panel,
        dashboard.credentials_panel,
        dashboard.server_panel,
        dashboard.mail_panel,
        dashboard.missing_panel,
        dashboard.pictures_panel,
        wall_times.panel,
    ]
    hooks.reports += [reports.over_time, reports.pages, reports.searches]
    user_logged_in.connect(session_views.signed_in, dispatch_uid="begin session")
    pre_migrate.connect(_before_migrate, dispatch_uid="drop guards")
    post_migrate.connect(_after_migrate, dispatch_uid="restore guards")
    register(_check_guards, Tags.database)
    register(wall_times.check_age)
    for kind, model, path in (
        ("service", Service, "/services/{}/"),
        ("practitioner", Practitioner, "/practitioners/{}/"),
        ("location", Location, "/locations/{}/"),
    ):
        hooks.named[kind] = _named(kind, model, path)
    hooks.search_sources |= own_texts.sources()
    hooks.fixed_pages |= own_texts.fixed_pages()
    hooks.menus.append(_menu)
    hooks.sitemaps.append(_sitemap)
    hooks.duties += [
        hooks.Duty("resize images", timedelta(seconds=15), renditions.make_due),
        hooks.Duty(
            "keep the search index in step",
            timedelta(seconds=5),
            indexing.bring_in_step,
            at_once=True,
        ),
        hooks.Duty("forget old searches", timedelta(days=1), empty_searches.forget_old),
        hooks.Duty("forget old counts", timedelta(days=1), daily.forget_old),
        hooks.Duty("forget old addresses", timedelta(days=1), not_found_log.forget_old),
        hooks.Duty(
            "keep the wall times of announcements",
            timedelta(minutes=10),
            wall_times.keep_announcements,
            at_once=True,
        ),
        hooks.Duty("forget expired sessions", timedelta(hours=6), leftovers.forget),
        hooks.Duty("report to CHECK_URL", timedelta(minutes=5), pings.report),
        hooks.Duty("back up", timedelta(minutes=10), nightly.run),
        hooks.Duty("tell of old backups", timedelta(hours=1), nightly.alarm),
    ]
    hooks.moments.append(_next_notice)
    hooks.moments.append(_next_credential)
    hooks.moments.append(_next_opening)


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
    if not tables >= hooks.needed_tables:
        return  # migrated part of the way
    guards.install(connection)
    index.install(connection, SearchDocument)
    roles.ensure()
    if not Clinic.objects.filter(id=1).exists():  # names no column: one may not be there (yet)
        Clinic.objects.create(id=1, name=_("Our clinic"))
    ContentVersion.objects.get_or_create(id=1)


def _check_guards(databases: Any = None, **kwargs: Any) -> list[Error]:
    """`manage.py check --database default` and migrate: are the guards in the database? Those of a
    table that the next migrate will make are not missing."""
    errors = []
    for alias in databases or []:
        connection = connections[alias]
        tables = set(connection.introspection.table_names())
        for name in guards.missing(connection, tables) if tables >= hooks.needed_tables else []:
            errors.append(
                Error(
                    f"The database guard {name} is missing.",
                    hint="Run: manage.py migrate --skip-checks",
                    id="clinic.E001",
                )
            )
    return errors


def _named(kind: str, model: type[models.Model], path: str) -> hooks.Named:
    manager = model._default_manager

    def find(slug: str) -> int | None:
        found = manager.filter(slug=slug).values_list("pk", flat=True).first()
        return found or redirects.past_holder(kind, slug)

    def all_urls() -> dict[int, str]:
        rows = manager.filter(is_public=True).values_list("pk", "slug")
        return {pk: redirects.path_of(kind, slug) for pk, slug in rows}

    def urls(ids: Iterable[int], at: datetime) -> dict[int, str]:
        known = page_context.once(f"urls of {kind}", all_urls)
        return {pk: known[pk] for pk in ids if pk in known}

    return hooks.Named(kind, find, urls, path)


def _menu(at: datetime) -> list[hooks.MenuEntry]:
    return [
        hooks.MenuEntry(30, _("Practitioners"), reverse("practitioners")),
        hooks.MenuEntry(40, _("Services"), reverse("services")),
        *_contact_entry(at),
    ]


def _contact_entry(at: datetime) -> Iterable[hooks.MenuEntry]:
    """Contact, and below it the locations in their order; not where staff wrote a page for it."""
    if hooks.published.page_edition("contact", at) is None:
        places = page_context.current(at).locations
        below = tuple(
            hooks.MenuEntry(number, place.name, place.get_absolute_url())
            for number, place in enumerate(places)
        )
        yield hooks.MenuEntry(60, _("Contact"), reverse("contact"), below if below[1:] else ())


def _sitemap(at: datetime) -> Iterable[hooks.SitemapEntry]:
    for name in ("home", "practitioners", "services"):
        yield hooks.SitemapEntry(reverse(name))
    if hooks.published.page_edition("contact", at) is None:
        yield hooks.SitemapEntry(reverse("contact"))
    for person in Practitioner.objects.filter(is_public=True).select_related("photo"):
        images = (person.photo.file.url,) if person.photo else ()
        yield hooks.SitemapEntry(person.get_absolute_url(), images=images)
    for model in (Service, Location):
        for thing in model.objects.filter(is_public=True):
            yield hooks.SitemapEntry(thing.get_absolute_url())


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
        change = opening_hours.next_change(
            location.weekly_hours(), location.closed_days(closures), zone, at
        )
        if change:
            changes.append(change)
    midnight = datetime.combine(timezone.localdate(at, zone) + timedelta(days=1), time(), zone)
    return min([*changes, midnight])
