"""An app behind a page store, as visitors ask it: for the tests of the store."""

import gzip
from wsgiref.util import setup_testing_defaults

import brotli

from clinic.lib.web.pagestore import PageStore

PAGE = b"<p>Needling the deep muscles of the back.</p>" * 20


class Site:
    """An app that counts its calls, a store in front of it, and hands on both clocks."""

    def __init__(self, **options):
        self.calls = []
        self.headers = {"X-Store": "", "Content-Type": "text/html; charset=utf-8"}
        self.status = "200 OK"
        self.body = PAGE
        self.closed = 0
        self.version = "1"
        self.reads = 0
        self.now = 1_000.0
        self.ticks = 0.0
        self.store = PageStore(
            self.app,
            version=self.read_version,
            allowed_hosts=["127.0.0.1", ".clinic.example"],
            clock=lambda: self.now,
            monotonic=lambda: self.ticks,
            **options,
        )

    def read_version(self):
        self.reads += 1
        return self.version

    def app(self, environ, start_response):
        self.calls.append(environ["REQUEST_METHOD"])
        headers = {"Content-Length": str(len(self.body)), **self.headers}
        start_response(self.status, [(n, v) for n, v in headers.items() if v is not None])
        return Body(self, [self.body[:5], self.body[5:]])

    def get(self, path="/", query="", method="GET", host="127.0.0.1", **environ):
        environ = {
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "REQUEST_METHOD": method,
            "HTTP_HOST": host,
            **environ,
        }
        setup_testing_defaults(environ)
        answer = Answer()
        body = self.store(environ, answer.start)
        answer.body = b"".join(body)
        if hasattr(body, "close"):
            body.close()
        return answer


class Body(list):
    def __init__(self, site, chunks):
        super().__init__(chunks)
        self.site = site

    def close(self):
        self.site.closed += 1


class Answer:
    def start(self, status, headers, exc_info=None):
        self.status = int(status[:3])
        self.headers = dict(headers)
        assert len(self.headers) == len(headers), "a header twice"

    @property
    def text(self):
        encoding = self.headers.get("Content-Encoding", "identity")
        unpack = {"br": brotli.decompress, "gzip": gzip.decompress, "identity": bytes}
        return unpack[encoding](self.body)
