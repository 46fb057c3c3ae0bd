"""Nothing is lost: web server and worker are killed again and again while requests come in.

python -m tests.benchmarks.bench_nothing_lost [2000]

Every few seconds gunicorn, the worker or both get SIGKILL and are started again. Visitors fill the
form and, as people do, send it again until they see the confirmation. Meanwhile the mail server
refuses, stalls and hangs up. At the end it recovers, the worker goes on a day later, and each
request that was confirmed must stand in the database once, with its receipt delivered.
"""

import contextlib
import json
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from tests import ready_made
from tests.benchmarks.bad_smtp import BadMailServer

ROOT = Path(__file__).parents[2]
VISITORS = 6
PAUSE = (1.5, 4.0)  # seconds between two kills
PATIENCE = 300  # seconds for which a visitor tries
# Over HTTP; the list of authorities, read for each client, takes most of the time of a request.
PLAIN: dict[str, Any] = {"verify": False}


@dataclass
class Result:
    """What a run found. `lost` and `twice` are requests, `unsent` receipts."""

    confirmed: int = 0
    repeats: int = 0  # sendings that got no answer
    kills: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    mails: int = 0
    mails_twice: int = 0
    lost: list[int] = field(default_factory=list)
    twice: list[int] = field(default_factory=list)
    unsent: list[int] = field(default_factory=list)
    seconds: float = 0


def run(count: int, *, pause: tuple[float, float] = PAUSE) -> Result:
    """Send so many requests to a site of its own, in a temporary folder."""
    made = ready_made.use_folder()  # unless a run of tests has one
    home = Path(tempfile.mkdtemp(prefix="clinic-killed-"))
    result = Result()
    begun = time.monotonic()
    try:
        with BadMailServer() as mail_server:
            site = _Site(home / "data", mail_server.port, result)
            site.prepare()
            with site.killed(pause), ThreadPoolExecutor(VISITORS) as pool:
                for repeats in pool.map(site.visit, range(count)):
                    result.repeats += repeats
                    result.confirmed += 1
            mail_server.recover()
            found = json.loads(site.manage("shell", "-c", AFTERWARDS, "--verbosity", "0"))
            _compare(result, count, found, mail_server)
    finally:
        for folder in filter(None, [home, made]):
            shutil.rmtree(folder, ignore_errors=True)
    result.seconds = time.monotonic() - begun
    return result


# A day later every lease and pause is over.
AFTERWARDS = """
import json
from datetime import timedelta
from django.utils import timezone
from bookings.models import Enquiry
from clinic.mail import outbox
at = timezone.now() + timedelta(days=1)
while outbox.run_once(at): pass
print(json.dumps(list(Enquiry.objects.values_list("name", flat=True))))
"""


def _compare(result: Result, count: int, names: list[str], mail_server: BadMailServer) -> None:
    times = Counter(names)
    receipts = mail_server.delivered
    result.refused = mail_server.refused
    result.mails = sum(len(ids) for ids in receipts.values())
    result.mails_twice = sum(len(ids) - len(set(ids)) for ids in receipts.values())
    for number in range(count):
        found = times[f"Patient {number}"]
        if found == 0:
            result.lost.append(number)
        elif found > 1:
            result.twice.append(number)
        if len(set(receipts.get(f"p{number}@patients.example", []))) != 1:
            result.unsent.append(number)


class _Site:
    def __init__(self, home: Path, mail_port: int, result: Result) -> None:
        self.home, self.result = home, result
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        kept = ("PATH", "HOME", "LANG", "PYTHONPATH", "TEST_CLOCK_SHIFT")
        self.environment = {name: os.environ[name] for name in kept if name in os.environ} | {
            "DATA_DIR": str(home),
            "PORT": str(self.port),
            "EMAIL_URL": f"smtp://127.0.0.1:{mail_port}",
            "DEMO": "0",
        }
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    def manage(self, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment,
            check=True,
            capture_output=True,
            text=True,
        )
        return done.stdout.strip().rpartition("\n")[2]

    def prepare(self) -> None:
        ready_made.migrated(self.home)
        # A new clinic would take no requests before it is set up.
        ready = "from clinic.models import Clinic; Clinic.objects.update(has_taken_requests=True)"
        self.manage("shell", "-c", ready)
        self.start("serve")
        self.start("worker")

    def start(self, command: str) -> None:
        self.running[command] = subprocess.Popen(
            [sys.executable, "manage.py", command],
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def kill(self, command: str) -> None:
        """SIGKILL the process and all that it started."""
        process = self.running[command]
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    @contextlib.contextmanager
    def killed(self, pause: tuple[float, float]) -> Any:
        """While the block runs, kill and start again; afterwards all processes are gone."""
        over = threading.Event()

        def loop() -> None:
            while True:
                # Once the site answers: killed while it starts, it would never serve anybody.
                self._wait_until_it_answers(over)
                if over.wait(random.uniform(*pause)):
                    return
                for command in random.choice([["serve"], ["worker"], ["serve", "worker"]]):
                    self.kill(command)
                    self.result.kills[command] += 1
                    self.start(command)

        thread = threading.Thread(target=loop)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()
            for command in self.running:
                self.kill(command)

    def _wait_until_it_answers(self, over: threading.Event) -> None:
        while not over.is_set():
            with contextlib.suppress(httpx.HTTPError):
                httpx.get(f"http://127.0.0.1:{self.port}/healthz", timeout=2, **PLAIN)
                return
            over.wait(0.1)

    def visit(self, number: int) -> int:
        """Make one request, as a person with a browser; returns how often there was no answer."""
        failures = 0
        until = time.monotonic() + PATIENCE
        # The proxy's word: each comes from an address of its own.
        address = f"198.51.{number // 250 % 250}.{number % 250}"
        with httpx.Client(
            base_url=f"http://127.0.0.1:{self.port}",
            headers={"X-Forwarded-For": address},
            timeout=30,
            **PLAIN,
        ) as client:
            typed: dict[str, str] = {}
            while time.monotonic() < until:
                try:
                    typed = typed or self._fill(client, number)
                    answer = client.post("/book/", data=typed)
                    if answer.status_code != 302:
                        raise RuntimeError(f"The form was answered with {answer.status_code}.")
                    page = client.get(answer.headers["Location"])
                    if page.status_code == 200 and "We’ve received your request" in page.text:
                        return failures
                except httpx.HTTPError:
                    failures += 1
                    time.sleep(0.3)
        raise RuntimeError(f"Patient {number} got no confirmation in {PATIENCE} s.")

    def _fill(self, client: httpx.Client, number: int) -> dict[str, str]:
        token = _hidden(client.get("/book/").text, "csrfmiddlewaretoken")
        gate = client.post(
            "/book/",
            data={"csrfmiddlewaretoken": token, "service": "not-sure", "asked": "not-sure"},
        ).text
        return {
            "csrfmiddlewaretoken": _hidden(gate, "csrfmiddlewaretoken"),
            "gate": _hidden(gate, "gate"),
            "returning": "no",
            "name": f"Patient {number}",
            "email": f"p{number}@patients.example",
            "message": "It began on the stairs.",
        }


def _hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    if found is None:
        raise RuntimeError(f"The page has no field {name}.")
    return found[1]


def main() -> None:
    result = run(int(sys.argv[1]) if len(sys.argv) > 1 else 2000)
    print(f"{result.confirmed} requests confirmed in {result.seconds:.0f} s")
    print(f"killed: web {result.kills['serve']} times, worker {result.kills['worker']} times")
    print(f"sent again by visitors for want of an answer: {result.repeats}")
    print(f"mail server: {dict(result.refused)}; took {result.mails}, {result.mails_twice} twice")
    print(f"lost {result.lost}, twice {result.twice}, without receipt {result.unsent}")
    sys.exit(bool(result.lost or result.twice or result.unsent))


if __name__ == "__main__":
    main()
