"""`manage.py serve [--with-worker]`: gunicorn on 127.0.0.1, and the worker beside it if wanted."""

import socket
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

from clinic.lib.web.server import Server
from clinic.lib.web.warming import Warmer
from clinic.models import Clinic
from clinic.operations import installation_keys
from clinic.operations.supervisor import supervise

LOCAL_HOSTS = {"127.0.0.1", "localhost"}


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
        Server(
            _application,
            port=settings.PORT,
            workers=settings.WEB_WORKERS,
            has_access_log=settings.ACCESS_LOG,
            as_json=settings.LOG_FORMAT == "json",
        ).run()


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


def _application() -> WSGIApplication:
    """For each process: the site, which makes its most read pages again after a change."""
    from clinic.wsgi import application, pages

    Warmer(pages).start()
    return application
