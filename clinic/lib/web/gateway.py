"""WSGI middleware before everything else: takes a request only whole, and only at its own path.

A server may fill the environment from request headers: `SCRIPT_NAME` moves the site under another
path, `REMOTE_USER` names a person. This site is at the root of its host and identifies users by
its own sessions alone, so neither reaches it, whatever the server is configured to trust. No page
has other methods than GET, HEAD and POST.

The body is read before the application starts. A sender that stalls therefore holds no database
connection, and a body that was cut off is never taken for a complete form.
"""

from collections.abc import Iterable
from tempfile import SpooledTemporaryFile
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from django.utils.http import parse_header_parameters

METHODS = ("GET", "HEAD", "POST")  # a view that names none would take any other for GET
LARGEST_BODY = 13 * 1024 * 1024  # bytes; pictures of up to 12 MB, as in deploy/nginx.conf
UTF_8 = {"utf-8", "utf8"}  # nothing narrower: Django decodes the query by it, too
KEPT_IN_MEMORY = 256 * 1024  # bytes; longer bodies go to a temporary file
PIECE = 64 * 1024  # bytes

# The user and the site's address, as a server may state them. Django derives the script name
# from SCRIPT_URL and REDIRECT_URL, too.
FOREIGN = {
    *("REMOTE_USER", "REMOTE_IDENT", "AUTH_TYPE", "PATH_TRANSLATED"),
    *("SCRIPT_URL", "SCRIPT_URI", "REDIRECT_URL", "REDIRECT_REMOTE_USER"),
}


class Gateway:
    """WSGI middleware; answers 400, 405, 408, 413 or 415 itself where a request may not go on."""

    def __init__(self, app: WSGIApplication) -> None:
        self.app = app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] not in METHODS:
            allow = ("Allow", ", ".join(METHODS))
            return _refuse("405 Method Not Allowed", start_response, allow)
        if environ.get("SCRIPT_NAME"):
            return _refuse("400 Bad Request", start_response)
        if not is_readable(environ.get("CONTENT_TYPE", "")):
            return _refuse("415 Unsupported Media Type", start_response)
        environ = {name: value for name, value in environ.items() if name not in FOREIGN}
        environ["SCRIPT_NAME"] = ""
        try:
            length = int(environ.get("CONTENT_LENGTH") or 0)
        except ValueError:
            return _refuse("400 Bad Request", start_response)
        if length <= 0:
            return self.app(environ, start_response)
        if length > LARGEST_BODY:
            return _refuse("413 Content Too Large", start_response)
        with SpooledTemporaryFile(KEPT_IN_MEMORY) as body:
            if not _read(environ, length, body):
                return _refuse("408 Request Timeout", start_response)
            body.seek(0)
            environ["wsgi.input"] = body
            return self.app(environ, start_response)


def _read(environ: WSGIEnvironment, length: int, body: SpooledTemporaryFile[bytes]) -> bool:
    """Read the body into the file; False if the sender stopped before its end."""
    while length:
        try:
            piece = environ["wsgi.input"].read(min(length, PIECE))
        except OSError:  # a time limit, a connection that was reset
            return False
        if not piece:
            return False
        body.write(piece)
        length -= len(piece)
    return True


def is_readable(content_type: str) -> bool:
    """Whether this Content-Type says nothing, or UTF-8, about the encoding of what is sent.

    Our pages are UTF-8, and browsers send forms in the encoding of the page. Another one would
    change what was typed, and many of Python's (rot13, idna, punycode) decode no text at all.
    """
    try:
        charset = parse_header_parameters(content_type)[1].get("charset", "utf-8")
    except (LookupError, ValueError):  # the header itself is in a made-up encoding
        return False
    return charset.lower() in UTF_8


def _refuse(status: str, start_response: StartResponse, *more: tuple[str, str]) -> Iterable[bytes]:
    body = f"{status}\n".encode()
    headers = [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(body)))]
    headers += [("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff")]
    start_response(status, [*headers, *more])
    return [body]
