"""Guards after a migration, on the tables of the project itself."""

from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, models, transaction
from django.db.models.signals import pre_migrate
from django.utils import timezone

from articles.models import Edition
from clinic.lib.database import guards
from clinic.models import Heartbeat
from clinic.operations import health_checks

pytestmark = pytest.mark.database

UPDATE, DELETE = "guard_articles_edition_update", "guard_articles_edition_delete"


@pytest.fixture
def rebuilt(transactional_db: None) -> Iterator[None]:
    """A column more, and gone again, as migrations do it: the guards stand aside first, and SQLite
    makes the table anew."""
    field = models.CharField(max_length=5, default="x")
    field.set_attributes_from_name("more")
    assert guards.missing(connection) == []
    guards.remove(connection)
    with connection.schema_editor() as editor:
        editor.add_field(Edition, field)
    with connection.schema_editor() as editor:
        editor.remove_field(Edition, field)
    yield
    call_command("migrate", verbosity=0)


def refused(change: Any) -> bool:
    try:
        with transaction.atomic():
            change()
    except IntegrityError as error:
        return "guard" in str(error)
    return False


def privacy_page() -> Any:
    """The page that a migration makes."""
    return Edition.objects.filter(slug="privacy")


def test_the_guards_of_the_project_stand(db: None):
    assert guards.missing(connection) == []
    assert UPDATE.startswith(guards.PREFIX)
    assert refused(lambda: privacy_page().update(title="Other"))
    assert refused(lambda: privacy_page().delete())


def test_a_table_that_sqlite_makes_anew_has_no_guards(transactional_db: None):
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL alters tables in place")
    with connection.schema_editor() as editor:
        editor._remake_table(Edition)
    assert {UPDATE, DELETE} <= set(guards.missing(connection))
    call_command("migrate", verbosity=0)
    assert guards.missing(connection) == []


def test_they_stand_again_after_the_next_migrate(rebuilt: None):
    assert {UPDATE, DELETE} <= set(guards.missing(connection))
    assert not refused(lambda: privacy_page().update(title="Privacy"))
    call_command("migrate", verbosity=0)
    assert guards.missing(connection) == []
    assert refused(lambda: privacy_page().update(title="Other"))


def test_a_missing_guard_is_told_to_the_operator(rebuilt: None, client: Any):
    with pytest.raises(CommandError, match=r"clinic\.E001") as told:
        call_command("check", databases=["default"])
    assert UPDATE in str(told.value)
    assert "manage.py migrate" in str(told.value)
    assert any(UPDATE in line for line in health_checks.problems(timezone.now()))
    answer = client.get("/readyz")
    assert (answer.status_code, UPDATE in answer.content.decode()) == (503, True)
    call_command("migrate", verbosity=0)
    call_command("check", databases=["default"], stdout=StringIO())
    Heartbeat.objects.beat(Heartbeat.WORKER, timezone.now())
    assert client.get("/readyz").status_code == 200


def test_a_check_without_a_database_asks_none(django_assert_num_queries: Any, db: None):
    with django_assert_num_queries(0):
        call_command("check", stdout=StringIO())


def test_migrating_changes_guarded_rows_and_guards_them_after(transactional_db: None):
    """A data migration may; before and after it nobody may."""
    seen: list[list[str]] = []

    def look(**kwargs: Any) -> None:
        seen.append(guards.missing(connection))

    pre_migrate.connect(look)
    try:
        call_command("migrate", verbosity=0)
    finally:
        pre_migrate.disconnect(look)
    assert {UPDATE, DELETE} <= set(seen[-1])
    assert guards.missing(connection) == []


def test_they_stand_aside_for_a_block_and_no_longer(db: None):
    with guards.stand_aside(connection):
        privacy_page().update(title="Redacted")
    assert privacy_page().get().title == "Redacted"
    assert refused(lambda: privacy_page().update(title="Other"))
    assert guards.missing(connection) == []
