"""`manage.py serve [--with-worker]`: gunicorn on 127.0.0.1, and the worker beside it if wanted."""

import socket
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit
from wsgiref.types import WSGIApplication

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, connections
from django.db.migrations.executor import MigrationExecutor
from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger

from clinic.lib.json_log import JSONFormatter
from clinic.lib.web.deadlines import DeadlineWorker
from clinic.lib.web.link_masking import MaskPrivateLinks, mask
from clinic.models import Clinic
from clinic.operations import installation_keys
from clinic.operations.supervisor import supervise

LOCAL_HOSTS = {"127.0.0.1", "localhost"}
PLAIN_IN_A_PATH = "/:@!$()*+,;=~"


class Command(BaseCommand):
    help = "Serves the website on 127.0.0.1:$PORT with gunicorn."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--with-worker",
            action="store_true",
            help="Also run the worker, restart it if it fails, and stop both together.",
        )

    def handle(self, *, with_worker: bool, **options: Any) -> None:
        problem = next(problems(), None)
        if problem:
            raise CommandError(problem, returncode=2)
        connections.close_all()  # nothing open may be inherited by the processes that serve
        if with_worker:
            manage = [sys.executable, str(settings.BASE_DIR / "manage.py")]
            sys.exit(supervise([*manage, "serve"], [*manage, "worker"]))
        Server().run()


def problems() -> Iterator[str]:
    """What must be put right before this site may be served; each a sentence that says how."""
    if settings.DEBUG:
        yield "DEBUG is only for `make dev`: error pages would show settings and code."
    site = urlsplit(settings.SITE_URL)
    if site.scheme != "https" and site.hostname not in LOCAL_HOSTS:
        yield (
            f"SITE_URL is {settings.SITE_URL}: without HTTPS, only this machine can use it. "
            "Set an https address and put a proxy with the certificate in front of the site."
        )
    if not _is_free(settings.PORT):
        yield (
            f"Another program already uses port {settings.PORT} on this machine. Stop it, or set "
            "PORT to another number, in the proxy’s configuration too."
        )
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        yield "The database is not up to date. Run: manage.py migrate"
        return
    try:
        installation_keys.verify()
    except ImproperlyConfigured as error:
        yield str(error)
    if not settings.EMAIL_IS_SET and not Clinic.objects.filter(is_demo=True).exists():
        yield (
            "EMAIL_URL is not set: patients would never hear from you. "
            "Set the mail server, as in EMAIL_URL=submission://user:password@mail.example:587."
        )
    if not (Path(settings.STATIC_ROOT) / "staticfiles.json").exists():
        yield "The static files have not been collected. Run: manage.py collectstatic"


def _is_free(port: int) -> bool:
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


class Server(BaseApplication):
    """gunicorn inside this command: no configuration file, no command line of its own."""

    def load_config(self) -> None:
        for name, value in {
            "bind": f"127.0.0.1:{settings.PORT}",
            "worker_class": DeadlineWorker,
            "workers": settings.WEB_WORKERS,
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
            "accesslog": "-",
            "access_log_format": '%(t)s "%(m)s %(U)s" %(s)s %(b)s %(M)s ms',
            # Below it, gunicorn writes the addresses of clients that send nonsense.
            "loglevel": "error",
        }.items():
            self.cfg.set(name, value)

    def load(self) -> WSGIApplication:
        from clinic.wsgi import application

        return application


class DiscreetLogger(Logger):
    """gunicorn's logs without private links; the access log has no query, address, or referrer."""

    def setup(self, cfg: Any) -> None:
        """Make the handlers, and mask what they write."""
        super().setup(cfg)
        for handler in [*self.error_log.handlers, *self.access_log.handlers]:
            handler.addFilter(MaskPrivateLinks())
            if settings.LOG_FORMAT == "json":
                handler.setFormatter(JSONFormatter())

    def access(self, resp: Any, req: Any, environ: Any, request_time: Any) -> None:
        """Write a line for a request, as JSON with its parts beside the message."""
        if settings.LOG_FORMAT != "json":
            super().access(resp, req, environ, request_time)
            return
        atoms = self.atoms(resp, req, environ, request_time)
        path = mask(atoms["U"])
        fields = {
            **{"method": atoms["m"], "path": path, "status": int(atoms["s"])},
            **{"bytes": int(atoms["B"] or 0), "ms": int(atoms["M"])},
        }
        message = f"{atoms['m']} {path} {atoms['s']}"
        self.access_log.info(message, extra={"fields": fields})

    def atoms(self, resp: Any, req: Any, environ: Any, request_time: Any) -> dict[str, Any]:
        """Return what the access log may name, with the path percent-encoded again: one request is
        one line, and no space or quote ends a private link before its token."""
        path = quote(environ.get("PATH_INFO", ""), safe=PLAIN_IN_A_PATH, encoding="latin-1")
        return {**super().atoms(resp, req, environ, request_time), "U": path}
