"""Mend links that the next migration does not allow any more.

What looks like a host gets `https://` before it, as a browser's address bar would do. The rest led
nowhere, or was unsafe: it is emptied, or points to the first page where a link is needed.
"""

import re
from typing import Any

from django.db import migrations

LINK = re.compile(r"(?:https?://|mailto:|tel:|/(?!/))[^\\\t\n\r]*", re.IGNORECASE)
OUTSIDE = re.compile(r"https?://[^\\\t\n\r]*", re.IGNORECASE)
OWN_PATH = re.compile(r"/(?!/)[^\\\t\n\r]*")
HOST = re.compile(r"[\w-]+(?:\.[\w-]+)+(?::\d+)?(?:/[^\\\s]*)?")
FIELDS = (
    ("Announcement", "url", LINK, ""),
    ("WayToStart", "url", LINK, "/"),
    ("Location", "booking_url", OUTSIDE, ""),
    ("Practitioner", "booking_url", OUTSIDE, ""),
    ("Service", "booking_url", OUTSIDE, ""),
    ("Credential", "url", OUTSIDE, ""),
    ("Redirect", "to_path", OWN_PATH, "/"),
)


def mend(apps: Any, schema_editor: Any) -> None:
    for name, field, allowed, otherwise in FIELDS:
        rows = apps.get_model("clinic", name).objects
        for pk, value in rows.exclude(**{field: ""}).values_list("pk", field):
            if allowed.fullmatch(value):
                continue
            is_host = allowed is not OWN_PATH and HOST.fullmatch(value.strip())
            new = f"https://{value.strip()}" if is_host else otherwise
            rows.filter(pk=pk).update(**{field: new})


class Migration(migrations.Migration):
    dependencies = [("clinic", "0012_drop_axes_tables")]

    operations = [migrations.RunPython(mend, migrations.RunPython.noop)]
