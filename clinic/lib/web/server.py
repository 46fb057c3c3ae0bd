"""gunicorn as this site runs it: its settings, and logs without private links."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote
from wsgiref.types import WSGIApplication

from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger

from clinic.lib.json_log import JSONFormatter
from clinic.lib.web.deadlines import DeadlineWorker
from clinic.lib.web.link_masking import MaskPrivateLinks, mask

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
        as_json: bool = False,
    ) -> None:
        self.given = application, port, workers, has_access_log, as_json
        super().__init__()

    def load_config(self) -> None:
        _, port, workers, has_access_log, as_json = self.given
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
            "logger_class": JSONLogger if as_json else DiscreetLogger,
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
            self.write(
                environ.get("REQUEST_METHOD"),
                quote(environ.get("PATH_INFO", ""), safe=PLAIN_IN_A_PATH, encoding="latin-1"),
                str(resp.status).split(None, 1)[0],
                resp.sent,
                int(request_time.total_seconds() * 1000),
            )

    def write(self, method: str, path: str, status: str, sent: int, ms: int) -> None:
        """Write what is told of a request as a line of text."""
        said = self.now(), method, path, status, sent, ms
        self.access_log.info('%s "%s %s" %s %s %d ms', *said)


class JSONLogger(DiscreetLogger):
    """The same, each line a JSON object with its parts beside the message."""

    def setup(self, cfg: Any) -> None:
        """Make the handlers, which mask and write JSON."""
        super().setup(cfg)
        for handler in [*self.error_log.handlers, *self.access_log.handlers]:
            handler.setFormatter(JSONFormatter())

    def write(self, method: str, path: str, status: str, sent: int, ms: int) -> None:
        """Write what is told of a request as an object."""
        path = mask(path)
        fields = {"method": method, "path": path, "status": int(status), "bytes": sent, "ms": ms}
        self.access_log.info("%s %s %s", method, path, status, extra={"fields": fields})
