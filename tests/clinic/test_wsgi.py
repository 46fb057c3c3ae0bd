"""The whole road of a visitor's request: static files, pictures, stored pages, Django."""

import importlib
from wsgiref.util import setup_testing_defaults

import pytest
from django.conf import settings as project_settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import DatabaseError

from clinic.site import content_version


@pytest.fixture
def wsgi(transactional_db):
    """The module as the server loads it, with an empty store and a clock that stands still."""
    project_settings.STATIC_ROOT.mkdir(exist_ok=True)
    (project_settings.STATIC_ROOT / "site.0123456789ab.css").write_text("p {}")
    (project_settings.STATIC_ROOT / "site.css").write_text("p {}")
    module = importlib.reload(importlib.import_module("clinic.wsgi"))
    module.ticks = 0.0
    module.pages._monotonic = lambda: module.ticks
    return module


@pytest.fixture
def get(wsgi):
    def get(path, **headers):
        environ = {"PATH_INFO": path, "HTTP_HOST": "127.0.0.1", **headers}
        setup_testing_defaults(environ)
        seen = {}

        def start_response(status, headers, exc_info=None):
            seen.update(status=int(status[:3]), headers=dict(headers))

        body = wsgi.application(environ, start_response)
        seen["body"] = b"".join(body)
        if hasattr(body, "close"):
            body.close()
        return seen

    return get


def test_a_stored_page_asks_the_database_nothing(get, django_assert_num_queries):
    first = get("/")
    assert first["status"] == 200
    assert first["headers"]["Cache-Control"] == "public, no-cache"
    with django_assert_num_queries(0):
        again = get("/")
    assert again["headers"].pop("Server-Timing") == "store;desc=hit"
    assert first["headers"].pop("Server-Timing") == "store;desc=miss"
    assert again == first


def test_after_a_second_one_query_tells_that_a_page_is_current(
    get, wsgi, django_assert_num_queries
):
    get("/")
    wsgi.ticks = 1.0
    with django_assert_num_queries(1):
        get("/")


def test_a_change_is_seen_within_a_second(get, wsgi, django_assert_num_queries):
    from clinic.models import Clinic

    get("/")
    Clinic.objects.update(name="Linden")
    content_version.raise_version()
    wsgi.ticks = 1.0
    assert b"Linden" in get("/")["body"]


def test_without_a_database_version_nothing_is_stored(wsgi, monkeypatch, caplog):
    def fail():
        raise DatabaseError("gone")

    monkeypatch.setattr("clinic.site.page_context.read_version", fail)
    assert wsgi.content_version() is None
    assert "could not be read: gone" in caplog.text


def test_a_host_that_is_not_ours_is_refused(get):
    assert get("/", HTTP_HOST="evil.example")["status"] == 400


def test_no_public_page_sets_a_cookie_or_speaks_of_the_store(get):
    for path in ("/", "/services/", "/nothing-here/"):
        headers = get(path)["headers"]
        assert not {"Set-Cookie", "X-Store", "X-Store-Until"} & set(headers)


def test_static_files_with_a_hash_are_for_ever(get):
    headers = get("/static/site.0123456789ab.css")["headers"]
    assert "immutable" in headers["Cache-Control"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "immutable" not in get("/static/site.css")["headers"]["Cache-Control"]


def test_a_new_picture_is_served(get):
    name = default_storage.save("pictures/knee-0123456789ab.webp", ContentFile(b"WEBP"))
    answer = get(f"/media/{name}")
    assert answer["status"] == 200
    assert answer["headers"]["Content-Type"] == "image/webp"
    default_storage.delete(name)
    assert get(f"/media/{name}")["status"] == 404


# What an answer says for safety, by its kind. Whatever the kind: `nosniff`.
PAGE = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; ",  # and so on
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), browsing-topics=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
FILE = {"Cross-Origin-Resource-Policy": "same-origin"}
# Feed readers and webmail show pictures on pages of their own.
PICTURE = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "cross-origin",
}
SAFETY = [
    ("/", 200, PAGE),
    ("/", 200, PAGE),  # from the store
    ("/nothing-here/", 404, PAGE),
    ("/nothing-here/", 404, PAGE),
    ("/book/", 200, PAGE),
    ("/admin/", 302, PAGE),
    ("/admin/login/", 200, PAGE),
    ("/healthz", 200, PAGE),
    ("/robots.txt", 200, PAGE),
    ("/.well-known/security.txt", 200, PAGE),
    ("/static/site.0123456789ab.css", 200, FILE),
    ("/media/pictures/ankle-0123456789ab.webp", 200, PICTURE),
    ("/media/pictures/nothing.webp", 404, PICTURE),
]


def test_every_kind_of_answer_says_what_browsers_may_do_with_it(get):
    from clinic.models import Clinic

    Clinic.objects.update(email="desk@larkspur.example")
    name = default_storage.save("pictures/ankle-0123456789ab.webp", ContentFile(b"WEBP"))
    wrong = []
    for path, status, expected in SAFETY:
        answer = get(path)
        headers = {"X-Content-Type-Options": "nosniff"} | expected
        found = {name: answer["headers"].get(name, "") for name in headers}
        right = [found[name].startswith(value) for name, value in headers.items()]
        if answer["status"] != status or not all(right):
            wrong.append((path, answer["status"], found))
    default_storage.delete(name)
    assert wrong == []
    odd = get("/", REQUEST_METHOD="TRACE"), get("/", HTTP_HOST="evil.example")
    assert [(each["status"], each["headers"]["X-Content-Type-Options"]) for each in odd] == [
        (405, "nosniff"),
        (400, "nosniff"),
    ]
