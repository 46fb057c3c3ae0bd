"""Scripts of others that the editor uses: exactly those we looked at, with their licences."""

import hashlib
import json
from pathlib import Path

ROOT = Path(__file__).parents[3]
VENDOR = ROOT / "static" / "vendor"
MANIFEST = json.loads((VENDOR / "MANIFEST.json").read_text())


def test_every_file_is_named_with_its_licence_and_is_unchanged():
    licences = {entry["licence_file"] for entry in MANIFEST.values()}
    kept = {path.name for path in VENDOR.iterdir()}
    assert kept == set(MANIFEST) | licences | {"MANIFEST.json"}
    for name, entry in MANIFEST.items():
        assert hashlib.sha256((VENDOR / name).read_bytes()).hexdigest() == entry["sha256"], name
        assert (VENDOR / entry["licence_file"]).read_text().strip()
        assert Path(name).stem in (ROOT / entry["used_in"]).read_text()
