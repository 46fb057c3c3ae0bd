"""The bill of materials: every package, script and font, each with its version and licence."""

import importlib.util
import json
import re
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
LOCK = ROOT / "requirements-scale.txt"


@pytest.fixture(scope="module")
def bill() -> dict[str, Any]:
    spec = importlib.util.spec_from_file_location("sbom", ROOT / "deploy" / "sbom.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.build(LOCK)


def test_it_names_every_package_of_the_lock_file(bill: dict[str, Any]) -> None:
    locked = {
        line.split()[0] for line in LOCK.read_text().splitlines() if re.match(r"\w.*==", line)
    }
    purls = {each.get("purl", "").removeprefix("pkg:pypi/") for each in bill["components"]}
    assert {each.replace("==", "@") for each in locked} == purls - {""}
    assert {"django", "psycopg", "django-storages"} <= {each["name"] for each in bill["components"]}


def test_it_names_every_file_of_others(bill: dict[str, Any]) -> None:
    files = {each["name"] for each in bill["components"] if each["type"] == "file"}
    others = [*ROOT.glob("static/vendor/*.js"), *ROOT.glob("static/fonts/*.woff2")]
    assert files == {path.relative_to(ROOT).as_posix() for path in others}
    for font in ROOT.glob("static/fonts/*.woff2"):
        assert "SIL Open Font License" in font.with_name(f"{font.stem}-OFL.txt").read_text()
    script = next(each for each in bill["components"] if each["name"].endswith("prosemirror.js"))
    assert "prosemirror-view" in {each["name"] for each in script["components"]}


def test_each_has_a_version_and_a_licence(bill: dict[str, Any]) -> None:
    for each in [bill["metadata"]["component"], *bill["components"]]:
        licence = each["licenses"][0]
        assert each["version"], each
        assert licence.get("expression") or licence["license"]["name"] != "unknown", each


def test_it_names_no_registry_and_is_the_same_each_time(bill: dict[str, Any]) -> None:
    text = json.dumps(bill)
    assert "://" not in text
    assert "timestamp" not in text
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
