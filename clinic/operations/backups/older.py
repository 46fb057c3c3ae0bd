"""A backup of an older version, made into one of this version.

In an empty database the migrations of the backup are repeated, its rows are put in, and then the
migrations that came since do with them what they did with those of every upgraded site.
"""

from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor

from clinic.lib.database import rows


def load(folder: Path, manifest: dict[str, Any]) -> None:
    """Put the rows of an unpacked backup into this empty database and bring it up to date.

    Raises rows.Unfit where they do not fit.
    """
    theirs = {tuple(entry) for entry in manifest["migrations"]}
    executor = MigrationExecutor(connection)
    state = executor.migrate(_last(executor, theirs))
    models = {
        model._meta.db_table: model for model in state.apps.get_models(include_auto_created=True)
    }
    with transaction.atomic():
        for table in manifest["rows"]:
            if table not in models:
                raise rows.Unfit(f"{table} is not a table of the version that it is from.")
            with connection.cursor() as cursor:
                cursor.execute(f"DELETE FROM {connection.ops.quote_name(table)}")  # noqa: S608
        for table in manifest["rows"]:
            with (folder / "rows" / f"{table}.jsonl").open("rb") as file:
                rows.read(models[table], file)
        connection.check_constraints()
    call_command("migrate", interactive=False, verbosity=0)


def _last(executor: MigrationExecutor, theirs: set[tuple[str, ...]]) -> list[tuple[str, str]]:
    """The last of these migrations in each app."""
    nodes = executor.loader.graph.node_map
    return [
        key
        for key, node in nodes.items()
        if key in theirs
        and not any(child.key in theirs and child.key[0] == key[0] for child in node.children)
    ]
