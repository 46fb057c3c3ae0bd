"""The column `authors` with the particles of names, and "et al" where it said "others"."""

from typing import Any

from django.db import migrations

BATCH = 1000


def _name(person: Any) -> str:
    if not isinstance(person, dict):
        return ""
    if literal := str(person.get("literal") or ""):
        return "et al" if literal.lower().rstrip(".") in ("et al", "others") else literal
    family = str(person.get("family") or person.get("given") or "")
    return f"{person.get('non-dropping-particle') or ''} {family}".strip()


def name_authors(apps: Any, schema_editor: Any) -> None:
    """As articles.references.columns reads them from CSL-JSON. Only rows that change are written."""
    references = apps.get_model("articles", "Reference").objects.only("csl", "authors")
    changed = []
    for reference in references.order_by("pk").iterator(chunk_size=BATCH):
        people = reference.csl.get("author") or reference.csl.get("editor") or []
        if not isinstance(people, list):
            continue
        authors = ", ".join(filter(None, map(_name, people)))[:300]
        if authors != reference.authors:
            reference.authors = authors
            changed.append(reference)
    references.model.objects.bulk_update(changed, ["authors"], batch_size=BATCH)


class Migration(migrations.Migration):
    dependencies = [
        ("articles", "0009_add_invitation_revoked_at"),
    ]

    operations = [
        migrations.RunPython(name_authors, migrations.RunPython.noop),
    ]
