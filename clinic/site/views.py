"""Public pages of the clinic itself, and what search engines ask for."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.html import escape, format_html, format_html_join
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from clinic import hooks
from clinic.lib.web.counting import count_as
from clinic.lib.web.pagestore import declare
from clinic.models import DailyCount, Location, Practitioner, WayToStart
from clinic.site import (
    markdown_text,
    not_found_log,
    page_context,
    redirects,
    refilled_forms,
    structured_data,
    triage,
)
from clinic.site.structured_data import Share

URLS_PER_SITEMAP = 40_000
SECURITY_TXT_LASTS = timedelta(days=180)  # RFC 9116, 2.5.5: less than a year
LONGEST_QUERY = 200  # characters of what was searched for


def public(
    request: HttpRequest, template: str, context: dict[str, Any], *names: str, status: int = 200
) -> HttpResponse:
    """A page for everybody: kept by the page store until something public changes. `names` are
    the query names that make a difference.

    A page that was opened from the search knows by `q` what was searched for, and links back.
    """
    if status == 200 and "q" not in names:
        context["searched"] = request.GET.get("q", "").replace("\0", "").strip()[:LONGEST_QUERY]
        names = (*names, "q")
    response = render(request, template, context, status=status)
    if status == 200:
        count_as(response, DailyCount.What.VIEW, request.path)
    return declare(response, *names, until=page_context.current().until)


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    framed = page_context.current()
    past = redirects.numbered(request.path, request.GET)
    if past and (there := redirects.where_now(past, timezone.now())):
        return declare(HttpResponsePermanentRedirect(there), until=framed.until)
    context = {
        "practitioners": [person for person in _people() if person.takes_bookings],
        "services": page_context.services(),
        "ways": page_context.once("ways", lambda: tuple(WayToStart.objects.all())),
        "share": Share(framed.clinic.full_name, framed.clinic.lead),
        "structured_data": structured_data.graph(
            structured_data.of_clinic(framed.clinic, framed.locations, on=timezone.localdate())
        ),
    }
    return public(request, "clinic/home.html", context, *redirects.FORMER_NAMES)


@require_safe
def practitioner_list(request: HttpRequest) -> HttpResponse:
    return public(request, "clinic/practitioners.html", {"practitioners": _people()})


@require_safe
def practitioner(request: HttpRequest, slug: str) -> HttpResponse:
    found = next((person for person in _people() if person.slug == slug), None)
    if found is None:
        raise Http404
    credentials = found.credentials.valid(timezone.localdate())
    works_at = found.locations.filter(is_public=True)
    context = {
        "practitioner": found,
        "biography": markdown_text.render(found.biography, timezone.now()),
        "credentials": credentials,
        "services": found.services.filter(is_public=True),
        "works_at": works_at,
        "structured_data": structured_data.graph(
            structured_data.of_practitioner(found, credentials, works_at)
        ),
        "share": Share(found.name, found.summary or found.role, found.photo, kind="profile"),
    }
    return public(request, "clinic/practitioner.html", context)


@require_safe
def service_list(request: HttpRequest) -> HttpResponse:
    return public(request, "clinic/services.html", {"services": page_context.services()})


@require_safe
def service(request: HttpRequest, slug: str) -> HttpResponse:
    found = next((one for one in page_context.services() if one.slug == slug), None)
    if found is None:
        raise Http404
    context = {
        "service": found,
        "description": markdown_text.render(found.description, timezone.now()),
        "practitioners": [person for person in _people() if found in person.services.all()],
        "offered_at": [place for place in found.locations.all() if place.is_public],
        "red_flags": triage.by_level(triage.of_service(found)),
        "structured_data": structured_data.graph(structured_data.of_service(found)),
        "share": Share(found.name, found.summary),
    }
    return public(request, "clinic/service.html", context)


@require_safe
def location(request: HttpRequest, slug: str) -> HttpResponse:
    framed = page_context.current()
    found: Location | None = next((x for x in framed.locations if x.slug == slug), None)
    if found is None:
        raise Http404
    context = {
        "location": found,
        **_place(found, timezone.now()),
        "practitioners": [person for person in _people() if found in person.locations.all()],
        "services": found.services.filter(is_public=True),
        "share": Share(found.name, f"{found.street}, {found.city}"),
        "structured_data": structured_data.graph(
            structured_data.of_location(found, framed.clinic, on=timezone.localdate())
        ),
    }
    return public(request, "clinic/location.html", context)


@require_safe
def contact(request: HttpRequest) -> HttpResponse:
    """Every way to reach the clinic, made of what is known of its locations. A page that staff
    wrote under this address keeps it, and one that has moved on from here is still found."""
    at = timezone.now()
    if hooks.published.page and hooks.published.page_edition("contact", at):
        return hooks.published.page(request, "contact")
    if redirects.where_now(request.path, at):
        raise Http404  # which leads there
    framed = page_context.current()
    people = _people()
    context = {
        "places": [
            {"location": place, **_place(place, at), "languages": _spoken(place, people)}
            for place in framed.locations
        ],
        "share": Share(_("Contact"), _("Phone numbers, opening hours, and how to get here.")),
        "structured_data": structured_data.graph(
            structured_data.of_clinic(framed.clinic, framed.locations, on=timezone.localdate())
        ),
    }
    return public(request, "clinic/contact.html", context)


def _place(location: Location, at: datetime) -> dict[str, Any]:
    """What pages say of a location beside its own fields: closures that are not over, and its
    texts."""
    today = timezone.localdate(at, page_context.current().clinic.zone)
    closures = location.closures_of(page_context.closures())
    return {
        "closures": [closure for closure in closures if closure.ends_on >= today],
        "directions": markdown_text.render(location.directions, at),
        "accessibility": markdown_text.render(location.accessibility, at),
    }


def _spoken(location: Location, people: Iterable[Practitioner]) -> list[str]:
    """The languages that people who work at a location speak, each once."""
    there = [person for person in people if location in person.locations.all()]
    return list(dict.fromkeys(word for person in there for word in person.spoken))


def _people() -> list[Practitioner]:
    """The public practitioners, in their order."""
    return [person for person in page_context.practitioners().values() if person.is_public]


@require_safe
def sitemap(request: HttpRequest) -> HttpResponse:
    """One urlset up to 40,000 addresses, an index of several beyond (sitemaps.org protocol)."""
    at = timezone.now()
    entries = [entry for source in hooks.sitemaps for entry in source(at)]
    number, body = request.GET.get("part", ""), ""
    if number and not (number.isascii() and number.isdigit() and 0 < int(number[:9]) < 10**6):
        raise Http404
    if not number and len(entries) > URLS_PER_SITEMAP:
        parts = range(1, -(-len(entries) // URLS_PER_SITEMAP) + 1)
        body = format_html(
            '<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{}</sitemapindex>',
            format_html_join(
                "",
                "<sitemap><loc>{}/sitemap.xml?part={}</loc></sitemap>",
                ((settings.SITE_URL, part) for part in parts),
            ),
        )
    else:
        first = (int(number) - 1) * URLS_PER_SITEMAP if number.isdecimal() else 0
        chosen = entries[max(first, 0) : max(first, 0) + URLS_PER_SITEMAP]
        if not chosen:
            raise Http404
        body = _urlset(hooks.SitemapEntry(*entry) for entry in chosen)
    content = f'<?xml version="1.0" encoding="utf-8"?>\n{body}'
    response = HttpResponse(content, content_type="application/xml")
    return declare(response, "part", until=page_context.current().until)


def _urlset(entries: Iterable[hooks.SitemapEntry]) -> str:
    """All in one piece: `format_html` for each part of each entry took most of the time."""
    lines = [
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
        ' xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">'
    ]
    for entry in entries:
        lines.append(f"<url><loc>{escape(settings.SITE_URL + entry.path)}</loc>")
        if entry.changed:
            lines.append(f"<lastmod>{entry.changed.date().isoformat()}</lastmod>")
        for url in entry.images:
            address = escape(structured_data.absolute(url))
            lines.append(f"<image:image><image:loc>{address}</image:loc></image:image>")
        lines.append("</url>")
    return "".join([*lines, "</urlset>"])


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """What crawlers may read (RFC 9309)."""
    private = [path for private in hooks.private_paths for path in private.disallowed]
    lines = [
        "User-agent: *",
        *(f"Disallow: {path}" for path in sorted([*private, "/search/"])),
        f"Sitemap: {settings.SITE_URL}/sitemap.xml",
        "",
    ]
    return declare(HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8"))


@require_safe
def security_txt(request: HttpRequest) -> HttpResponse:
    """Whom to tell about a weakness (RFC 9116). Raises Http404 if the clinic shows no email
    address."""
    email, at = page_context.current().clinic.email, timezone.now()
    if not email:
        raise Http404
    expires = (at + SECURITY_TXT_LASTS).astimezone(UTC)
    lines = [
        f"Contact: mailto:{quote(email, safe='@+')}",
        f"Expires: {expires:%Y-%m-%d}T00:00:00Z",
        "Preferred-Languages: en",
        f"Canonical: {settings.SITE_URL}{request.path}",
        "",
    ]
    response = HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")
    return declare(response, until=at + SECURITY_TXT_LASTS / 6)


@require_safe
def theme_css(request: HttpRequest, digest: str) -> HttpResponse:
    """The colours and typefaces that the clinic chose. The address changes with the content; an
    old one, still named by a page that is open somewhere, gets what is chosen now."""
    theme = page_context.current().clinic.theme
    response = HttpResponse(theme.css, content_type="text/css; charset=utf-8")
    kept = "public, max-age=31536000, immutable" if digest == theme.digest else "no-cache"
    response.headers["Cache-Control"] = kept
    return response


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """A past address leads on; anything else is 404."""
    forms = tuple(f"{private.path}/" for private in hooks.private_paths if private.has_forms)
    if request.method in ("GET", "HEAD") and not request.path.startswith(forms):
        at = timezone.now()
        past = redirects.numbered(request.path, request.GET)
        there = (past and redirects.where_now(past, at)) or redirects.where_now(request.path, at)
        if there and there != request.path:
            return declare(HttpResponsePermanentRedirect(there), until=page_context.current().until)
        if request.method == "GET":
            not_found_log.note(request.path, at)
        response = public(request, "404.html", {"noindex": True}, status=404)
        # Kept no longer than until the next visitor counts.
        until = [m for m in (page_context.current().until, at + not_found_log.ONCE_IN) if m]
        return declare(response, until=min(until))
    return render(request, "404.html", {"noindex": True}, status=404)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "403.html", {"noindex": True}, status=403)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form came without a good token: give it back filled where it came from our own pages.

    A view may fill in its own page (`refill`, called like the view); it changes nothing. Nothing
    that was typed is logged.
    """
    match = request.resolver_match
    refill = getattr(match.func, "refill", None) if match else None
    if match and refill and refilled_forms.is_from_here(request):
        return refill(request, *match.args, **match.kwargs)
    if again := refilled_forms.page(request):
        return again
    return render(request, "403_csrf.html", {"noindex": True}, status=403)
