"""gunicorn as this site runs it: its settings, and logs without private links."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote
from wsgiref.types import WSGIApplication

from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger

from clinic.lib.web.deadlines import DeadlineWorker
from clinic.lib.web.link_masking import MaskPrivateLinks

PLAIN_IN_A_PATH = "/:@!$()*+,;=~"


class Server(BaseApplication):
    """gunicorn on 127.0.0.1: no configuration file, no command line of its own. `application` is
    called in each process."""

    def __init__(
        self,
        application: Callable[[], WSGIApplication],
        *,
        port: int,
        workers: int,
        has_access_log: bool = True,
    ) -> None:
        self.given = application, port, workers, has_access_log
        super().__init__()

    def load_config(self) -> None:
        _, port, workers, has_access_log = self.given
        for name, value in {
            "bind": f"127.0.0.1:{port}",
            "worker_class": DeadlineWorker,
            "workers": workers,
            "threads": 8,
            "keepalive": 15,
            "graceful_timeout": 20,
            "http_parser": "python",
            # No header of a request names the user or the site's address. Django alone
            # believes the proxy, and only two headers: SECURE_PROXY_SSL_HEADER and the sender.
            "forwarded_allow_ips": "",
            "forwarder_headers": "",
            "secure_scheme_headers": {},
            "header_map": "drop",
            "control_socket_disable": True,
            "logger_class": DiscreetLogger,
            "accesslog": "-" if has_access_log else None,
            # Below it, gunicorn writes the addresses of clients that send nonsense.
            "loglevel": "error",
        }.items():
            self.cfg.set(name, value)

    def load(self) -> WSGIApplication:
        return self.given[0]()


class DiscreetLogger(Logger):
    """gunicorn's logs without private links; the access log has no query, address, or referrer."""

    def setup(self, cfg: Any) -> None:
        """Make the handlers, and mask what they write."""
        super().setup(cfg)
        for handler in [*self.error_log.handlers, *self.access_log.handlers]:
            handler.addFilter(MaskPrivateLinks())

    def access(self, resp: Any, req: Any, environ: Any, request_time: Any) -> None:
        """Write the line of a request: moment, method, path, status, bytes and milliseconds.

        The path is percent-encoded again: one request is one line, and no space or quote ends a
        private link before its token. gunicorn's own format would first collect some forty values,
        which costs as much as a stored page.
        """
        if self.access_log_enabled:
            path = quote(environ.get("PATH_INFO", ""), safe=PLAIN_IN_A_PATH, encoding="latin-1")
            self.access_log.info(
                '%s "%s %s" %s %s %d ms',
                self.now(),
                environ.get("REQUEST_METHOD"),
                path,
                str(resp.status).split(None, 1)[0],
                resp.sent,
                request_time.total_seconds() * 1000,
            )
