"""`manage.py serve [--with-worker]`: gunicorn on 127.0.0.1, and the worker beside it if wanted."""

import re
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from wsgiref.types import WSGIApplication

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, connections
from django.db.migrations.executor import MigrationExecutor
from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger

from clinic import keys
from clinic.models import Clinic
from clinic.supervisor import supervise

LOCAL_HOSTS = {"127.0.0.1", "localhost"}
# Addresses that open something to whoever knows them.
SECRET_PATHS = re.compile(r"^(/book/r|/preview|/admin/password/set/[^/]+)/[^/]+")


class Command(BaseCommand):
    help = "Serves the website on 127.0.0.1:$PORT with gunicorn."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--with-worker",
            action="store_true",
            help="Also run the worker, start it again if it dies, and stop both together.",
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
    site = urlsplit(settings.SITE_URL)
    if site.scheme != "https" and site.hostname not in LOCAL_HOSTS:
        yield (
            f"SITE_URL is {settings.SITE_URL}: without https, only this machine may be served. "
            "Give an https address, with a proxy in front that holds the certificate."
        )
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        yield "The database is not up to date. Run: manage.py migrate"
        return
    try:
        keys.verify()
    except ImproperlyConfigured as error:
        yield str(error)
    if not settings.EMAIL_IS_SET and not Clinic.objects.filter(is_demo=True).exists():
        yield (
            "EMAIL_URL is not set: patients would never hear from you. "
            "Give the mail server, as in EMAIL_URL=submission://user:password@mail.example:587."
        )
    if not (Path(settings.STATIC_ROOT) / "staticfiles.json").exists():
        yield "The static files are not collected. Run: manage.py collectstatic"


class Server(BaseApplication):
    """gunicorn inside this command: no configuration file, no command line of its own."""

    def load_config(self) -> None:
        for name, value in {
            "bind": f"127.0.0.1:{settings.PORT}",
            "worker_class": "gthread",
            "workers": settings.WEB_WORKERS,
            "threads": 8,
            "keepalive": 15,
            "graceful_timeout": 20,
            "http_parser": "python",
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
    """An access log without private links; the format has no query, address, or referrer."""

    def atoms(self, *args: Any) -> dict[str, Any]:
        atoms = super().atoms(*args)
        return atoms | {"U": SECRET_PATHS.sub(r"\1/…", atoms["U"] or "")}
