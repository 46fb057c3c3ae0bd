"""A PostgreSQL of its own for one command: `python tests/postgres.py -- pytest tests/articles`.

Starts a cluster in a temporary folder, gives its address as DATABASE_URL, and takes it away when
the command has ended, also on Ctrl-C. Nothing in it survives, so it need not wait for the disk.
"""

import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

MEMORY = Path("/dev/shm")
DEBIAN = Path("/usr/lib/postgresql")  # the programs are not on the path there
INITDB = (
    *("--pgdata=data", "--username=clinic", "--auth=trust"),
    *("--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"),
)
SERVER = (
    *("-c", "listen_addresses=127.0.0.1"),
    *("-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"),
    *("-c", "max_wal_size=256MB"),
)


def programs() -> Path | None:
    """The folder of initdb and postgres, of the newest version; None if there is none."""
    if found := shutil.which("initdb"):
        return Path(found).parent
    versions = [path for path in DEBIAN.glob("*/bin") if (path / "initdb").exists()]
    return max(versions, key=lambda path: float(path.parent.name), default=None)


def fast_folder() -> Path:
    """Where files need not survive: in memory where there is room, so that no test waits for a
    disk. A database of its own costs a quarter of the time there."""
    usable = os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > 1 << 30
    return MEMORY if usable else Path("/tmp")


@contextmanager
def cluster() -> Iterator[str]:
    """A running cluster; gives the DATABASE_URL of an empty database in it."""
    folder = programs()
    if folder is None:
        raise RuntimeError("initdb was not found.")
    with tempfile.TemporaryDirectory(prefix="clinic-postgres-", dir=fast_folder()) as home:
        options: dict[str, Any] = {"cwd": home, "start_new_session": True}
        if os.geteuid() == 0:  # which both programs refuse
            shutil.chown(home, "postgres")
            options |= {"user": "postgres", "group": "postgres", "extra_groups": []}
        subprocess.run(
            [folder / "initdb", *INITDB],
            check=True,
            stdout=subprocess.DEVNULL,
            **options,
        )
        port = free_port()
        server = subprocess.Popen(
            [folder / "postgres", "-D", "data", "-k", home, "-p", str(port), *SERVER],
            stderr=subprocess.DEVNULL,
            **options,
        )
        try:
            address = f"postgres://clinic@127.0.0.1:{port}"
            _create_database(address, server)
            yield f"{address}/clinic"
        finally:
            server.send_signal(signal.SIGINT)  # at once, whoever is connected
            server.wait()


def create_database(url: str, name: str, template: str = "template1") -> str:
    """A new database of this name beside that of a DATABASE_URL, like `template`; gives its
    DATABASE_URL."""
    create = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
    drop_database(url, name)
    with _server(url) as server:
        server.execute(create.format(sql.Identifier(name), sql.Identifier(template)))
    return f"{url.rpartition('/')[0]}/{name}"


def drop_database(url: str, name: str) -> None:
    """Remove the database of this name, if there is one, whoever is connected."""
    drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
    with _server(url) as server:
        server.execute(drop.format(sql.Identifier(name)))


@contextmanager
def another_database(url: str, name: str, template: str = "template1") -> Iterator[str]:
    """Such a database for the time being; gives its DATABASE_URL."""
    try:
        yield create_database(url, name, template)
    finally:
        drop_database(url, name)


def _server(url: str) -> psycopg.Connection:
    return psycopg.connect(f"{url.rpartition('/')[0]}/postgres", autocommit=True)


def free_port() -> int:
    """A port of this machine that nobody listens on; below those that the system gives away, of
    which one may be taken before the server that it is for has started."""
    while True:
        port = random.SystemRandom().randrange(10_000, 30_000)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def _create_database(address: str, server: "subprocess.Popen[bytes]") -> None:
    while server.poll() is None:
        try:
            with psycopg.connect(f"{address}/postgres", autocommit=True) as connection:
                connection.execute("CREATE DATABASE clinic")
                return
        except psycopg.OperationalError:
            time.sleep(0.1)
    raise RuntimeError("PostgreSQL did not start.")


def main(arguments: list[str]) -> int:
    """Run the command after `--` with a cluster; returns its exit code."""
    if arguments[:1] != ["--"] or len(arguments) < 2:
        print("Usage: python tests/postgres.py -- COMMAND …", file=sys.stderr)
        return 2
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with cluster() as url:
        try:
            return subprocess.run(arguments[1:], env={**os.environ, "DATABASE_URL": url}).returncode
        except KeyboardInterrupt:
            return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
