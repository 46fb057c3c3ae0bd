"""A PostgreSQL of its own for one command: `python tests/postgres.py -- pytest tests/articles`.

Starts a cluster in a temporary folder, gives its address as DATABASE_URL, and takes it away when
the command has ended, also on Ctrl-C. Nothing in it survives, so it need not wait for the disk.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

DEBIAN = Path("/usr/lib/postgresql")  # the programs are not on the path there
INITDB = (
    *("--pgdata=data", "--username=clinic", "--auth=trust"),
    *("--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"),
)
SERVER = (
    *("-c", "listen_addresses=127.0.0.1"),
    *("-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"),
)


def programs() -> Path | None:
    """The folder of initdb and postgres, of the newest version; None if there is none."""
    if found := shutil.which("initdb"):
        return Path(found).parent
    versions = [path for path in DEBIAN.glob("*/bin") if (path / "initdb").exists()]
    return max(versions, key=lambda path: float(path.parent.name), default=None)


@contextmanager
def cluster() -> Iterator[str]:
    """A running cluster; gives the DATABASE_URL of an empty database in it."""
    folder = programs()
    if folder is None:
        raise RuntimeError("initdb was not found.")
    with tempfile.TemporaryDirectory(prefix="clinic-postgres-", dir="/tmp") as home:
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
        port = _free_port()
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


@contextmanager
def another_database(url: str, name: str) -> Iterator[str]:
    """An empty database of this name beside that of a DATABASE_URL; gives its DATABASE_URL."""
    server = url.rpartition("/")[0]
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield f"{server}/{name}"
        finally:
            drop = sql.SQL("DROP DATABASE {} WITH (FORCE)")
            connection.execute(drop.format(sql.Identifier(name)))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


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
