"""Tests that fail on purpose, each followed by neighbours that must pass (test_isolation.py)."""

import threading
from collections.abc import Callable, Iterator
from itertools import count

import pytest
from django.contrib.auth.models import Group
from django.db import connection, transaction

from articles.models import Edition
from clinic.lib.database import guards
from clinic.models import Clinic, Location, User
from clinic.site.content_version import raise_version

CHANGED = "Changed by the test before"


def write() -> None:
    Location.objects.create(name="Millbrook", slug="millbrook", street="1 Mill Lane", city="Here")
    Clinic.objects.update(name=CHANGED)
    raise_version()


def fail() -> None:
    write()
    raise ValueError


def exit_in_the_middle() -> None:
    write()
    raise SystemExit(3)


def delete_what_migrations_made() -> None:
    with guards.stand_aside(connection):
        Edition.objects.update(slug="other")
        Group.objects.all().delete()
    raise ValueError


def fail_without_guards() -> None:
    guards.remove(connection)
    fail()


def fail_while_guards_stand_aside() -> None:
    with guards.stand_aside(connection):
        fail()


def leave_guards_aside_in_an_open_transaction() -> None:
    guards.stand_aside(connection).__enter__()
    fail()


def break_the_transaction() -> None:
    transaction.atomic().__enter__()
    write()
    connection.cursor().execute("SELECT nothing FROM nowhere")


def lose_the_connection() -> None:
    transaction.atomic().__enter__()
    write()
    connection.connection.close()
    raise ValueError


def drop_a_table() -> None:
    write()
    connection.cursor().execute("DROP TABLE clinic_closure")
    raise ValueError


def leave_a_thread_with_a_lock() -> None:
    begun = threading.Event()

    def hold() -> None:
        with transaction.atomic():
            Clinic.objects.update(name=CHANGED)
            begun.set()
            threading.Event().wait(600)

    write()
    threading.Thread(target=hold, daemon=True).start()
    assert begun.wait(30)
    raise ValueError


def leave_a_thread_that_reads() -> None:
    begun = threading.Event()

    def read() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT name FROM clinic_clinic")
            begun.set()
            threading.Event().wait(600)

    threading.Thread(target=read, daemon=True).start()
    assert begun.wait(30)
    fail()


COMMITTING = [
    fail,
    exit_in_the_middle,
    delete_what_migrations_made,
    fail_without_guards,
    fail_while_guards_stand_aside,
    leave_guards_aside_in_an_open_transaction,
    break_the_transaction,
    lose_the_connection,
    drop_a_table,
    leave_a_thread_that_reads,
    leave_a_thread_with_a_lock,
]
IN_A_TRANSACTION = [fail, exit_in_the_middle, break_the_transaction, lose_the_connection]


def look_for_what_migrations_made() -> None:
    assert Group.objects.filter(name="Editor").exists()
    assert Clinic.objects.get(id=1).name != CHANGED
    assert Edition.objects.filter(slug="privacy").count() == 1
    assert not Location.objects.exists()
    assert guards.missing(connection) == []


def make_tests(death: Callable[[], None], *, commits: bool) -> Iterator[Callable[..., None]]:
    """A test that dies in this way, and three neighbours."""

    @pytest.mark.django_db(transaction=commits)
    def dies() -> None:
        death()

    def neighbour(db: None) -> None:
        look_for_what_migrations_made()
        User.objects.create_user("somebody")

    def neighbour_that_commits(transactional_db: None) -> None:
        assert not connection.in_atomic_block
        look_for_what_migrations_made()
        write()

    def neighbour_after_a_commit(db: None) -> None:
        look_for_what_migrations_made()

    yield from (dies, neighbour, neighbour_that_commits, neighbour_after_a_commit)


_numbers = count()
for _commits, _deaths in ((True, COMMITTING), (False, IN_A_TRANSACTION)):
    for _death in _deaths:
        for _test in make_tests(_death, commits=_commits):
            _test.order = next(_numbers)  # type: ignore[attr-defined]
            globals()[f"test_{_test.order}_{_death.__name__}_{_test.__name__}"] = _test
