"""Uploaded pictures over WSGI: types fixed by ending, for ever cacheable, never a page.

Names carry a hash of the content, so an address never changes its picture. Whatever a file really
holds, the response has an image type and tells the browser not to guess, run or load anything.
"""

import re
from collections.abc import Callable, Iterable
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment
from wsgiref.util import FileWrapper

from django.core.files import File

TYPES = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".webp": "image/webp",
    ".gif": "image/gif",
    ".avif": "image/avif",
}
# Every part begins with a letter or digit: no hidden file, no way up.
NAME = re.compile(r"(?:[A-Za-z0-9][A-Za-z0-9_.-]*/)*[A-Za-z0-9][A-Za-z0-9_.-]*(\.[a-z]+)")
PROTECTION = [
    ("X-Content-Type-Options", "nosniff"),
    ("Content-Security-Policy", "default-src 'none'; sandbox"),
    # Feed readers and webmail show pictures on pages of their own.
    ("Cross-Origin-Resource-Policy", "cross-origin"),
]


class Media:
    """WSGI middleware that answers all below `prefix` from `open_file(name)`.

    `open_file` gives a Django File open for reading bytes, or raises FileNotFoundError.
    """

    def __init__(
        self, app: WSGIApplication, *, prefix: str, open_file: Callable[[str], File]
    ) -> None:
        self.app = app
        self.prefix = prefix
        self.open_file = open_file

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if not path.startswith(self.prefix):
            return self.app(environ, start_response)
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            return _refuse("405 Method Not Allowed", start_response, ("Allow", "GET, HEAD"))
        match = NAME.fullmatch(path, len(self.prefix))
        if match is None or match[1] not in TYPES:
            return _refuse("404 Not Found", start_response)
        try:
            file = self.open_file(match[0])
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
            return _refuse("404 Not Found", start_response)
        start_response(
            "200 OK",
            [
                ("Content-Type", TYPES[match[1]]),
                ("Content-Length", str(file.size)),
                ("Cache-Control", "public, max-age=31536000, immutable"),
                *PROTECTION,
            ],
        )
        if environ["REQUEST_METHOD"] == "HEAD":
            file.close()
            return []
        return environ.get("wsgi.file_wrapper", FileWrapper)(file)


def _refuse(
    status: str, start_response: StartResponse, *headers: tuple[str, str]
) -> Iterable[bytes]:
    body = f"{status}\n".encode()
    start_response(
        status,
        [
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Content-Length", str(len(body))),
            *PROTECTION,
            *headers,
        ],
    )
    return [body]
