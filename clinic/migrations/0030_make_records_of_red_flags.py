"""The lines of each service become records, every text as it was shown.

The page used to treat every line as an emergency, so all are one until a clinician has sorted them
(docs/decisions/0022-levels-of-red-flags.md). Lines with the same words are one record of several
services. No part of the body was named: they are asked about every one.
"""

import re
from typing import Any

from django.apps.registry import Apps
from django.db import migrations

LIST_SIGNS = re.compile(r"^(?:[-*](?:\s+|$)|[\s•✓✔✗])*")


def lines(text: str) -> list[str]:
    """The lines as services showed them: without the list signs that people type before them."""
    return [line for line in (LIST_SIGNS.sub("", raw).strip() for raw in text.splitlines()) if line]


def make_records(apps: Apps, schema_editor: Any) -> None:
    red_flag = apps.get_model("clinic", "RedFlag")
    made: dict[str, Any] = {}
    for service in apps.get_model("clinic", "Service").objects.order_by("order", "name", "id"):
        for sentence in lines(service.red_flag_text):
            if sentence not in made:
                made[sentence] = red_flag.objects.create(
                    sentence=sentence, level="emergency", order=len(made) + 1
                )
            made[sentence].services.add(service)


def write_lines(apps: Apps, schema_editor: Any) -> None:
    red_flag = apps.get_model("clinic", "RedFlag")
    for service in apps.get_model("clinic", "Service").objects.all():
        flags = red_flag.objects.filter(services=service, is_public=True)
        service.red_flag_text = "\n".join(
            flags.order_by("order", "id").values_list("sentence", flat=True)
        )
        service.save(update_fields=["red_flag_text"])


class Migration(migrations.Migration):
    dependencies = [
        ("clinic", "0029_add_red_flag"),
    ]

    operations = [
        migrations.RunPython(make_records, write_lines),
        migrations.RemoveField("service", "red_flag_text"),
    ]
