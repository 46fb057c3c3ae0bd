"""`clinic COMMAND` reads the environment that the unit reads, as its user."""

import importlib.util
import os
import pwd
import shutil
import subprocess
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.test_walls import ROOT

FILE = """
# DATA_DIR=/elsewhere
; a comment too
SECRET_KEY = spaced
EMAIL_URL="submission://ana:a b%20c\\"d@mail.example:587"
ONE='single $HOME "quotes"'
BARE=four\\ words and $HOME
LONG=one\\
two
not a variable
1NUMBER=no
EMPTY=
"""


@pytest.fixture
def wrapper() -> ModuleType:
    loader = SourceFileLoader("wrapper", str(ROOT / "deploy/clinic"))
    spec = importlib.util.spec_from_loader("wrapper", loader)
    assert spec
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


@pytest.fixture
def became(wrapper: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[Any]:
    """What the wrapper became; its environment file is `tmp_path / "env"`."""
    became: list[Any] = []
    monkeypatch.setattr(wrapper, "ENVIRONMENT", tmp_path / "env")
    monkeypatch.setattr(wrapper.os, "execve", lambda *args: became.append(args))
    monkeypatch.chdir(tmp_path)
    return became


def test_the_file_is_read_as_systemd_reads_it(wrapper: ModuleType) -> None:
    assert dict(wrapper.read(FILE)) == {
        "SECRET_KEY": "spaced",
        "EMAIL_URL": 'submission://ana:a b%20c"d@mail.example:587',
        "ONE": 'single $HOME "quotes"',
        "BARE": "four words and $HOME",
        "LONG": "onetwo",
        "EMPTY": "",
    }


def test_systemd_reads_it_so(tmp_path: Path, wrapper: ModuleType) -> None:
    """Where there is a systemd to ask."""
    if not shutil.which("systemd-run") or not Path("/run/systemd/system").exists():
        pytest.skip("systemd is not running here.")
    (tmp_path / "env").write_text(FILE)
    told = subprocess.run(
        ["systemd-run", "--wait", "--pipe", "-p", f"EnvironmentFile={tmp_path}/env", "env", "-0"],
        capture_output=True,
        text=True,
    ).stdout
    values = dict(entry.split("=", 1) for entry in told.split("\0") if entry)
    assert dict(wrapper.read(FILE)).items() <= values.items()


def test_it_becomes_the_command_of_that_installation(
    wrapper: ModuleType, became: list[Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "env").write_text(f"DATA_DIR={tmp_path}\nDEMO=0\n")
    monkeypatch.setenv("SITE_URL", "https://another.example")
    wrapper.main(["restore", "here.tar.gz", "--yes"])
    ((python, command, environment),) = became
    assert python == str(ROOT / ".venv/bin/python")
    assert command[1:] == [str(ROOT / "manage.py"), "restore", "here.tar.gz", "--yes"]
    assert Path.cwd() == tmp_path  # where the file is
    assert environment["DATA_DIR"] == str(tmp_path)
    assert "SITE_URL" not in environment


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "There is no"),
        ("DEMO=0\n", "does not set DATA_DIR"),
        ("DATA_DIR=/nowhere/at/all\n", "/nowhere/at/all cannot be read"),
    ],
)
def test_what_is_missing_is_named(
    wrapper: ModuleType,
    became: list[Any],
    tmp_path: Path,
    content: str | None,
    words: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    if content is not None:
        (tmp_path / "env").write_text(content)
    with pytest.raises(SystemExit) as ended:
        wrapper.main(["backup", "x"])
    assert (ended.value.code, became) == (2, [])
    assert words in capsys.readouterr().err


def test_a_website_that_its_user_cannot_run_is_named(
    wrapper: ModuleType,
    became: list[Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "env").write_text(f"DATA_DIR={tmp_path}\n")

    def refused(*args: Any) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(wrapper.os, "execve", refused)
    with pytest.raises(SystemExit) as ended:
        wrapper.main(["doctor"])
    assert ended.value.code == 2
    assert "python: Permission denied. Install the packages" in capsys.readouterr().err


def test_root_becomes_the_owner_of_the_data(
    wrapper: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    nobody, done = pwd.getpwnam("nobody"), []
    for name in ("initgroups", "setgid", "setuid"):
        monkeypatch.setattr(os, name, lambda *args, name=name: done.append((name, args[-1])))
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    wrapper.become(nobody)
    assert done == [
        ("initgroups", nobody.pw_gid),
        ("setgid", nobody.pw_gid),
        ("setuid", nobody.pw_uid),
    ]
    monkeypatch.setattr(os, "geteuid", lambda: 4711)
    with pytest.raises(SystemExit):
        wrapper.become(nobody)
    assert "Run this as root or as nobody." in capsys.readouterr().err
