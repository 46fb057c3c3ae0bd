"""The lock files are those of pyproject.toml: `make lock` was run after the last change."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

pytestmark = pytest.mark.database

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
LOCKS = {
    "requirements.txt": [],
    "requirements-scale.txt": ["scale"],
    "requirements-dev.txt": ["dev"],
}


def wanted(extras):
    """Requirements of the project with these extras, by name."""
    lines = list(PROJECT["dependencies"])
    for extra in extras:
        lines += PROJECT["optional-dependencies"][extra]
    requirements = {}
    for line in lines:
        requirement = Requirement(line)
        if requirement.name == PROJECT["name"]:
            requirements |= wanted(requirement.extras)
        else:
            requirements[canonicalize_name(requirement.name)] = requirement
    return requirements


def locked(name):
    """The entries of a lock file: version, number of hashes and what asked for it, by name."""
    entries = {}
    text = (ROOT / name).read_text()
    for entry in re.split(r"\n(?=[a-z0-9])", text):
        match = re.match(r"([a-z0-9._-]+)(?:\[[^]]*\])?==([^ ;\\]+)", entry)
        assert match, entry
        entries[match[1]] = (match[2], entry.count("--hash=sha256:"), entry)
    return entries


@pytest.mark.parametrize(("name", "extras"), LOCKS.items())
def test_a_lock_holds_what_the_project_asks_for(name, extras):
    entries = locked(name)
    for package, requirement in wanted(extras).items():
        assert package in entries, f"{package} is not in {name}: make lock"
        assert requirement.specifier.contains(entries[package][0]), f"{package}: make lock"
    asked = {package for package, (_, _, entry) in entries.items() if PROJECT["name"] in entry}
    assert asked == set(wanted(extras)), "make lock"


@pytest.mark.parametrize("name", LOCKS)
def test_everything_is_pinned_by_hash_and_no_host_is_named(name):
    for package, (_, hashes, entry) in locked(name).items():
        assert hashes > 0, package
        assert "://" not in entry


def test_the_locks_agree():
    everything = locked("requirements-dev.txt")
    for name in ("requirements.txt", "requirements-scale.txt"):
        for package, (version, _, _) in locked(name).items():
            assert everything[package][0] == version, f"{package} differs: make lock"


def test_every_runtime_dependency_says_why():
    text = (ROOT / "pyproject.toml").read_text()
    for line in PROJECT["dependencies"] + PROJECT["optional-dependencies"]["scale"]:
        before = text[: text.index(f'"{line}"')].rstrip().splitlines()[-1]
        assert before.strip().startswith("# "), line
