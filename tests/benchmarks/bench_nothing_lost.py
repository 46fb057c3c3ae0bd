"""Nothing is lost: web server and worker are killed again and again while requests come in.

python -m tests.benchmarks.bench_nothing_lost [2000 [200]]

Every few seconds gunicorn, the worker or both get SIGKILL and are started again. Visitors fill the
form and, as people do, send it again until they see the confirmation. Meanwhile the mail server
refuses, stalls and hangs up. At the end it recovers, the worker goes on a day later, and each
request that was confirmed must stand in the database once, with its receipt delivered.

The first 200 ask for one and the same open time, and reception offers it to all of them at once:
one gets it, and each of the others is told. So is each visitor who asks for it after that, with
what they typed; the one who has it accepts, again and again, until the page says it is booked.
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
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from queue import Queue
from typing import Any
from zoneinfo import ZoneInfo

import httpx

from tests import ready_made
from tests.benchmarks.bad_smtp import BadMailServer
from tests.benchmarks.clinic_to_kill import AFTERWARDS, PREPARE

ROOT = Path(__file__).parents[2]
VISITORS = 6
RECEPTION = 3
GONE = "A time that you chose is no longer open"
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
    takers: int = 0  # requests to which one time was offered at once
    won: int = 0  # of them, who got it
    told: int = 0  # and who was told that it is taken
    told_at_once: int = 0  # visitors who asked for it when it was taken
    busy: Counter[int] = field(default_factory=Counter)  # pages that reception had to reload
    booked: int = 0  # appointments at that time, at the end
    lost: list[int] = field(default_factory=list)
    twice: list[int] = field(default_factory=list)
    unsent: list[int] = field(default_factory=list)
    seconds: float = 0

    @property
    def is_good(self) -> bool:
        """Whether nothing was lost, and one of the takers has the time."""
        one = not self.takers or (self.booked == 1 and self.won <= 1)
        return one and not (self.lost or self.twice or self.unsent)


def run(count: int, takers: int = 0, *, pause: tuple[float, float] = PAUSE) -> Result:
    """Send so many requests to a site of its own, in a temporary folder. So many `takers` of them,
    and as many after them as there are, ask for the same time."""
    made = ready_made.use_folder()  # unless a run of tests has one
    home = Path(tempfile.mkdtemp(prefix="clinic-killed-"))
    result = Result(takers=takers)
    begun = time.monotonic()
    try:
        with BadMailServer() as mail_server:
            site = _Site(home / "data", mail_server.port, result)
            site.prepare()
            with (
                site.killed(pause),
                ThreadPoolExecutor(VISITORS) as visitors,
                ThreadPoolExecutor(RECEPTION) as reception,
            ):
                _take(result, visitors.map(site.visit, range(takers)))
                offering = reception.map(site.offer, range(takers))
                _take(result, visitors.map(site.visit, range(takers, count)))
                answers = Counter(offering)
                result.won, result.told = answers[True], answers[False]
                if takers:
                    site.accept()
            mail_server.recover()
            found = json.loads(site.manage("shell", "-c", AFTERWARDS, "--verbosity", "0"))
            _compare(result, count, found, mail_server)
    finally:
        for folder in filter(None, [home, made]):
            shutil.rmtree(folder, ignore_errors=True)
    result.seconds = time.monotonic() - begun
    return result


def _take(result: Result, visits: Iterable[int]) -> None:
    for repeats in visits:
        result.repeats += repeats
        result.confirmed += 1


def _compare(
    result: Result, count: int, found: dict[str, list[str]], mail_server: BadMailServer
) -> None:
    times, booked = Counter(found["names"]), found["booked"]
    result.booked = len(booked)
    receipts = mail_server.delivered
    result.refused = mail_server.refused
    result.mails = sum(len(ids) for ids in receipts.values())
    result.mails_twice = sum(len(ids) - len(set(ids)) for ids in receipts.values())
    for number in range(count):
        name = f"Patient {number}"
        if times[name] == 0:
            result.lost.append(number)
        elif times[name] > 1:
            result.twice.append(number)
        mails = len(set(receipts.get(f"p{number}@patients.example", [])))
        if mails < 2 if name in booked else mails != 1:  # also that it is booked
            result.unsent.append(number)


class _Site:
    def __init__(self, home: Path, mail_port: int, result: Result) -> None:
        self.home, self.result = home, result
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        self.environment = kept | {
            "DATA_DIR": str(home),
            "PORT": str(self.port),
            "EMAIL_URL": f"smtp://127.0.0.1:{mail_port}",
            "DEMO": "0",
            "SECOND_FACTOR": "optional",
        }
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.sessions: Queue[str] = Queue()  # of reception: one person does one thing at a time
        self.wanted = ""  # the time that the takers ask for, by the name it has in the form
        self.pages: dict[int, str] = {}  # of those who asked for it, their private page
        self.choosing = threading.Lock()

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
        made = self.manage("shell", "-c", PREPARE % RECEPTION, "--verbosity", "0")
        for key in json.loads(made):
            self.sessions.put(key)
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

    def _client(self, address: str = "198.51.100.1") -> httpx.Client:
        """A browser behind the proxy, which says its address."""
        return httpx.Client(
            base_url=f"http://127.0.0.1:{self.port}",
            headers={"X-Forwarded-For": address},
            timeout=120,  # of a machine that has more to do
            **PLAIN,
        )

    def visit(self, number: int) -> int:
        """Make one request, as a person with a browser; returns how often there was no answer."""
        failures = 0
        wants = number < 2 * self.result.takers
        with self._client(f"198.51.{number // 250 % 250}.{number % 250}") as client:
            typed: dict[str, str] = {}
            for _try in _patiently():
                try:
                    typed = typed or self._fill(client, number, wants)
                    answer = client.post("/book/", data=typed)
                    if answer.status_code == 422 and GONE in answer.text and "wishes" in typed:
                        if typed["name"] not in answer.text:
                            raise RuntimeError("What was typed is lost.")
                        self.result.told_at_once += 1
                        del typed["wishes"]
                        continue
                    if answer.status_code != 302:
                        raise RuntimeError(f"The form was answered with {answer.status_code}.")
                    page = client.get(answer.headers["Location"])
                    if page.status_code == 200 and "We’ve received your request" in page.text:
                        self.pages[number] = page.url.path
                        return failures
                except httpx.HTTPError:
                    failures += 1
                    time.sleep(0.3)
        raise RuntimeError(f"Patient {number} got no confirmation in {PATIENCE} s.")

    def _fill(self, client: httpx.Client, number: int, wants: bool) -> dict[str, str]:
        token = _hidden(client.get("/book/").text, "csrfmiddlewaretoken")
        chosen = {"service": "knee-pain", "asked": "knee-pain"}
        if not wants:
            chosen = {"service": "not-sure", "place": "anywhere", "asked": "not-sure:anywhere"}
        page = client.post("/book/", data={"csrfmiddlewaretoken": token, **chosen}).text
        typed = {
            "csrfmiddlewaretoken": _hidden(page, "csrfmiddlewaretoken"),
            "gate": _hidden(page, "gate"),
            "returning": "no",
            "name": f"Patient {number}",
            "email": f"p{number}@patients.example",
            "message": "It began on the stairs.",
        }
        if wants:
            with self.choosing:  # the last that is shown: it is days away
                self.wanted = self.wanted or re.findall(r'name="wishes" value="([^"]*)"', page)[-1]
            typed["wishes"] = self.wanted
        return typed

    def offer(self, number: int) -> bool:
        """Offer the time to one of those who want it, as reception does; whether they got it."""
        minute, practitioner, location = self.wanted.split("-")
        start = datetime.fromtimestamp(int(minute) * 60, ZoneInfo("UTC"))
        address = f"/admin/bookings/enquiry/{_key(self.pages[number])}/change/"
        session = self.sessions.get()
        try:
            with self._client() as client:
                client.cookies.set("sessionid", session)
                for _try in _patiently():
                    try:
                        page = client.get(address)
                        page.raise_for_status()  # too busy: they reload it
                        sent = {
                            "csrfmiddlewaretoken": _hidden(page.text, "csrfmiddlewaretoken"),
                            "do": "offer",
                            "seen": _hidden(page.text, "seen"),
                            "offer-practitioner": practitioner,
                            "offer-location": location,
                            "offer-minutes": "45",
                            "offer-start_0": start.isoformat(),
                        }
                        answer = client.post(address, data=sent)
                    except httpx.HTTPError as error:
                        if isinstance(error, httpx.HTTPStatusError):
                            self.result.busy[error.response.status_code] += 1
                        time.sleep(0.3)
                        continue
                    if answer.status_code == 302:
                        return True
                    # Also who got it, where the answer was lost.
                    if answer.status_code == 422 and "is already held for" in answer.text:
                        return False
                    raise RuntimeError(f"Offering was answered with {answer.status_code}.")
        finally:
            self.sessions.put(session)
        raise RuntimeError(f"Patient {number} was offered nothing in {PATIENCE} s.")

    def accept(self) -> None:
        """The one who has the time accepts it, pressing until the page says that it is booked."""
        with self._client() as client:
            for number in range(self.result.takers):
                for _try in _patiently():
                    try:
                        page = client.get(self.pages[number]).text
                        if "Your appointment is booked." in page:
                            return
                        offers = re.findall(r'name="offer" value="(\d+)"', page)
                        if not offers:
                            break  # somebody else has it
                        token = _hidden(page, "csrfmiddlewaretoken")
                        sent = {"do": "accept", "offer": offers[0], "csrfmiddlewaretoken": token}
                        client.post(self.pages[number], data=sent)
                    except httpx.HTTPError:
                        time.sleep(0.3)
        raise RuntimeError("Nobody has the time that all wanted.")


def _patiently() -> Iterator[None]:
    """Again and again, as long as people try."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        yield


def _key(path: str) -> int:
    """The key of a request, with which the token of its private page begins, in base 36."""
    return int(path.split("/")[3].partition("-")[0], 36)


def _hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    if found is None:
        raise RuntimeError(f"The page has no field {name}.")
    return found[1]


def main() -> None:
    result = run(*[int(text) for text in sys.argv[1:]] or [2000, 200])
    print(f"{result.confirmed} requests confirmed in {result.seconds:.0f} s")
    print(f"killed: web {result.kills['serve']} times, worker {result.kills['worker']} times")
    print(f"sent again by visitors for want of an answer: {result.repeats}")
    print(f"mail server: {dict(result.refused)}; took {result.mails}, {result.mails_twice} twice")
    print(
        f"{result.takers} were to get one time: {result.won} did, {result.told} were told, and "
        f"{result.told_at_once} who asked for it later; booked: {result.booked}"
    )
    print(f"lost {result.lost}, twice {result.twice}, without receipt {result.unsent}")
    sys.exit(not result.is_good)


if __name__ == "__main__":
    main()
