"""The files of deploy/ and what the installer makes of them, as far as a machine without systemd,
certificates and a domain can judge them."""

import importlib.util
import os
import shutil
import subprocess
from importlib.machinery import SourceFileLoader
from pathlib import Path

import pytest

from tests.served_site import SEARCH_PATH
from tests.test_walls import ROOT

ANSWERS = {
    "SITE_HOST": "larkspur.example",
    "EMAIL_URL": 'submission://ana:p%40"s\\s$x`y`@mail.example:587',
    "OPERATOR_EMAIL": "ops@larkspur.example",
    "BACKUP_TO": "/mnt/vault/clinic",
    "PROXY": "caddy",
}


def install(folder: Path, typed: str = "", **answers: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        ["sh", str(ROOT / "deploy/install.sh")],
        env={"PATH": os.environ["PATH"], "DESTDIR": str(folder), **answers},
        input=typed,
        capture_output=True,
        text=True,
    )


def environment(folder: Path) -> dict[str, str]:
    """The environment that was installed, as the command `clinic` reads it."""
    loader = SourceFileLoader("wrapper", str(ROOT / "deploy/clinic"))
    spec = importlib.util.spec_from_loader("wrapper", loader)
    assert spec
    wrapper = importlib.util.module_from_spec(spec)
    loader.exec_module(wrapper)
    return dict(wrapper.read((folder / "etc/clinic.env").read_text()))


def judged(*command: str) -> None:
    """Assert that a program finds no fault; skip where it is missing."""
    program = shutil.which(command[0], path=SEARCH_PATH)
    if not program:
        pytest.skip(f"{command[0]} is not installed.")
    done = subprocess.run([program, *command[1:]], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_five_questions_make_an_installation(tmp_path: Path) -> None:
    done = install(tmp_path, "\n".join([*ANSWERS.values(), ""]))
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("/5 ") == 5
    values = environment(tmp_path)
    password = values.pop("ADMIN_PASSWORD")
    assert values == {
        "DATA_DIR": "/var/lib/clinic",
        "SITE_URL": "https://larkspur.example",
        "DEMO": "0",
        **{name: ANSWERS[name] for name in ("EMAIL_URL", "OPERATOR_EMAIL", "BACKUP_TO")},
    }
    assert len(password) >= 20
    assert f"Password: {password} " in done.stdout
    assert (tmp_path / "etc/clinic.env").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "usr/local/bin/clinic").resolve() == ROOT / "deploy/clinic"
    unit = (tmp_path / "etc/systemd/system/clinic.service").read_text()
    assert f'ExecStart="{ROOT}/.venv/bin/python" manage.py start' in unit
    assert "ReadWritePaths=/var/lib/clinic -/mnt/vault/clinic" in unit
    assert "larkspur.example {" in (tmp_path / "etc/caddy/Caddyfile").read_text()


def test_a_second_run_keeps_the_settings(tmp_path: Path) -> None:
    install(tmp_path, **ANSWERS)
    before = environment(tmp_path)
    done = install(tmp_path, **(ANSWERS | {"SITE_HOST": "other.example"}))
    assert done.returncode == 0, done.stderr
    assert environment(tmp_path) == before
    assert "Password" not in done.stdout


@pytest.mark.parametrize(
    ("name", "answer", "words"),
    [
        ("SITE_HOST", "https://larkspur.example", "is not a host name"),
        ("SITE_HOST", "a#b", "is not a host name"),
        ("PROXY", "apache", "caddy or nginx"),
        ("OPERATOR_EMAIL", "a@b.example\nDEBUG=1", "must be one line"),
        ("EMAIL_URL", "", "EMAIL_URL is needed"),
    ],
)
def test_an_answer_that_means_nothing(name: str, answer: str, words: str, tmp_path: Path) -> None:
    done = install(tmp_path, **(ANSWERS | {name: answer}))
    assert (done.returncode, words in done.stderr) == (2, True)
    assert list(tmp_path.iterdir()) == []


def test_systemd_accepts_the_units(tmp_path: Path) -> None:
    install(tmp_path, **ANSWERS)
    units = tmp_path / "etc/systemd/system"
    judged("systemd-analyze", "verify", "--man=no", str(units / "clinic.service"))
    failed = units / "clinic-alarm@clinic.service.service"
    shutil.copy(units / "clinic-alarm@.service", failed)
    judged("systemd-analyze", "verify", "--man=no", str(failed))
    text = (units / "clinic.service").read_text()
    assert "OnFailure=clinic-alarm@%n.service" in text
    assert "RestartPreventExitStatus=2" in text


def test_caddy_accepts_its_configuration(tmp_path: Path) -> None:
    install(tmp_path, **ANSWERS)
    path = str(tmp_path / "etc/caddy/Caddyfile")
    judged("caddy", "validate", "--adapter", "caddyfile", "--config", path)


def test_nginx_accepts_its_configuration(tmp_path: Path) -> None:
    install(tmp_path, **(ANSWERS | {"PROXY": "nginx"}))
    site = (tmp_path / "etc/nginx/sites-enabled/clinic").read_text()
    made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]
    made += ["-nodes", "-days", "2", "-subj", "/CN=larkspur.example"]
    made += ["-keyout", str(tmp_path / "privkey.pem"), "-out", str(tmp_path / "fullchain.pem")]
    judged(*made)
    site = site.replace("/etc/letsencrypt/live/larkspur.example", str(tmp_path))
    site = site.replace("/var/log/nginx", str(tmp_path))
    (tmp_path / "nginx.conf").write_text(f"pid {tmp_path}/nginx.pid; events {{}} http {{ {site} }}")
    judged("nginx", "-t", "-e", str(tmp_path / "error.log"), "-c", str(tmp_path / "nginx.conf"))
