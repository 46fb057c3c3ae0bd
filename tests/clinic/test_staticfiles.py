"""One style sheet: what site.css imports is in it, in its layers."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command

from clinic.staticfiles import IMPORT, OneSheetStorage, inline

SOURCES = Path(__file__).parents[2] / "static" / "css"


def found_paths() -> dict:
    return {
        path: (storage, path) for finder in get_finders() for path, storage in finder.list(None)
    }


def test_every_import_is_inlined_into_its_layer() -> None:
    source = (SOURCES / "site.css").read_text()
    names = IMPORT.findall(source)
    assert len(names) == source.count("@import")
    sheet = inline("css/site.css", found_paths())
    assert "@import" not in sheet
    for name, layer in names:
        assert f"@layer {layer} {{\n{(SOURCES / name).read_text()}}}" in sheet


def test_layers_are_named_in_the_order_of_their_imports() -> None:
    source = (SOURCES / "site.css").read_text()
    order = re.search(r"@layer ([^;]+);", source)
    assert order
    assert order[1].split(", ") == [layer for _name, layer in IMPORT.findall(source)]


def test_a_missing_file_is_an_error() -> None:
    paths = found_paths()
    del paths["css/tokens.css"]
    with pytest.raises(KeyError):
        inline("css/site.css", paths)


def test_collectstatic_twice_follows_a_changed_file(tmp_path: Path, settings: Any) -> None:
    css = tmp_path / "source" / "css"
    css.mkdir(parents=True)
    (css / "site.css").write_text('@layer base;\n@import url("base.css") layer(base);\n')
    (css / "base.css").write_text("p {\n  margin: 0;\n}\n")
    settings.STATICFILES_DIRS = [tmp_path / "source"]
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    settings.STATIC_ROOT = tmp_path / "out"
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "clinic.staticfiles.OneSheetStorage"},
    }
    sheets = []
    for colour in ("red", "green"):
        (css / "base.css").write_text(f"p {{\n  color: {colour};\n}}\n")
        call_command("collectstatic", interactive=False, verbosity=0)
        storage = OneSheetStorage(location=settings.STATIC_ROOT)
        sheets.append(Path(storage.path(storage.stored_name("css/site.css"))).read_text())
    assert "color: red" in sheets[0]
    assert "color: green" in sheets[1]
