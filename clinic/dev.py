"""What `make dev` adds: media files without the page store, and a bar of queries and time."""

import time
from collections.abc import Callable

from django.conf import settings
from django.core.files.storage import default_storage
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.templatetags.static import static
from django.utils.html import format_html

from clinic.lib.web.media import Media


class QueryBar:
    """Write below each page how many queries it took, how many of them repeat another, and how
    long both took. Needs DEBUG, which makes Django keep the queries."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        begun = time.perf_counter()
        response = self.get_response(request)
        is_page = response.headers.get("Content-Type", "").startswith("text/html")
        if not is_page or response.streaming:
            return response
        spent = (time.perf_counter() - begun) * 1000
        queries = connection.queries
        bar = format_html(
            '<link rel="stylesheet" href="{}"><p class="query-bar">{} queries, {} repeated, '
            "{} ms in the database, {} ms in all</p>",
            static("css/dev.css"),
            len(queries),
            len(queries) - len({query["sql"] for query in queries}),
            round(sum(float(query["time"]) for query in queries) * 1000),
            round(spent),
        )
        head, end, tail = response.content.rpartition(b"</body>")
        response.content = head + bar.encode() + end + tail if end else response.content
        return response


# What Django's development server runs: every page is made anew. Last, since it loads the bar.
application = Media(
    get_wsgi_application(), prefix=settings.MEDIA_URL, open_file=default_storage.open
)
