"""What the settings make of the environment, read by a process of their own."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent


def read(folder: Path, names: list[str], **environment: str) -> "subprocess.CompletedProcess[str]":
    """Print these settings as JSON."""
    code = (
        "import json; from clinic import settings;"
        f"print(json.dumps([getattr(settings, name) for name in {names}]))"
    )
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, "DATA_DIR": str(folder), **environment},
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("submission://a:b%40c@mail.example:587", ["mail.example", 587, "a", "b@c", True, False]),
        ("smtp://a:b@mail.example:465?ssl=true", ["mail.example", 465, "a", "b", False, True]),
        ("smtp://127.0.0.1:25", ["127.0.0.1", 25, None, None, False, False]),
    ],
)
def test_the_mail_server(tmp_path: Path, url: str, expected: list[object]) -> None:
    names = ["HOST", "PORT", "HOST_USER", "HOST_PASSWORD", "USE_TLS", "USE_SSL"]
    done = read(tmp_path, [f"EMAIL_{name}" for name in names], EMAIL_URL=url)
    assert json.loads(done.stdout) == expected


def test_an_address_of_a_mail_server_that_means_nothing(tmp_path: Path) -> None:
    done = read(tmp_path, ["EMAIL_HOST"], EMAIL_URL="smtp+tls://a:b@mail.example:587")
    assert done.returncode == 1
    assert "EMAIL_URL must start with submission:// (STARTTLS)" in done.stderr
    assert "a:b" not in done.stderr


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("PORT", "eighty", "PORT"),
        ("SITE_URL", "clinic.example", "SITE_URL must be an address such as"),
        ("DATABASE_URL", "somewhere", "DATABASE_URL"),
        ("DATABASE_URL", "oracle://host/name", "must start with postgres:// or sqlite:///"),
        ("MEDIA_STORAGE", "ftp://bucket", "MEDIA_STORAGE is s3://"),
        ("HEALTH_DATA_KEYS", "swordfish", "Key 1 of HEALTH_DATA_KEYS must be 32 bytes"),
        ("EMAIL_URL", "smtp+tls://a:b@mail.example:587", "EMAIL_URL must start with"),
        ("SECOND_FACTOR", "perhaps", "SECOND_FACTOR is"),
        ("DATA_DIR", "/dev/null/data", "DATA_DIR cannot be used"),
    ],
)
def test_a_wrong_value_is_named_in_one_line(
    tmp_path: Path, name: str, value: str, message: str
) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=ROOT,
        env={**os.environ, "DATA_DIR": str(tmp_path / "data"), name: value},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert message in done.stderr
    assert done.stderr.count("\n") == 1
    assert not list(tmp_path.rglob("*.sqlite3"))


def test_the_checks_for_a_public_site_find_nothing(tmp_path: Path) -> None:
    """Those that the settings silence are explained there."""
    done = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=ROOT,
        env={
            **os.environ,
            "DATA_DIR": str(tmp_path),
            "SITE_URL": "https://clinic.example",
            "EMAIL_URL": "submission://a:b@mail.example:587",
        },
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout.strip()) == (
        0,
        "System check identified no issues (4 silenced).",
    ), done.stderr
