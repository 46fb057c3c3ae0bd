"""What every test stands on: a data folder of its own, no network, and people in their roles.

The environment is set here, before Django reads its settings (`pytest_configure` of
pytest-django runs later), so no test ever touches the data of a real site.
"""

import gc
import os
import shutil
import socket
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from tests import clock, ready_made

gc.set_threshold(100_000)  # as in manage.py; pytest searches everything at its end
clock.shift()
_ready_made = ready_made.use_folder()

# How fast a machine is, is no property of the code.
for _profile, _examples in {"quick": 50, "thorough": 1000}.items():
    hypothesis_settings.register_profile(
        _profile,
        deadline=None,
        max_examples=_examples,
        suppress_health_check=[HealthCheck.too_slow],
    )
hypothesis_settings.load_profile(os.environ.get("EXAMPLES", "quick"))

_data_dir = tempfile.mkdtemp(prefix="clinic-tests-")
for _name in ("SITE_URL", "EMAIL_URL", "MEDIA_STORAGE", "DEMO"):
    os.environ.pop(_name, None)
os.environ["DATA_DIR"] = _data_dir
os.environ["REFERENCE_LOOKUPS"] = "0"
os.environ["SECOND_FACTOR"] = "optional"  # clients are logged in by force; its own tests ask for it
os.environ["DJANGO_SETTINGS_MODULE"] = "clinic.settings"

MIGRATED = pytest.StashKey[Any]()  # the copy of the database as migrations left it
FAILED = pytest.StashKey[bool]()  # the test before this one
COMMITTED = pytest.StashKey[bool]()

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
    """Take the data folders of this process away."""
    for folder in filter(None, [_data_dir, _ready_made]):
        shutil.rmtree(folder, ignore_errors=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what a database can change: it runs on PostgreSQL too. Begin with what takes longest.

    The first is one case of each test that uses the database and is not `long`, and all cases in
    modules that are about databases, which say so. Browser tests are marked in their conftest.py.

    The second are the browser tests and modules marked `long`: one worker then runs most of them,
    with one site and one browser, and none is begun when the other worker has nothing left to do.
    """
    chosen = set()
    for item in sorted(items, key=lambda item: item.nodeid):  # whatever the order of this run
        fixtures = {"db", "transactional_db"} & set(getattr(item, "fixturenames", []))
        uses_database = fixtures or item.get_closest_marker("django_db")
        if not uses_database or any(map(item.get_closest_marker, ("look", "long", "database"))):
            continue
        function = item.nodeid.partition("[")[0]
        if function not in chosen:
            chosen.add(function)
            item.add_marker(pytest.mark.database)
    items.sort(key=lambda item: not any(map(item.get_closest_marker, ("browser", "long"))))


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Begin each test with the rows that migrations made, whatever the test before it has done.

    This is done before a test, not after one: a teardown that fails cannot prevent it.
    """
    stash = item.config.stash
    failed, committed = stash.get(FAILED, False), stash.get(COMMITTED, False)
    if MIGRATED in stash and (failed or committed):
        stash[MIGRATED].put_back(whole=failed)
    stash[FAILED] = stash[COMMITTED] = False


def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> None:
    """Trust nothing that a failed test leaves, not even one that runs in a transaction."""
    if call.excinfo and not call.excinfo.errisinstance(pytest.skip.Exception):
        item.config.stash[FAILED] = True


@pytest.fixture(scope="session")
def django_db_keepdb(django_db_modify_db_settings: None) -> bool:
    """Let pytest-django find a database that has been migrated."""
    from django.db import connection

    name = connection.creation._get_test_db_name()
    ready_made.place_database(connection.settings_dict, name)
    return True


@pytest.fixture(scope="session")
def django_db_setup(
    django_db_setup: None, django_db_blocker: Any, pytestconfig: pytest.Config
) -> Iterator[None]:
    """Keep a copy of the migrated database, for `pytest_runtest_setup`; empty no tables."""
    from django.test import TransactionTestCase

    from tests import migrated

    with django_db_blocker.unblock():
        copy = migrated.keep()
    pytestconfig.stash[MIGRATED] = copy

    def note(cls: type) -> None:
        pytestconfig.stash[COMMITTED] = True

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_setup", classmethod(note))
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda self: None)
        yield
    migrated.drop_connection()
    copy.forget()


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


@pytest.fixture(autouse=True)
def frame_seconds(monkeypatch: pytest.MonkeyPatch) -> float:
    """Keep nothing of the frame from one test, with its own database, to the next; within a test
    it does not grow old, so that no query depends on how long a test takes.

    Returns for how many seconds it is fresh on a site.
    """
    from clinic.site import page_context

    page_context.forget()
    seconds = page_context.FRESH_SECONDS
    monkeypatch.setattr(page_context, "FRESH_SECONDS", float("inf"))
    return seconds


@pytest.fixture(scope="session")
def _decoded() -> Callable[..., Any]:
    """What decodes pictures, each that is taken once: most of the time goes into its process."""
    from clinic.lib import images

    decode, taken = images._decoded, {}

    def decoded(*given: Any) -> Any:
        if given in taken:
            return taken[given]
        answer = decode(*given)
        if "unfit" not in answer[0]:
            taken[given] = answer
        return answer

    return decoded


@pytest.fixture(autouse=True)
def decoded_once(monkeypatch: pytest.MonkeyPatch, _decoded: Callable[..., Any]) -> None:
    """Decode a picture once in all tests; tests of decoding replace this fixture."""
    monkeypatch.setattr("clinic.lib.images._decoded", _decoded)


@pytest.fixture
def zone_rules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Time zone data of the test's own: see tests.zone_rules."""
    from clinic.lib.calendar import zone_data
    from tests.zone_rules import ZoneRules

    yield ZoneRules(tmp_path / "zones", monkeypatch)
    monkeypatch.undo()
    zone_data.use_newest()


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
