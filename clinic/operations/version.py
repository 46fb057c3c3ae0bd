"""The version of this website, as pyproject.toml has it: a copy without git knows it too."""

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.db.migrations.loader import MigrationLoader

_project = tomllib.loads(
    (Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8")
)["project"]

VERSION: str = _project["version"]
NAME = f"{_project['name']} {VERSION}"


def newer(loader: "MigrationLoader") -> str:
    """Return the last migration of a database that this version does not have: a newer version has
    changed it, and this one must not touch it. Migrations of apps that are gone do not count."""
    unknown = [
        f"{app} {name}"
        for app, name in loader.applied_migrations.keys() - loader.disk_migrations.keys()
        if app in loader.migrated_apps
    ]
    return max(unknown, default="")
