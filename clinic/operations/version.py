"""The version of this website, as pyproject.toml has it: a copy without git knows it too."""

import tomllib
from pathlib import Path

_project = tomllib.loads(
    (Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8")
)["project"]

VERSION: str = _project["version"]
NAME = f"{_project['name']} {VERSION}"
