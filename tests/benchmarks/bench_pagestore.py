"""What the page store saves, as ratios of CPU time: `make bench`.

Absolute times tell of the machine, ratios of the code: a stored page next to a bare WSGI app (what
the server must cost anyway) and next to Django (what it would cost without the store).
"""

import os
import tempfile
import time
from collections.abc import Callable
from wsgiref.util import setup_testing_defaults

PAGE = ("<p>Exercise helps most people with back pain, whatever its cause.</p>\n" * 460).encode()
ROUNDS, REPEAT = 2_000, 5
BROWSER = {
    "HTTP_HOST": "127.0.0.1",
    "HTTP_ACCEPT_ENCODING": "gzip, deflate, br, zstd",
    "HTTP_USER_AGENT": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "HTTP_SEC_FETCH_DEST": "document",
}
HEADERS = [("Content-Type", "text/html"), ("Content-Length", str(len(PAGE))), ("X-Store", "")]


def bare(environ, start_response):
    start_response("200 OK", HEADERS)
    return [PAGE]


def counted(environ, start_response):
    start_response("200 OK", [*HEADERS, ("X-Count", "view /articles/back-pain/")])
    return [PAGE]


def django_app():
    """Django with the middleware of this project and a view that answers the same page."""
    from django.conf import settings
    from django.core.wsgi import get_wsgi_application
    from django.http import HttpResponse
    from django.urls import path

    app = get_wsgi_application()
    urls = [path("", lambda request: HttpResponse(PAGE))]
    settings.ROOT_URLCONF = type("urls", (), {"urlpatterns": urls})
    return app


def request_of(app, **headers) -> Callable[[], None]:
    def request():
        environ = {**BROWSER, **headers}
        setup_testing_defaults(environ)
        body = app(environ, lambda status, headers, exc_info=None: None)
        for _ in body:
            pass
        if hasattr(body, "close"):
            body.close()

    return request


def microseconds(request: Callable[[], None], rounds: int = ROUNDS, repeat: int = REPEAT) -> float:
    """CPU time of one request: the best of several runs, so that a busy machine matters less."""
    request()
    best = float("inf")
    for _ in range(repeat):
        start = time.process_time()
        for _ in range(rounds):
            request()
        best = min(best, time.process_time() - start)
    return best / rounds * 1e6


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="clinic-bench-") as data_dir:
        os.environ["DATA_DIR"] = data_dir
        os.environ["DJANGO_SETTINGS_MODULE"] = "clinic.settings"
        compare()


def compare() -> None:
    """Time each case and print the ratios."""

    from whitenoise import WhiteNoise

    from clinic.lib.web.media import Media
    from clinic.lib.web.pagestore import PageStore

    store = PageStore(bare, version=lambda: "1", allowed_hosts=["127.0.0.1"])
    whole = WhiteNoise(Media(store, prefix="/media/", open_file=open))
    answers: dict[str, bytes] = {}

    def remember(status, headers, exc_info=None):
        answers["etag"] = dict(headers)["ETag"]

    environ = dict(BROWSER)
    setup_testing_defaults(environ)
    store(environ, remember)

    cases = {
        "bare WSGI app": request_of(bare),
        "stored page": request_of(store),
        "stored page, behind static and media": request_of(whole),
        "stored page, not changed (304)": request_of(whole, HTTP_IF_NONE_MATCH=answers["etag"]),
        "Django, view without a query": request_of(django_app()),
    }
    times = {name: microseconds(request) for name, request in cases.items()}
    floor = times["bare WSGI app"]
    for name, taken in times.items():
        print(f"{name:40} {taken:8.1f} µs  {taken / floor:6.1f} × bare")
    saved = times["Django, view without a query"] / times["stored page, behind static and media"]
    print(f"A stored page costs a {saved:.0f}th of the smallest page of Django.")
    print(f"Counted, it is answered at {speed_counted():.3f} of the speed of one that is not.")


def speed_counted() -> float:
    """The speed of a stored page that is counted, next to one that is not, both as visitors reach
    them. Timed in turns, so that a busy machine slows both."""
    from whitenoise import WhiteNoise

    from clinic.lib.web.counting import Tally
    from clinic.lib.web.gateway import Gateway
    from clinic.lib.web.media import Media
    from clinic.lib.web.pagestore import PageStore

    def site(page, **options):
        store = PageStore(page, version=lambda: "1", allowed_hosts=["127.0.0.1"], **options)
        return Gateway(WhiteNoise(Media(store, prefix="/media/", open_file=open)))

    tally = Tally(lambda numbers, since: None)
    requests = [request_of(site(bare)), request_of(site(counted, count=tally.see))]
    best = [float("inf")] * 2
    for _ in range(60 * REPEAT):
        for which, request in enumerate(requests):
            best[which] = min(best[which], microseconds(request, rounds=200, repeat=1))
    return best[0] / best[1]


if __name__ == "__main__":
    main()
