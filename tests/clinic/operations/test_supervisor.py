"""Web server and worker side by side: restarted, stopped together, nothing left behind."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]

CHILD = textwrap.dedent("""
    import os, pathlib, signal, sys, time
    pathlib.Path(sys.argv[1]).open("a").write(f"{os.getpid()}\\n")
    if sys.argv[2] != "stays":
        while not pathlib.Path(sys.argv[2]).exists():
            time.sleep(0.02)
        sys.exit(3)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    time.sleep(60)
""")

SUPERVISOR = textwrap.dedent("""
    import sys
    sys.path.insert(0, sys.argv[1])
    from clinic.operations import supervisor
    supervisor.LOOK_EVERY = 0.02
    supervisor.FIRST_PAUSE = 0.02
    child = [sys.executable, "-c", sys.argv[2]]
    web, worker = sys.argv[3:5], sys.argv[5:7]
    sys.exit(supervisor.supervise([*child, *web], [*child, *worker]))
""")


@pytest.fixture
def start(tmp_path):
    """A supervisor with two children; each stays, or ends as soon as the given file is there."""
    running = []

    def start(web="stays", worker="stays"):
        process = subprocess.Popen(
            [
                *(sys.executable, "-c", SUPERVISOR, str(ROOT), CHILD),
                *(str(tmp_path / "web"), str(web), str(tmp_path / "worker"), str(worker)),
            ],
            stderr=subprocess.DEVNULL,
        )
        running.append(process)
        return process

    yield start
    for process in running:
        process.kill()
        process.wait()


def started(path, count):
    """The process ids in a file, once there are so many."""
    for _ in range(1500):
        ids = [int(line) for line in path.read_text().split()] if path.exists() else []
        if len(ids) >= count:
            return ids
        time.sleep(0.02)
    raise AssertionError(f"{path.name} was started {len(ids)} times, expected {count}")


def gone(pid):
    for _ in range(1500):
        try:
            os.kill(pid, 0)
            # A zombie that waits for its parent has ended too.
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except (ProcessLookupError, FileNotFoundError):
            return True
        time.sleep(0.02)
    return False


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_both_and_is_a_success(start, tmp_path, number):
    process = start()
    children = started(tmp_path / "web", 1) + started(tmp_path / "worker", 1)
    process.send_signal(number)
    assert process.wait(30) == 0
    assert all(gone(pid) for pid in children)


def test_a_worker_that_dies_is_started_again(start, tmp_path):
    process = start(worker=tmp_path / "web")
    assert len(set(started(tmp_path / "worker", 3))) >= 3
    assert len(started(tmp_path / "web", 1)) == 1
    assert process.poll() is None
    process.terminate()
    assert process.wait(30) == 0


def test_a_web_server_that_ends_ends_all(start, tmp_path):
    process = start(web=tmp_path / "worker")
    assert process.wait(30) == 3
    assert all(gone(pid) for pid in started(tmp_path / "worker", 1))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends children with their parent")
def test_a_killed_supervisor_leaves_no_orphan(start, tmp_path):
    process = start()
    children = started(tmp_path / "web", 1) + started(tmp_path / "worker", 1)
    process.kill()
    process.wait(30)
    assert all(gone(pid) for pid in children)
