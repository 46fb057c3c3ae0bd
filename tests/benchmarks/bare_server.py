"""What the site's pages are measured beside, under the same gunicorn with the same settings.

`python -m tests.benchmarks.bare_server wsgi|django PORT [FILE]`: a bare WSGI callable that answers
the bytes of FILE, or Django with one view and nothing else.
"""

import sys
from pathlib import Path
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import path

from clinic.lib.web.server import Server

WORKERS = 2
urlpatterns = [path("", lambda request: view(request))]


def view(request: HttpRequest) -> HttpResponse:
    return HttpResponse("<p>Exercise helps most people with back pain.</p>")


def bare_wsgi() -> WSGIApplication:
    content = Path(sys.argv[3]).read_bytes()
    headers = [
        ("Content-Type", "text/html; charset=utf-8"),
        ("Content-Encoding", "br"),
        ("Content-Length", str(len(content))),
    ]

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        start_response("200 OK", headers)
        return [content]

    return answer


def bare_django() -> WSGIApplication:
    settings.configure(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["127.0.0.1"], MIDDLEWARE=[])
    django.setup()
    return get_wsgi_application()


if __name__ == "__main__":
    kinds = {"wsgi": bare_wsgi, "django": bare_django}
    Server(kinds[sys.argv[1]], port=int(sys.argv[2]), workers=WORKERS).run()
