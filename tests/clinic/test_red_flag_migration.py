"""The lines of services that were in use become records, and lines again on the way back."""

from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from clinic.models import RedFlag, Service
from clinic.site import triage

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]

BEFORE = [("clinic", "0028_search_all_pages")]
LONG = "You have " + "a very long sentence, " * 200 + "and so on"
TEXTS = {
    "backs": "- You cannot pass urine\r\n\r\n• You have a fever “or” chills\nYou HAVE chest pain\n",
    "hands": f"You have chest pain\nYou have a fever “or” chills\n{LONG}\n* **Bold** words*\n- \n",
    "empty": "",
    "twice": "You faint\nYou faint\n  \n✓ You faint",
    "hidden": "Of a hidden service",
}
SHOWN = {
    "backs": ["You cannot pass urine", "You have a fever “or” chills", "You HAVE chest pain"],
    "hands": ["You have a fever “or” chills", "You have chest pain", LONG, "**Bold** words*"],
    "empty": [],
    "twice": ["You faint"],
    "hidden": ["Of a hidden service"],
}


def _migrate_to(target: list[tuple[str, str]]) -> Any:
    executor = MigrationExecutor(connection)
    executor.migrate(target)
    return MigrationExecutor(connection).loader.project_state(target).apps


def test_every_line_is_kept_as_an_emergency_and_comes_back() -> None:
    services = _migrate_to(BEFORE).get_model("clinic", "Service").objects
    for order, (slug, text) in enumerate(TEXTS.items()):
        services.create(
            name=slug,
            slug=slug,
            summary="x",
            red_flags=text,
            order=order,
            is_public=slug != "hidden",
            red_flags_reviewed_on="2027-01-04",
        )
    call_command("migrate", verbosity=0)
    for service in Service.objects.all():
        sentences = [flag.sentence for flag in service.red_flags.all()]
        assert sentences == SHOWN[service.slug]
        assert str(service.red_flags_reviewed_on) == "2027-01-04"
    flags = list(RedFlag.objects.all())
    assert len(flags) == len({flag.sentence for flag in flags}) == 8
    assert {flag.level for flag in flags} == {"emergency"}
    assert all(flag.reviewed_on is None and not flag.places for flag in flags)
    # About every part of the body as before, but for spelling; not those of what is hidden.
    asked = [flag.sentence for flag in triage.of_places(["knee"])]
    assert len(asked) == 6
    assert "Of a hidden service" not in asked

    services = _migrate_to(BEFORE).get_model("clinic", "Service").objects
    for slug, sentences in SHOWN.items():
        assert services.get(slug=slug).red_flags.splitlines() == sentences
    call_command("migrate", verbosity=0)
