"""The docs name files, modules and layers that exist."""

import importlib
import re

import pytest
from django.apps import apps

from tests.layers import LAYERS, diagram
from tests.test_walls import APPS, ROOT

DOCS = [
    "README.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "docs/changing.md",
    "docs/glossary.md",
    "docs/running.md",
    "docs/monitoring.md",
    "docs/backups.md",
    "docs/upgrading.md",
    "docs/editing.md",
    "docs/requests.md",
    "docs/portable.md",
    "docs/speed.md",
]
CODE = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\]\(([^)#:\s]+)\)")
LOGGERS = {"clinic.security"}
# A path begins with a folder of the tree, a name with one of the apps.
PATH = re.compile(rf"(?:{'|'.join(APPS)}|docs|tests|templates|static)/[\w./-]*")
NAME = re.compile(rf"(?:{'|'.join(APPS)})(?:\.\w+)+")


def read(doc: str) -> str:
    return (ROOT / doc).read_text(encoding="utf-8")


def exists(name: str) -> bool:
    """Whether this dotted name is a module, or something in a module or class."""
    parts = name.split(".")
    for end in range(len(parts), 0, -1):
        try:
            found = importlib.import_module(".".join(parts[:end]))
        except ModuleNotFoundError:
            continue
        for attribute in parts[end:]:
            if not hasattr(found, attribute):
                return False
            found = getattr(found, attribute)
        return True
    return False


@pytest.mark.parametrize("doc", DOCS)
def test_links_point_to_files(doc: str):
    folder = (ROOT / doc).parent
    assert [link for link in LINK.findall(read(doc)) if not (folder / link).exists()] == []


@pytest.mark.parametrize("doc", DOCS)
def test_paths_exist(doc: str):
    paths = [code for code in CODE.findall(read(doc)) if PATH.fullmatch(code)]
    assert [path for path in paths if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("doc", DOCS)
def test_names_exist(doc: str):
    names = {code.split("(")[0] for code in CODE.findall(read(doc))}
    dotted = {name for name in names if NAME.fullmatch(name) and not name.endswith(".py")}
    assert {name for name in dotted - LOGGERS if not exists(name)} == set()


def test_names_that_do_not_exist_are_seen():
    assert exists("articles.publishing.publish")
    assert not exists("articles.publishing.nothing")
    assert not exists("articles.nothing")


def test_the_diagram_shows_the_layers():
    assert f"```\n{diagram()}\n```" in read("docs/changing.md")


@pytest.mark.parametrize("app", APPS)
def test_the_map_names_packages_that_exist(app: str):
    """Between the app's own line and the next that is not indented."""
    block = re.search(rf"^{app}/.*\n((?:  .*\n)+)", read("docs/changing.md"), re.MULTILINE)
    assert block
    named = set(re.findall(r"(?:^  |\s{2})(\w+)/(?=\s{2})", block[1], re.MULTILINE))
    assert named
    assert named <= {name for layer in LAYERS[app] for name in layer}


def test_the_glossary_names_every_model():
    words = set(re.findall(r"\*\*(\w+)\*\*", read("docs/glossary.md")))
    words |= {word.removesuffix("s") for word in words}  # "with its **OpeningPeriods**"
    models = {model.__name__ for app in APPS for model in apps.get_app_config(app).get_models()}
    assert models - words == set()


@pytest.mark.parametrize("doc", ["README.md", "CONTRIBUTING.md", "docs/changing.md"])
def test_targets_of_make_exist(doc: str):
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"(?:^ {4}|`)make ([a-z-]+)", read(doc), re.MULTILINE))
    assert {name for name in targets if not re.search(rf"^{name}:", makefile, re.M)} == set()
