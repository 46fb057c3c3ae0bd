"""A site in processes of its own: one folder of data, served by gunicorn, nginx and Caddy.

Run as a program (`python -m tests.served_site prepare|serve`) it is that site; imported, it starts
the three set-ups of docs/running.md on free ports of this machine, with the files of deploy/.
"""

import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from tests import ready_made
from tests.postgres import free_port

ROOT = Path(__file__).parent.parent
HOST = "clinic.example"
PROGRAM = (sys.executable, "-m", "tests.served_site")
RECEIVE_SECONDS, PROXY_SECONDS = 3, 4  # in place of 50 and 60
PATIENCE = 60  # seconds until an answer that does not come is a failure
# Debian has nginx where an ordinary user's PATH does not look.
SEARCH_PATH = f"{os.environ['PATH']}:/usr/sbin"
FRONTS = ("bare", "nginx", "caddy")
# Believes its own certificates. One for all connections: a default one reads all authorities.
TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
TLS.check_hostname, TLS.verify_mode = False, ssl.CERT_NONE


def main(task: str) -> None:
    """Make the data, or serve them with short limits and some faults to log."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "clinic.settings"
    from clinic import settings

    settings.ADMINS = [("Operator", "operator@clinic.example")]  # type: ignore[attr-defined]
    mailing = {"class": "django.utils.log.AdminEmailHandler", "level": "ERROR"}
    settings.LOGGING["handlers"]["mail"] = mailing | {"filters": ["private_links"]}
    settings.LOGGING["root"]["handlers"].append("mail")
    import django

    django.setup()
    print(json.dumps(_prepare())) if task == "prepare" else _serve()


def _prepare() -> dict[str, str]:
    from django.contrib.auth.models import Group
    from django.test import Client
    from django.utils import timezone

    from articles.editor.previews import share_token
    from bookings.patient import private_links
    from clinic.models import Clinic, User
    from tests.whole_site import build

    Clinic.objects.update(is_demo=True)
    site = build(timezone.now())
    manager = User.objects.create_user("manager", is_staff=True)
    manager.groups.set([Group.objects.get(name="Manager")])
    client = Client()
    client.force_login(manager, "django.contrib.auth.backends.ModelBackend")
    return {
        "session": client.session.session_key or "",
        "request": private_links.path(site.enquiry),
        "preview": f"/preview/{share_token(site.article)}/",
    }


def _serve() -> None:
    from django.core.management import call_command

    from bookings.patient import page
    from clinic.lib.web import deadlines, pagestore

    deadlines.RECEIVE_SECONDS = RECEIVE_SECONDS
    show, place = page._show, pagestore.PageStore._place

    def fail_in_view(request: Any, *args: Any, **kwargs: Any) -> Any:
        if "fail" in request.GET:
            raise RuntimeError(f"{request.path} failed")
        return show(request, *args, **kwargs)

    def fail_outside(self: Any, environ: Any) -> Any:
        if environ["QUERY_STRING"] == "crash":
            raise RuntimeError(f"{environ['PATH_INFO']} crashed")
        return place(self, environ)

    page._show = fail_in_view
    pagestore.PageStore._place = fail_outside  # type: ignore[method-assign]
    call_command("serve")


class Served:
    """The site behind one front; `log` is all that front and website wrote."""

    def __init__(self, front: str, folder: Path, data: Path) -> None:
        self.front, self.folder, self.data = front, folder, data
        self.is_secure = front != "bare"
        self.website, self.port = free_port(), free_port()
        if not self.is_secure:
            self.port = self.website
        self.processes: list[subprocess.Popen[bytes]] = []
        folder.mkdir()

    @property
    def origin(self) -> str:
        return f"https://{HOST}" if self.is_secure else f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start website and front, and wait for the first answer."""
        environment = site_environment(self.data) | {"PORT": str(self.website)}
        if self.is_secure:
            environment |= {"SITE_URL": self.origin, "EMAIL_URL": ""}
        self._run([*PROGRAM, "serve"], "website", environment)
        self.start_front()
        for _ in range(1200):
            try:
                if self.get("/healthz")[0] == 200:
                    return
            except OSError:
                pass
            time.sleep(0.1)
        raise AssertionError(self.log)

    def start_front(self) -> None:
        """Start nginx or Caddy alone, with the configuration of docs/."""
        if self.front == "nginx":
            self._run(["nginx", "-c", str(self._nginx()), "-g", "daemon off;"], "nginx")
        elif self.front == "caddy":
            home = {"HOME": str(self.folder), "XDG_DATA_HOME": str(self.folder)}
            command = ["caddy", "run", "--adapter", "caddyfile", "--config", str(self._caddy())]
            self._run(command, "caddy", os.environ | home | {"XDG_CONFIG_HOME": str(self.folder)})

    def stop(self) -> None:
        for process in reversed(self.processes):
            process.terminate()
        for process in self.processes:
            process.wait(30)

    @property
    def log(self) -> str:
        files = [*self.folder.glob("*.out"), *self.folder.glob("*.log")]
        return "".join(path.read_text(errors="replace") for path in files)

    def connect(self, timeout: float = PATIENCE) -> socket.socket:
        """A connection to the front, with TLS where it has it."""
        plain = socket.create_connection(("127.0.0.1", self.port), timeout)
        if not self.is_secure:
            return plain
        return TLS.wrap_socket(plain, server_hostname=HOST)

    def head(self, method: str, path: str, *headers: str) -> bytes:
        """The head of a request, as bytes; names of headers are sent as they are given."""
        host = HOST if self.is_secure else f"127.0.0.1:{self.port}"
        lines = [f"{method} {path} HTTP/1.1", f"Host: {host}", "Connection: close", *headers]
        return ("\r\n".join(lines) + "\r\n\r\n").encode()

    def get(self, path: str, *headers: str, timeout: float = PATIENCE) -> tuple[int, str, str]:
        """Status, headers in small letters, and body."""
        return self.send(self.head("GET", path, *headers), timeout=timeout)

    def post(self, path: str, body: str, *headers: str) -> tuple[int, str, str]:
        form = ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}"]
        return self.send(self.head("POST", path, *form, *headers) + body.encode())

    def send(self, request: bytes, timeout: float = PATIENCE) -> tuple[int, str, str]:
        """Send bytes and read the answer to its end. Raises OSError."""
        with self.connect(timeout) as connection:
            connection.sendall(request)
            answer = b""
            while data := connection.recv(65536):
                answer += data
        head, _, body = answer.partition(b"\r\n\r\n")
        if not head:
            raise ConnectionError("no answer")
        if b"\r\ntransfer-encoding: chunked" in head.lower():
            body = _joined(body)
        return int(head[9:12]), head.decode().lower(), body.decode(errors="replace")

    def _run(self, command: list[str], name: str, environment: Any = None) -> None:
        with (self.folder / f"{name}.out").open("wb") as out:
            self.processes.append(
                subprocess.Popen(
                    command,
                    cwd=ROOT,
                    env=environment or {**os.environ, "PATH": SEARCH_PATH},
                    stdout=out,
                    stderr=out,
                )
            )

    def _certificate(self) -> tuple[Path, Path]:
        key, certificate = self.folder / "key.pem", self.folder / "cert.pem"
        command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt"]
        command += ["ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", f"/CN={HOST}"]
        command += ["-keyout", str(key), "-out", str(certificate)]
        subprocess.run(command, check=True, capture_output=True)
        return key, certificate

    def _nginx(self) -> Path:
        key, certificate = self._certificate()
        site = (ROOT / "deploy/nginx.conf").read_text()
        for pattern, ours in {
            r"listen 80;": f"listen 127.0.0.1:{free_port()};",
            r"listen 443 ssl;": f"listen 127.0.0.1:{self.port} ssl;",
            r"ssl_certificate +[^;]+;": f"ssl_certificate {certificate};",
            r"ssl_certificate_key +[^;]+;": f"ssl_certificate_key {key};",
            r"/var/log/nginx": str(self.folder),
            r"127\.0\.0\.1:8000": f"127.0.0.1:{self.website}",
            r"timeout 60s": f"timeout {PROXY_SECONDS}s",
        }.items():
            site, times = re.subn(pattern, ours, site)
            assert times, pattern
        folders = "".join(
            f"{name}_temp_path {self.folder / name};\n"
            for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        path = self.folder / "nginx.conf"
        path.write_text(
            f"pid {self.folder}/nginx.pid;\nerror_log {self.folder}/error.log crit;\n"
            f"events {{ worker_connections 768; }}\nhttp {{\n{folders}{site}}}\n"
        )
        return path

    def _caddy(self) -> Path:
        key, certificate = self._certificate()
        site = (ROOT / "deploy/Caddyfile").read_text()
        own = f"\tadmin off\n\tauto_https disable_redirects\n\thttps_port {self.port}\n"
        for pattern, ours in {
            r"(?m)^\{\n": "{\n" + own,
            r"(?m)^clinic\.example \{": (
                f"https://{HOST}:{self.port} {{\n\tbind 127.0.0.1\n\ttls {certificate} {key}"
            ),
            r"127\.0\.0\.1:8000": f"127.0.0.1:{self.website}",
            r" 60s": f" {PROXY_SECONDS}s",
        }.items():
            site, times = re.subn(pattern, ours, site)
            assert times, pattern
        path = self.folder / "Caddyfile"
        path.write_text(site)
        return path


def _joined(chunked: bytes) -> bytes:
    """The body that was sent in chunks."""
    whole = b""
    while chunked:
        size, _, chunked = chunked.partition(b"\r\n")
        length = int(size, 16)
        whole, chunked = whole + chunked[:length], chunked[length + 2 :]
    return whole


def site_environment(data: Path) -> dict[str, str]:
    """The environment of a site with SQLite in that folder, a second factor required."""
    kept = {n: v for n, v in os.environ.items() if not n.startswith(("COV", "DATABASE_URL"))}
    kept = {n: v for n, v in kept.items() if n not in ("SITE_URL", "EMAIL_URL")}
    return kept | {"DATA_DIR": str(data), "SECOND_FACTOR": "required", "PYTHONWARNINGS": "ignore"}


def prepare(data: Path) -> dict[str, str]:
    """Make the data of the site, in a folder that does not exist; returns its secrets."""
    ready_made.migrated(data)
    done = subprocess.run(
        [*PROGRAM, "prepare"],
        cwd=ROOT, env=site_environment(data), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    secrets: dict[str, str] = json.loads(done.stdout.splitlines()[-1])
    return secrets


def is_there(front: str) -> bool:
    """Whether the program of this front is installed."""
    return front == "bare" or shutil.which(front, path=SEARCH_PATH) is not None


if __name__ == "__main__":
    main(sys.argv[1])
