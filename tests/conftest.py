"""What every test stands on: a data folder of its own, no network, and people in their roles.

The environment is set here, before Django reads its settings (`pytest_configure` of
pytest-django runs later), so no test ever touches the data of a real site.
"""

import os
import shutil
import socket
import tempfile
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

# How fast a machine is, is no property of the code.
hypothesis_settings.register_profile(
    "clinic", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.load_profile("clinic")

_data_dir = tempfile.mkdtemp(prefix="clinic-tests-")
for _name in ("SITE_URL", "EMAIL_URL", "CACHE_URL", "MEDIA_STORAGE", "DEMO"):
    os.environ.pop(_name, None)
os.environ["DATA_DIR"] = _data_dir
os.environ["REFERENCE_LOOKUPS"] = "0"
os.environ["SECOND_FACTOR"] = "optional"  # clients are logged in by force; its own tests ask for it
os.environ["DJANGO_SETTINGS_MODULE"] = "clinic.settings"

LOCAL_HOSTS = {"127.0.0.1", "::1", "localhost"}


def pytest_configure() -> None:
    """Read the settings: pytest-django sets Django up after this, if they have been read.

    SQLite's test database is a file: one in memory answers a second thread with "locked" at once,
    where a file lets it wait, as on a real site. It need not survive a power cut.
    """
    from django.conf import settings

    database = settings.DATABASES["default"]
    if database["ENGINE"].endswith("sqlite3"):
        database.setdefault("TEST", {})["NAME"] = str(settings.DATA_DIR / "test.sqlite3")
        database["OPTIONS"]["init_command"] += "PRAGMA synchronous=OFF;"
    # Signing in costs a third of a second with the real one.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    # Names without hashes: nothing has to be collected before a test. The browser tests collect.
    plain = "django.contrib.staticfiles.storage.StaticFilesStorage"
    settings.STORAGES["staticfiles"]["BACKEND"] = plain


def pytest_unconfigure() -> None:
    """Take the data folder of this process away."""
    shutil.rmtree(_data_dir, ignore_errors=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give tests that flush the database the rows that migrations made (groups, the clinic)."""
    for item in items:
        names = getattr(item, "fixturenames", [])
        marker = item.get_closest_marker("django_db")
        flushes = "transactional_db" in names or (marker and marker.kwargs.get("transaction"))
        if flushes and "django_db_serialized_rollback" not in names:
            names.append("django_db_serialized_rollback")


@pytest.fixture(autouse=True, scope="session")
def _no_network() -> Iterator[None]:
    """Refuse every connection and look-up that leaves this machine."""
    patch = pytest.MonkeyPatch()
    connect, connect_ex, getaddrinfo = (
        socket.socket.connect,
        socket.socket.connect_ex,
        socket.getaddrinfo,
    )

    def check(host: object) -> None:
        if isinstance(host, bytes):
            host = host.decode()
        if host and host not in LOCAL_HOSTS:
            raise RuntimeError(f"A test tried to reach {host!r}; tests have no network.")

    def guarded_connect(self: socket.socket, address: Any) -> None:
        if self.family != socket.AF_UNIX:
            check(address[0])
        connect(self, address)

    def guarded_connect_ex(self: socket.socket, address: Any) -> int:
        if self.family != socket.AF_UNIX:
            check(address[0])
        return connect_ex(self, address)

    def guarded_getaddrinfo(host: Any, *args: Any, **kwargs: Any) -> Any:
        check(host)
        return getaddrinfo(host, *args, **kwargs)

    patch.setattr(socket.socket, "connect", guarded_connect)
    patch.setattr(socket.socket, "connect_ex", guarded_connect_ex)
    patch.setattr(socket, "getaddrinfo", guarded_getaddrinfo)
    yield
    patch.undo()


@pytest.fixture(autouse=True, scope="session")
def _guards_stand_aside_between_tests() -> Iterator[None]:
    """Let transactional tests empty guarded tables and put back the rows that migrations made."""
    from django.core.management.commands.flush import Command
    from django.db import connections
    from django.db.backends.base.creation import BaseDatabaseCreation

    patch = pytest.MonkeyPatch()
    handle, restore = Command.handle, BaseDatabaseCreation.deserialize_db_from_string

    def handle_unguarded(self: Command, **options: Any) -> None:
        from clinic.lib import guards

        with guards.stand_aside(connections[options["database"]]):
            handle(self, **options)

    def restore_unguarded(self: BaseDatabaseCreation, data: str) -> None:
        from clinic.lib import guards

        with guards.stand_aside(self.connection):
            restore(self, data)

    patch.setattr(Command, "handle", handle_unguarded)
    patch.setattr(BaseDatabaseCreation, "deserialize_db_from_string", restore_unguarded)
    yield
    patch.undo()


@pytest.fixture(autouse=True)
def _fresh_frame() -> None:
    """Keep nothing of the frame from one test, with its own database, to the next."""
    from clinic import frame

    frame.forget()


@pytest.fixture
def make_user(db: None) -> Callable[..., Any]:
    """`make_user("Editor", …)`: a member of staff in these groups, without a usable password."""
    from django.contrib.auth import get_user_model
    from django.contrib.auth.models import Group

    def make(*roles: str, username: str = "") -> Any:
        user = get_user_model().objects.create_user(
            username or "-".join(roles).lower().replace(" ", "-") or "nobody", is_staff=True
        )
        user.groups.set([Group.objects.get(name=role) for role in roles])
        return user

    return make


@pytest.fixture
def author(make_user: Callable[..., Any]) -> Any:
    return make_user("Author")


@pytest.fixture
def reviewer(make_user: Callable[..., Any]) -> Any:
    return make_user("Clinical reviewer")


@pytest.fixture
def editor(make_user: Callable[..., Any]) -> Any:
    return make_user("Editor")


@pytest.fixture
def receptionist(make_user: Callable[..., Any]) -> Any:
    return make_user("Receptionist")


@pytest.fixture
def practitioner_user(make_user: Callable[..., Any]) -> Any:
    return make_user("Practitioner")


@pytest.fixture
def manager(make_user: Callable[..., Any]) -> Any:
    return make_user("Manager")


@pytest.fixture
def client_as(make_user: Callable[..., Any]) -> Callable[[str], Any]:
    """`client_as("Editor")`: a client logged in as a new member of that group."""
    from django.test import Client

    def log_in(role: str) -> Any:
        client = Client()
        client.force_login(
            make_user(role, username=f"client-{role.lower().replace(' ', '-')}"),
            backend="django.contrib.auth.backends.ModelBackend",
        )
        return client

    return log_in
