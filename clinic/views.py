"""Public pages of the clinic itself, and what search engines ask for."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.views.decorators.http import require_safe

from clinic import addresses, frame, missing, prose, registry, structured
from clinic.lib import search
from clinic.lib.pagestore import declare
from clinic.models import Location, Practitioner, SearchDocument, Service, WayToStart

RESULTS_PER_PAGE = 10
MOST_RESULTS = 100
URLS_PER_SITEMAP = 40_000


def public(
    request: HttpRequest, template: str, context: dict[str, Any], *names: str, status: int = 200
) -> HttpResponse:
    """A page for everybody: kept by the page store until something public changes. `names` are
    the query names that make a difference."""
    response = render(request, template, context, status=status)
    return declare(response, *names, until=frame.current().until)


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    framed = frame.current()
    past = addresses.numbered(request.path, request.GET)
    if past and (there := addresses.where_now(past, timezone.now())):
        return declare(HttpResponsePermanentRedirect(there), until=framed.until)
    context = {
        "practitioners": _people().filter(takes_bookings=True),
        "services": Service.objects.filter(is_public=True),
        "ways": frame.once("ways", lambda: tuple(WayToStart.objects.all())),
        "structured_data": structured.graph(structured.of_clinic(framed.clinic, framed.locations)),
    }
    return public(request, "clinic/home.html", context, *addresses.FORMER_NAMES)


@require_safe
def practitioner_list(request: HttpRequest) -> HttpResponse:
    return public(request, "clinic/practitioners.html", {"practitioners": _people()})


@require_safe
def practitioner(request: HttpRequest, slug: str) -> HttpResponse:
    found = get_object_or_404(_people(), slug=slug)
    today = timezone.localdate()
    context = {
        "practitioner": found,
        "biography": prose.render(found.biography, timezone.now()),
        "credentials": found.credentials.valid(today),
        "services": found.services.filter(is_public=True),
        "works_at": found.locations.filter(is_public=True),
        "structured_data": structured.graph(structured.of_practitioner(found)),
    }
    return public(request, "clinic/practitioner.html", context)


@require_safe
def service_list(request: HttpRequest) -> HttpResponse:
    return public(
        request, "clinic/services.html", {"services": Service.objects.filter(is_public=True)}
    )


@require_safe
def service(request: HttpRequest, slug: str) -> HttpResponse:
    found = get_object_or_404(Service, slug=slug, is_public=True)
    context = {
        "service": found,
        "description": prose.render(found.description, timezone.now()),
        "practitioners": _people().filter(services=found),
        "offered_at": found.locations.filter(is_public=True),
        "structured_data": structured.graph(structured.of_service(found)),
    }
    return public(request, "clinic/service.html", context)


@require_safe
def location(request: HttpRequest, slug: str) -> HttpResponse:
    framed = frame.current()
    found: Location | None = next((x for x in framed.locations if x.slug == slug), None)
    if found is None:
        raise Http404
    now = timezone.localtime(timezone=framed.clinic.zone)
    closures = [
        closure
        for closure in frame.closures()
        if closure.location_id in (None, found.pk) and closure.ends_on >= now.date()
    ]
    context = {
        "location": found,
        "closures": closures,
        "directions": prose.render(found.directions, now),
        "accessibility": prose.render(found.accessibility, now),
        "practitioners": _people().filter(locations=found),
        "services": found.services.filter(is_public=True),
        "structured_data": structured.graph(structured.of_location(found, framed.clinic)),
    }
    return public(request, "clinic/location.html", context)


def _people() -> Any:
    people = Practitioner.objects.filter(is_public=True).select_related("photo")
    return people.prefetch_related("locations")


@require_safe
def search_page(request: HttpRequest) -> HttpResponse:
    """Full text over everything public. The words are not kept or logged."""
    query = request.GET.get("q", "").replace("\0", "").strip()[:200]
    context: dict[str, Any] = {"query": query, "noindex": True, "page_obj": None}
    if query:
        results = _results(query, timezone.now())
        number = request.GET.get("page", "1")
        context["page_obj"] = Paginator(results, RESULTS_PER_PAGE).get_page(number)
    return public(request, "clinic/search.html", context, "q", "page")


def _results(query: str, at: datetime) -> list[dict[str, Any]]:
    """What was found and is public now, best first."""
    hits = search.find(SearchDocument, query, limit=MOST_RESULTS)
    found: dict[tuple[str, int], registry.SearchResult] = {}
    for kind, present in registry.search_sources.items():
        ids = [hit.object_id for hit in hits if hit.kind == kind]
        if ids:
            found |= {(kind, pk): result for pk, result in present(ids, at).items()}
    return [
        {
            "url": found[hit.kind, hit.object_id].url,
            "title": found[hit.kind, hit.object_id].title,
            "kind": found[hit.kind, hit.object_id].kind,
            "snippet": hit.snippet_html,
        }
        for hit in hits
        if (hit.kind, hit.object_id) in found
    ]


@require_safe
def sitemap(request: HttpRequest) -> HttpResponse:
    """One urlset up to 40,000 addresses, an index of several beyond (sitemaps.org protocol)."""
    at = timezone.now()
    entries = [entry for source in registry.sitemaps for entry in source(at)]
    number = request.GET.get("part", "")
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
        body = format_html(
            '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{}</urlset>',
            format_html_join(
                "",
                "<url><loc>{}{}</loc>{}</url>",
                (
                    (
                        settings.SITE_URL,
                        path,
                        format_html("<lastmod>{}</lastmod>", changed.date().isoformat())
                        if changed
                        else "",
                    )
                    for path, changed in chosen
                ),
            ),
        )
    content = f'<?xml version="1.0" encoding="utf-8"?>\n{body}'
    response = HttpResponse(content, content_type="application/xml")
    return declare(response, "part", until=frame.current().until)


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """What crawlers may read (RFC 9309)."""
    lines = [
        "User-agent: *",
        "Disallow: /admin/",
        "Disallow: /book/r/",
        "Disallow: /book/?",
        "Disallow: /preview/",
        "Disallow: /search/",
        f"Sitemap: {settings.SITE_URL}/sitemap.xml",
        "",
    ]
    return declare(HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8"))


@require_safe
def theme_css(request: HttpRequest, digest: str) -> HttpResponse:
    """The colours and typefaces that the clinic chose. The address changes with the content; an
    old one, still named by a page that somebody has open, gets what is chosen now."""
    theme = frame.current().clinic.theme
    response = HttpResponse(theme.css, content_type="text/css; charset=utf-8")
    kept = "public, max-age=31536000, immutable" if digest == theme.digest else "no-cache"
    response.headers["Cache-Control"] = kept
    return response


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """A past address leads on; anything else is 404."""
    if request.method in ("GET", "HEAD") and not request.path.startswith(("/admin/", "/book/")):
        at = timezone.now()
        past = addresses.numbered(request.path, request.GET)
        there = (past and addresses.where_now(past, at)) or addresses.where_now(request.path, at)
        if there and there != request.path:
            return declare(HttpResponsePermanentRedirect(there), until=frame.current().until)
        if request.method == "GET":
            missing.note(request.path, at)
        response = public(request, "404.html", {"noindex": True}, status=404)
        # Kept no longer than until the next visitor counts.
        until = [m for m in (frame.current().until, at + missing.ONCE_IN) if m]
        return declare(response, until=min(until))
    return render(request, "404.html", {"noindex": True}, status=404)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "403.html", {"noindex": True}, status=403)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form came back without its cookie: say how to send it again. Nothing typed is logged."""
    return render(request, "403_csrf.html", {"noindex": True}, status=403)
