"""Every address of the site, read from its table of contents: what its answers hold.

Whom it answers: tests/test_access.py.
"""

import re
from collections.abc import Iterator
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.test import Client
from django.urls import URLResolver, get_resolver, resolve
from django.utils import timezone

from articles.editor.previews import share_token
from bookings.calendars import feed
from bookings.models import CalendarFeed
from bookings.patient import private_links
from clinic.models import Service
from tests.whole_site import WholeSite, build

MODEL_BACKEND = "django.contrib.auth.backends.ModelBackend"
# Opened by a secret in their address: never kept, never indexed.
BY_LINK = {"bookings:feed", "bookings:request", "bookings:visit", "shared_preview"}
FORMS = {"articles:feedback", "bookings:book", "bookings:request"}
FOR_WATCHERS = {"healthz", "readyz"}
NOT_KEPT = {"suggestions"}  # of each the words of one visitor, typed half
LEADS_TO_THE_DESK = "styleguide"
# Asked for by whoever cannot sign in.
FOR_ANYBODY = {
    "admin:login",
    "admin:logout",
    "admin:password_reset",
    "admin:password_reset_done",
    "admin:password_reset_confirm",
    "admin:password_reset_complete",
}
# What staff who may do nothing may still do: see an empty desk, look after their own account.
OWN_ACCOUNT = FOR_ANYBODY | {
    "admin:index",
    "admin:password_change",
    "admin:password_change_done",
    "admin:jsi18n",
    "admin:help",
    "admin:search",
    "admin:second_factor",
    "admin:second_factor_code",
    "admin:second_factor_set_up",
    "admin:sessions",
}


def routes() -> dict[str, str]:
    """The route of every address by its name with namespace; the nameless by their route."""

    def walk(patterns: Any, before: str, namespace: str) -> Iterator[tuple[str, str]]:
        for pattern in patterns:
            route = before + str(pattern.pattern)
            if isinstance(pattern, URLResolver):
                inner = f"{pattern.namespace}:" if pattern.namespace else namespace
                yield from walk(pattern.url_patterns, route, inner)
            else:
                yield (namespace + pattern.name if pattern.name else route), route

    return dict(walk(get_resolver().url_patterns, "", ""))


ROUTES = routes()
STAFF = {name for name, route in ROUTES.items() if route.startswith("admin/")}
STYLE = "theme"  # no page, kept by browsers for good: tests/clinic/site/test_theme.py
PUBLIC = set(ROUTES) - STAFF - {LEADS_TO_THE_DESK, STYLE}
PAGES = PUBLIC - BY_LINK - FORMS - FOR_WATCHERS
PLACE = re.compile(r"<(?:\w+:)?(\w+)>|\(\?P<(\w+)>[^)]*\)")


@pytest.fixture
def site(db: None) -> WholeSite:
    """The whole site, with a visit booked."""
    at = timezone.now()
    whole = build(at)
    whole.enquiry.offers.create(
        practitioner=whole.author,
        location=whole.location,
        starts_at=at + timedelta(days=1),
        ends_at=at + timedelta(days=1, minutes=45),
        held_until=at,
        created_at=at,
        state="accepted",
    )
    return whole


def address(name: str, site: WholeSite) -> str:
    """A path that leads to this address, with what exists in place of its converters.

    An address with a converter that is not known here fails: say what stands for it.
    """
    route = ROUTES[name]
    slugs = {
        "page": site.page,
        "practitioner": site.author,
        "service": site.service,
        "location": site.location,
        "articles:topic": site.topic,
        "articles:topic_feed": site.topic,
        "articles:article": site.edition,
        "articles:feedback": site.edition,
        "articles:sources_file": site.edition,
    }
    values = {
        "key": "chys2023",
        "digest": site.clinic.theme.digest,
        "ending": "bib",
        "upload_id": 1,
        "import_id": 1,
        "line": 1,
        "article_id": site.article.pk,
        "edition_id": site.edition.pk,
        "invitation_id": 1,
        "number": 1,
        "app_label": "clinic",
        "url": "nothing",
        "content_type_id": ContentType.objects.get_for_model(site.service).pk,
        "id": 1,
        "object_id": pk_of_first(route) if "object_id" in route else None,
        "uidb64": "MQ",
        "user_id": pk_of_first(route) if "user_id" in route else None,
        "image_id": pk_of_first(route) if "image_id" in route else None,
        "token": token_of(name, site) if "token" in route else None,
        "slug": slugs[name].slug if name in slugs else None,
    }
    filled = PLACE.sub(lambda match: str(values[match[1] or match[2]]), route)
    return "/" + filled.replace("^", "").replace("$", "")


def token_of(name: str, site: WholeSite) -> str:
    match name:
        case "shared_preview":
            return share_token(site.article)
        case "bookings:feed":
            made = CalendarFeed.objects.get(practitioner=site.author)
            return feed.url(made).rpartition("/")[2].removesuffix(".ics")
    return private_links.path(site.enquiry).split("/")[3]


def pk_of_first(route: str) -> int:
    """Of the model of an admin's address, the key of a row that exists, if there is one."""
    labels = re.match(r"admin/(\w+)/(\w+)/", route)
    model = apps.get_model(labels[1], labels[2]) if labels else Service
    first = model._default_manager.first()
    return first.pk if first else 1


def test_every_address_is_found_and_leads_where_it_says(site: WholeSite):
    assert len(STAFF) > 100
    assert {"home", "articles:article", "bookings:book", "admin:articles_article_publish"} <= set(
        ROUTES
    )
    for name, route in ROUTES.items():
        # Django leaves the sign for the beginning out of a pattern within another one.
        assert resolve(address(name, site)).route == route.replace("/^", "/")


# -- the desk -------------------------------------------------------------------------------------


def test_staff_without_a_role_find_an_empty_desk(site: WholeSite, make_user: Any):
    client = Client()
    client.force_login(make_user(), MODEL_BACKEND)
    page = client.get("/admin/").content.decode()
    assert "Margaret Ellery" not in page
    assert 'href="/admin/articles/article/' not in page


def test_who_is_not_signed_in_leaves_without_an_error(client: Client, db: None):
    assert client.post("/admin/logout/").status_code == 302


def test_the_style_guide_is_on_the_desk(client: Client, db: None):
    assert client.get("/styleguide/")["Location"] == "/admin/styleguide/"


def test_no_view_of_the_markdown_package_can_be_reached(client: Client, db: None):
    def views(patterns: Any) -> Iterator[Any]:
        for pattern in patterns:
            if isinstance(pattern, URLResolver):
                yield from views(pattern.url_patterns)
            else:
                yield pattern.callback

    modules = {view.__module__ for view in views(get_resolver().url_patterns)}
    assert "articles.editor.views" in modules
    assert not [module for module in modules if module.startswith("markdownx")]
    for path in ("/markdownx/markdownify/", "/markdownx/upload/"):
        assert client.post(path).status_code == 404


# -- what visitors read ---------------------------------------------------------------------------


class Page(HTMLParser):
    """What a page holds that it may not, and what it loads."""

    LOADING = (("script", "src"), ("link", "href"), ("img", "src"), ("iframe", "src"))
    LOADING += (("source", "srcset"), ("img", "srcset"), ("use", "href"), ("object", "data"))

    def __init__(self, html: str) -> None:
        super().__init__()
        self.inline: list[str] = []
        self.loads: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = dict(attrs)
        is_script = tag == "script" and "src" not in names
        if tag == "style" or (is_script and names.get("type") != "application/ld+json"):
            self.inline.append(f"<{tag}>")
        self.inline += [f"{tag} {name}" for name in names if name == "style" or name[:2] == "on"]
        for name, value in names.items():
            if (value or "").strip().lower().startswith("javascript:"):
                self.inline.append(f"{tag} {name}")
            if (tag, name) in self.LOADING and value:
                self.loads.append(value)


def faults(answer: Any) -> list[str]:
    """What a public answer may not have."""
    found = []
    policy = answer.headers.get("Content-Security-Policy", "")
    if answer.headers["Content-Type"].startswith("text/html"):
        if "default-src 'none'" not in policy or "unsafe" in policy:
            found.append(f"policy: {policy}")
        if answer.headers.get("X-Content-Type-Options") != "nosniff":
            found.append("content type may be guessed")
        page = Page(answer.content.decode())
        found += page.inline
        found += [url for url in page.loads if urlsplit(url).netloc not in {"", "127.0.0.1:8000"}]
    return found


def test_public_pages_are_clean(site: WholeSite, client: Client):
    found = {}
    for name in PUBLIC:
        answer = client.get(address(name, site))
        assert answer.status_code == 200, name
        found[name] = faults(answer)
        shown_by = "cross-origin" if name == "articles:share_picture" else "same-origin"
        if answer.headers["Cross-Origin-Resource-Policy"] != shown_by:
            found[name].append(f"not for {shown_by}")
        if name not in FORMS and (answer.cookies or "Cookie" in answer.headers.get("Vary", "")):
            found[name].append("a cookie")
        client.cookies.clear()
    assert {name: faults for name, faults in found.items() if faults} == {}


def test_programs_may_ask_for_the_headers_alone(site: WholeSite, client: Client):
    for name in PUBLIC - FORMS:
        assert client.head(address(name, site)).status_code == 200, name


def test_only_pages_for_everybody_may_be_kept(site: WholeSite, client: Client):
    for name in PUBLIC:
        headers = client.get(address(name, site)).headers
        assert ("X-Store" in headers) == (name in PAGES - NOT_KEPT), name
        if name in BY_LINK | FORMS:
            assert {"private", "no-store"} & set(headers["Cache-Control"].split(", ")), name


def test_a_page_that_is_not_there_is_clean_too(site: WholeSite, client: Client):
    for path in ("/nothing/", "/articles/nothing/", "/articles/?page=9", "/evidence/x/", "/x.php"):
        answer = client.get(path)
        assert answer.status_code == 404
        assert faults(answer) == []
        assert not answer.cookies


def test_the_checks_of_this_test_find_what_they_look_for():
    page = Page('<style>p {}</style><script>1</script><p onclick="x" style="y">')
    assert page.inline == ["<style>", "<script>", "p onclick", "p style"]
    page = Page('<script type="application/ld+json">{}</script><img src="//evil.example/x">')
    assert (page.inline, page.loads) == ([], ["//evil.example/x"])
