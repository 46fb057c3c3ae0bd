"""What `manage.py` runs: a command, once it is clear which installation it is for.

What an operator can fix is said in one sentence, with exit code 2 and no traceback. A command that
touches data names the clinic and its database first, and makes no database by accident.
"""

import errno
import os
import pwd
import sys
from pathlib import Path

import django
from django.apps import apps
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.files.storage.handler import InvalidStorageError
from django.core.management import execute_from_command_line, get_commands
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from environs import EnvError

from clinic.operations import version

# The environment of an installation, which its units and the command `clinic` read.
INSTALLED = Path("/etc/clinic.env")

MAY_BEGIN = {"migrate", "start"}  # the commands that make a database
# Those that need none, or say themselves what is missing.
WITHOUT_DATA = {
    *("alarm", "check", "collectstatic", "compilemessages", "diffsettings", "doctor", "drill"),
    *("findstatic", "makemessages", "makemigrations", "optimizemigration", "runserver"),
    *("squashmigrations", "startapp", "startproject", "test"),
}

DRIVER = "Run: .venv/bin/pip install --require-hashes -r requirements-scale.txt"
ESCAPE = "In a password, write @ as %40, / as %2F, # as %23 and ? as %3F."
FULL = "The disk is full. Free some space, then run the command again."
# What a database says, in lower case, and what to do about it.
ADVICE = {
    "password authentication failed": (
        "The database does not accept the password. Correct it in DATABASE_URL. " + ESCAPE
    ),
    'role "': "The database does not know this user. Correct the user in DATABASE_URL.",
    "does not exist": "The server has no such database. Create it, or correct DATABASE_URL.",
    "connection refused": "The database server is not running, or DATABASE_URL is wrong.",
    "connection failed": "The database server cannot be reached. Check it and DATABASE_URL.",
    "file is not a database": "{where} is not a database. Restore a backup.",
    "malformed": "{where} is damaged. Move it away, then restore a backup.",
    "unable to open database file": "{user} cannot open {where}. {owner}",
    "readonly database": "{user} cannot write to {where}. {owner}",
    "database is locked": "{where} is locked by another command. Try again when it has ended.",
    "disk is full": FULL,
    "no such table": "{where} is not up to date. Run: manage.py migrate",
    "undefined table": "{where} is not up to date. Run: manage.py migrate",
}


def run(argv: list[str]) -> int:
    """Run a command; returns the exit code of one that was refused, 0 after one that ended well.

    SystemExit of the command and errors that only a developer can fix are the caller's.
    """
    name = argv[1] if len(argv) > 1 else "help"
    if name in ("version", "--version"):
        sys.stdout.write(f"{version.NAME} (Django {django.__version__})\n")
        return 0
    try:
        if problem := _wrong_environment(name):
            return _refuse(problem)
        if not apps.ready:
            django.setup()  # reads the environment
        if name in get_commands() and name not in WITHOUT_DATA and not {"-h", "--help"} & {*argv}:
            if problem := no_database(name) or newer_database():
                return _refuse(problem)
            sys.stderr.write(f"{installation()}\n")
        execute_from_command_line(argv)
    except Exception as error:
        words = explain(error)
        if not words or "--traceback" in argv:
            raise
        return _refuse(words)
    return 0


def explain(error: BaseException) -> str:
    """Return what an operator can do about an error in one sentence or two; nothing if it is a
    fault of the website. No password is in it."""
    match error:
        case InvalidStorageError():
            return f"MEDIA_STORAGE needs a package that is not installed. {DRIVER}"
        case ImproperlyConfigured() | EnvError() if "psycopg" in str(error):
            return f"The driver for PostgreSQL is not installed. {DRIVER}"
        case EnvError() if "URL" in str(error):
            return f"{error} {ESCAPE}"
        case ImproperlyConfigured() | EnvError():
            return str(error)
        case DatabaseError():
            said = str(error).lower()
            advice = next((ADVICE[words] for words in ADVICE if words in said), "")
            return advice.format(where=where(), user=_me(), owner=_owner(where()))
        case OSError() if error.errno == errno.ENOSPC:
            return FULL
        case PermissionError() if error.filename:
            path = os.fsdecode(error.filename)
            return f"{_me()} cannot use {path}. {_owner(path)}"
    if type(error).__module__.startswith("botocore."):
        return f"The bucket of MEDIA_STORAGE cannot be used: {error}"
    return ""


def no_database(command: str) -> str:
    """Return why a command cannot be run on this database; nothing if it can.

    An empty SQLite database is made by `migrate` alone, and by `start` where no site has been.
    """
    path = _file()
    if path is None or path.exists():
        return ""
    if command not in MAY_BEGIN:
        return (
            f"There is no database at {path}. Set DATA_DIR as the website has it; on a server, run "
            f"this as: clinic {command}"
        )
    if command == "start" and (settings.DATA_DIR / "worker.alive").exists():
        return (
            f"{settings.DATA_DIR} belongs to a website, but its database {path} is missing. Put it "
            "back, or run manage.py migrate and restore a backup. To begin again without its data, "
            "move the folder away."
        )
    return ""


def newer_database() -> str:
    """Return why this version must not touch the database: a newer one has changed it."""
    path = _file()
    if path and not path.exists():
        return ""
    migration = version.newer(MigrationLoader(connection))
    if not migration:
        return ""
    return (
        f"{where()} was changed by a newer version of this website ({migration}). Install that "
        "version again, or restore a backup that was made before the upgrade: docs/upgrading.md."
    )


def installation() -> str:
    """Return which clinic and which database this is, as the line before a command."""
    from clinic.models import Clinic

    path = _file()
    if path and not path.exists():
        return f"New database: {path}"
    try:
        name = Clinic.objects.values_list("name", flat=True).filter(id=1).first()
    except DatabaseError as error:
        if not _has_no_tables(error):
            raise
        name = None
    return f"{name or 'No clinic yet'}, database: {where()}"


def where() -> str:
    """Return the place of the database, without user and password."""
    if path := _file():
        return str(path)
    database = settings.DATABASES["default"]
    return f"{database['NAME']} on {database['HOST'] or 'this machine'}"


def _file() -> Path | None:
    database = settings.DATABASES["default"]
    is_file = database["ENGINE"].endswith("sqlite3") and "memory" not in str(database["NAME"])
    return Path(database["NAME"]) if is_file else None


def _has_no_tables(error: DatabaseError) -> bool:
    if connection.vendor == "sqlite":
        return "no such table" in str(error)
    return getattr(error.__cause__, "sqlstate", "") == "42P01"  # undefined_table


def _wrong_environment(command: str) -> str:
    if "DATA_DIR" in os.environ or not INSTALLED.exists():
        return ""
    return (
        f"The website on this machine has its settings in {INSTALLED}, which were not read. "
        f"Run: clinic {command}"
    )


def _me() -> str:
    return pwd.getpwuid(os.geteuid()).pw_name


def _owner(path: str) -> str:
    """Say whose a file is, or the nearest folder above it that this user can see."""
    for there in [Path(path), *Path(path).parents]:
        try:
            owner = there.owner()
        except OSError:
            continue
        except KeyError:
            owner = "an unknown user"
        return f"{there} belongs to {owner}: run this as the website’s user, or change the owner."
    return "Run this as the website’s user."


def _refuse(words: str) -> int:
    sys.stderr.write(f"{words}\n")
    return 2
