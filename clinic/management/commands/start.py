"""`manage.py start`: bring this installation up to date, then serve it. What `make run` runs."""

import hashlib
import os
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand

from clinic.accounts import ensure_first_manager
from clinic.models import User


class Command(BaseCommand):
    help = (
        "Collects the static files, migrates, fills an empty database with the demo clinic "
        "(not with DEMO=0), makes the first account, and serves with the worker."
    )
    # The database they would look at may not exist yet; `migrate` and `serve` check.
    requires_system_checks = ()

    def handle(self, **options: Any) -> None:
        collect_static_files()
        call_command("migrate", interactive=False, verbosity=0)
        if not User.objects.exists():
            self._begin()
        self.stdout.write(f"The website: {settings.SITE_URL}/")
        self.stdout.write(f"Staff sign in at {settings.SITE_URL}/admin/ (manager: admin)")
        self.stdout.flush()
        call_command("serve", with_worker=True)

    def _begin(self) -> None:
        """Make the first account, tell its password, and load the demo clinic."""
        password = ensure_first_manager(os.environ.get("ADMIN_PASSWORD"))
        told = f"{password} (shown only this once)" if password else "as given in ADMIN_PASSWORD"
        self.stdout.write(f"User name: admin\nPassword:  {told}")
        if os.environ.get("DEMO") != "0":
            call_command("demo", if_empty=True)


def collect_static_files() -> bool:
    """Run collectstatic unless no source has changed since it last ran; returns whether it ran."""
    digest = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list([]):
            stat = Path(storage.path(path)).stat()
            digest.update(f"{path} {stat.st_size} {stat.st_mtime_ns}\n".encode())
    collected = Path(settings.STATIC_ROOT) / ".sources"
    if collected.exists() and collected.read_text() == digest.hexdigest():
        return False
    call_command("collectstatic", interactive=False, verbosity=0)
    collected.write_text(digest.hexdigest())
    return True
