"""`manage.py start`: bring this installation up to date, then serve it. What `make run` runs.

With DEBUG=1, as `make dev` sets it, Django's development server serves it, without the worker.
"""

import hashlib
import os
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import transaction

from clinic import pictures
from clinic.accounts.staff_accounts import ensure_first_manager
from clinic.lib import file_modes
from clinic.models import User


class Command(BaseCommand):
    help = (
        "Collects static files, migrates the database, loads the demo clinic if it is empty "
        "(unless DEMO=0), creates the first account, and runs the site with the worker."
    )
    # The database they would look at may not exist yet; `migrate` and `serve` check.
    requires_system_checks = ()

    def handle(self, **options: Any) -> None:
        file_modes.tighten(settings.DATA_DIR, settings.DATABASES["default"])
        if not settings.DEBUG:
            collect_static_files()
        call_command("migrate", interactive=False, verbosity=0)
        if not User.objects.exists():
            self._begin()
        self.stdout.write(f"The website: {settings.SITE_URL}/")
        self.stdout.write(f"Staff sign in at {settings.SITE_URL}/admin/ (manager: admin)")
        self.stdout.flush()
        if settings.DEBUG:
            call_command("runserver", f"127.0.0.1:{settings.PORT}")
        else:
            call_command("serve", with_worker=True)

    def _begin(self) -> None:
        """Make the first account and load the demo clinic, both or neither; then tell the
        password."""
        with pictures.files_undone(), transaction.atomic():
            password = ensure_first_manager(os.environ.get("ADMIN_PASSWORD"))
            if os.environ.get("DEMO") != "0":
                call_command("demo", if_empty=True, stdout=self.stdout)
        told = f"{password} (shown only this once)" if password else "as set in ADMIN_PASSWORD"
        self.stdout.write(f"Username: admin\nPassword:  {told}")


def collect_static_files() -> bool:
    """Run collectstatic unless no source has changed since it last ran; returns whether it ran."""
    digest = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list([]):
            stat = Path(storage.path(path)).stat()
            digest.update(f"{path} {stat.st_size} {stat.st_mtime_ns}\n".encode())
    collected = Path(settings.STATIC_ROOT) / ".sources"
    if collected.exists() and collected.read_text(encoding="utf-8") == digest.hexdigest():
        return False
    call_command("collectstatic", interactive=False, verbosity=0)
    collected.write_text(digest.hexdigest(), encoding="utf-8")
    return True
