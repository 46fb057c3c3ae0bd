"""Write what the website is made of, and under which licences, as CycloneDX 1.6 (JSON).

Usage: sbom.py LOCK_FILE OUT (`make sbom`). Packages come from the lock file, their licences from
what is installed of them, scripts and fonts from their folders. The same files give the same bytes.
"""

import hashlib
import json
import re
import sys
import tomllib
from importlib import metadata
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PINNED = re.compile(r"^([\w.-]+)==(\S+)", re.MULTILINE)
SPDX = re.compile(r"[\w.+-]+(?: (?:AND|OR|WITH) [\w.+-]+)*")
Component = dict[str, Any]


def build(lock: Path) -> dict[str, Any]:
    """The whole bill, from this lock file."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    us = component("application", project["name"], project["version"], "BSD-3-Clause")
    parts = [
        component("library", name, version, licence_of(name))
        | {"purl": f"pkg:pypi/{name}@{version}"}
        for name, version in PINNED.findall(lock.read_text(encoding="utf-8"))
    ]
    head = {"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1}
    return {**head, "metadata": {"component": us}, "components": [*parts, *scripts(), *fonts()]}


def component(kind: str, name: str, version: str, licence: str) -> Component:
    is_spdx = SPDX.fullmatch(licence) is not None
    licences = [{"expression": licence} if is_spdx else {"license": {"name": licence}}]
    return {"type": kind, "name": name, "version": version, "licenses": licences}


def licence_of(package: str) -> str:
    """The licence that a package states. Raises PackageNotFoundError."""
    about: Any = metadata.metadata(package)
    stated = about.get("License-Expression") or about.get("License") or ""
    named = [c.rpartition(" :: ")[2] for c in about.get_all("Classifier", []) if "License ::" in c]
    return stated if SPDX.fullmatch(stated) else "; ".join(named) or "unknown"


def scripts() -> list[Component]:
    """Scripts of others: each file, with the packages in it and the licences of all of them."""
    vendor = ROOT / "static" / "vendor"
    manifest = json.loads((vendor / "MANIFEST.json").read_text(encoding="utf-8"))
    found = []
    for name, entry in manifest.items():
        licence = entry["licence"].replace(", ", " AND ")
        inside = [
            {
                "type": "library",
                "name": part,
                "version": version,
                "purl": f"pkg:npm/{part}@{version}",
            }
            for part, version in entry["version"].items()
        ]
        found.append(file_of(vendor / name, licence) | {"components": inside})
    return found


def fonts() -> list[Component]:
    return [file_of(path, "OFL-1.1") for path in sorted((ROOT / "static/fonts").glob("*.woff2"))]


def file_of(path: Path, licence: str) -> Component:
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    made = component("file", path.relative_to(ROOT).as_posix(), digest[:12], licence)
    return made | {"hashes": [{"alg": "SHA-256", "content": digest}]}


if __name__ == "__main__":
    bill = json.dumps(build(Path(sys.argv[1])), indent=1, ensure_ascii=False)
    Path(sys.argv[2]).write_text(f"{bill}\n", encoding="utf-8")
