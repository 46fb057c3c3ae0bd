"""One style sheet for the site, one for staff: what they import is in them, in its layers."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command

from clinic.staticfiles import IMPORT, SHEETS, OneSheetStorage, inline

IMPORTED = re.compile(r"""^import[^"']*["']([./][^"']+)["'];""", re.MULTILINE)
HASHED = re.compile(r"\.[0-9a-f]{12}\.js$")
SOURCES = Path(__file__).parents[2] / "static" / "css"


def found_paths() -> dict:
    return {
        path: (storage, path) for finder in get_finders() for path, storage in finder.list(None)
    }


@pytest.mark.parametrize("name", SHEETS)
def test_every_import_is_inlined_into_its_layer(name: str) -> None:
    source = (SOURCES.parent / name).read_text()
    imports = IMPORT.findall(source)
    assert imports
    assert len(imports) == source.count("@import")
    sheet = inline(name, found_paths())
    assert "@import" not in sheet
    for file, layer in imports:
        text = (SOURCES / file).read_text()
        assert (f"@layer {layer} {{\n{text}}}" if layer else text) in sheet


def test_staff_sheets_stand_in_the_order_of_their_imports() -> None:
    names = [name for name, _layer in IMPORT.findall((SOURCES / "admin.css").read_text())]
    sheet = inline("css/admin.css", found_paths())
    places = [sheet.index((SOURCES / name).read_text()) for name in names]
    assert places == sorted(places)
    # The stock admin has no layers, and what is in a layer would lose to it.
    assert "@layer" not in sheet


def test_layers_are_named_in_the_order_of_their_imports() -> None:
    source = (SOURCES / "site.css").read_text()
    order = re.search(r"@layer ([^;]+);", source)
    assert order
    assert re.split(r",\s+", order[1]) == [layer for _name, layer in IMPORT.findall(source)]


def test_a_missing_file_is_an_error() -> None:
    paths = found_paths()
    del paths["css/tokens.css"]
    with pytest.raises(KeyError):
        inline("css/site.css", paths)


def collected(storages: Any) -> OneSheetStorage:
    """Collect what the settings name, as a release does; but compress nothing."""
    storages.WHITENOISE_SKIP_COMPRESS_EXTENSIONS = ("css", "js", "json", "svg", "txt", "md")
    storages.STORAGES = {
        **storages.STORAGES,
        "staticfiles": {"BACKEND": "clinic.staticfiles.OneSheetStorage"},
    }
    call_command("collectstatic", interactive=False, verbosity=0)
    return OneSheetStorage(location=storages.STATIC_ROOT)


def test_collectstatic_twice_follows_a_changed_file(tmp_path: Path, settings: Any) -> None:
    css = tmp_path / "source" / "css"
    css.mkdir(parents=True)
    (css / "site.css").write_text('@layer base;\n@import url("base.css") layer(base);\n')
    (css / "base.css").write_text("p {\n  margin: 0;\n}\n")
    settings.STATICFILES_DIRS = [tmp_path / "source"]
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    settings.STATIC_ROOT = tmp_path / "out"
    sheets = []
    for colour in ("red", "green"):
        (css / "base.css").write_text(f"p {{\n  color: {colour};\n}}\n")
        storage = collected(settings)
        sheets.append(Path(storage.path(storage.stored_name("css/site.css"))).read_text())
    assert "color: red" in sheets[0]
    assert "color: green" in sheets[1]


def test_every_module_imports_by_hashed_names(tmp_path: Path, settings: Any) -> None:
    settings.STATIC_ROOT = tmp_path
    storage = collected(settings)
    checked = set()
    for source in SOURCES.parent.rglob("js/**/*.js"):
        name = source.relative_to(SOURCES.parent).as_posix()
        imported = IMPORTED.findall(source.read_text())
        made = Path(storage.path(storage.stored_name(name)))
        hashed = IMPORTED.findall(made.read_text())
        assert len(hashed) == len(imported)
        for before, after in zip(imported, hashed, strict=True):
            assert HASHED.search(after), f"{name} imports {before} without its hash"
            assert (made.parent / after).is_file()
        checked |= set(imported)
    assert {"./suggest.js", "./from-html/index.js", "./caret.js"} <= checked


def test_a_changed_module_changes_the_name_of_what_imports_it(
    tmp_path: Path, settings: Any
) -> None:
    source = tmp_path / "source"
    (source / "css").mkdir(parents=True)
    (source / "css" / "site.css").write_text("")
    (source / "outer.js").write_text('import "./inner.js";\n')
    settings.STATICFILES_DIRS = [source]
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    settings.STATIC_ROOT = tmp_path / "out"
    names = []
    for number in (1, 2):
        (source / "inner.js").write_text(f"export const number = {number};\n")
        names.append(collected(settings).stored_name("outer.js"))
    assert names[0] != names[1]
