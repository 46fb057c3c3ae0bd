"""The running site under load from outside, beside what the same server costs anyway: `make bench`.

One run measures everything, in interleaved rounds, so that a busy machine bears on all alike; of
each figure the median counts. CPU time per request is compared, wall time only shown. Needs wrk.

`python -m tests.benchmarks.bench_site [ARTICLES] [SECONDS] [ROUNDS]` writes docs/speed.csv,
docs/img/speed.svg and the table in docs/speed.md.
"""

import getpass
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from tests.benchmarks import speed_report
from tests.postgres import free_port

ROOT = Path(__file__).parent.parent.parent
TICKS = os.sysconf("SC_CLK_TCK")
BROTLI = {"Accept-Encoding": "br"}
MOST_PATHS = 200
MANY = 64  # connections that ask for what is stored
# Asks each of its paths in turn; COLD makes every request one that was never made before.
SCRIPT = """
local paths, n = {%(paths)s}, 0
wrk.method, wrk.body = "%(method)s", %(body)s
%(headers)s
function request()
  n = n + 1
  local path = paths[(n - 1) %% #paths + 1]
  if %(cold)s then path = path .. "%(unlike)s" .. n end
  return wrk.format(nil, path)
end
function done(summary, latency, requests)
  local e = summary.errors
  io.write(string.format("RESULT %%d %%d %%d %%d %%d\\n", summary.requests, summary.duration,
    latency:percentile(50), latency:percentile(99),
    e.connect + e.read + e.write + e.status + e.timeout))
end
"""


@dataclass(frozen=True)
class Case:
    """What is asked of which server, by so many connections; `beside` is what it is compared with,
    `aim` the ratio that it should not pass."""

    name: str
    server: str
    paths: Sequence[str]
    connections: int = 8
    cold: bool = False
    method: str = "GET"
    body: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    beside: str = ""
    aim: float | None = None


@dataclass
class Server:
    """A process with its children, on a port."""

    port: int
    process: "subprocess.Popen[bytes]"

    def pids(self) -> list[int]:
        """The process and all below it."""
        found, new = [], [self.process.pid]
        while new:
            found += new
            new = [
                int(child)
                for pid in new
                for file in Path(f"/proc/{pid}/task").glob("*/children")
                for child in file.read_text().split()
            ]
        return found

    def cpu_seconds(self) -> float:
        rows = [Path(f"/proc/{p}/stat").read_text().rpartition(")")[2].split() for p in self.pids()]
        return sum(int(row[11]) + int(row[12]) for row in rows) / TICKS

    def pss_megabytes(self) -> float:
        texts = [Path(f"/proc/{pid}/smaps_rollup").read_text() for pid in self.pids()]
        found = [re.search(r"^Pss:\s+(\d+)", text, re.MULTILINE) for text in texts]
        return sum(int(match[1]) for match in found if match) / 1024


def main(articles: int, seconds: int, rounds: int) -> None:
    if not shutil.which("wrk"):
        raise SystemExit("wrk makes the load: apt-get install wrk")
    with tempfile.TemporaryDirectory(prefix="clinic-bench-") as name:
        folder = Path(os.environ.get("BENCH_DATA") or name)
        site_port = free_port()
        environment = {**os.environ, "DATA_DIR": str(folder), "PORT": str(site_port)}
        asked = prepare(folder, articles, environment)
        with servers(folder, site_port, environment, asked["articles"][0]) as running:
            cases, memory = cases_of(asked, running), 0.0
            measured: dict[str, list[dict[str, float]]] = {case.name: [] for case in cases}
            for number in range(rounds):
                for case in cases:
                    measured[case.name].append(load(case, running, seconds, number))
                    print(f"round {number + 1}: {case.name}: {measured[case.name][-1]}", flush=True)
                    if case.name == "list, stored" and not number:  # before cold pages fill it
                        memory = running["site"].pss_megabytes()
    rows = []
    for case in cases:
        figures = {k: median(one[k] for one in measured[case.name]) for k in measured[case.name][0]}
        rows.append({"case": case.name, "beside": case.beside, "aim": case.aim or "", **figures})
    about = f"{machine()}; {articles} articles, two processes with eight threads each, " + (
        f"rounds of {seconds} s, median of {rounds}"
    )
    speed_report.write(ROOT / "docs", rows, about=about, memory=memory)


def prepare(folder: Path, articles: int, environment: dict[str, str]) -> dict[str, list[str]]:
    """Make the site and say what is asked of it."""
    manage = [sys.executable, "manage.py"]
    if not (folder / "db.sqlite3").exists():
        for command in (
            ["migrate", "-v0"],
            ["fill", "--articles", str(articles), "--references", "300", "--enquiries", "300"],
            ["collectstatic", "--noinput", "-v0"],
        ):
            subprocess.run([*manage, *command], env=environment, check=True, cwd=ROOT)
    code = "from tests.benchmarks.bench_site import asked; asked()"
    answer = subprocess.run(
        [*manage, "shell", "--no-imports", "-c", code],
        env=environment,
        check=True,
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    return json.loads(answer.stdout.splitlines()[-1])


def asked() -> None:
    """Print, as JSON, the addresses that are measured. Runs within the site."""
    from django.contrib.auth.models import Group
    from django.test import Client

    from articles.models import Article, Topic
    from bookings.models import Enquiry
    from bookings.patient import private_links
    from clinic.models import Service, User

    slugs = Article.objects.filter(slug__startswith="synthetic-").values_list("slug", flat=True)
    staff, is_new = User.objects.get_or_create(username="bench", defaults={"is_staff": True})
    if is_new:
        staff.groups.set([Group.objects.get(name="Manager"), Group.objects.get(name="Editor")])
    client = Client()
    client.force_login(staff, "django.contrib.auth.backends.ModelBackend")
    article = Article.objects.filter(slug__startswith="synthetic-").latest("id")
    answer = {
        "articles": [f"/articles/{slug}/" for slug in slugs.order_by("-id")[:MOST_PATHS]],
        "lists": ["/articles/", *(f"/articles/topics/{t.slug}/" for t in Topic.objects.all())],
        "services": [
            f"/services/{service.slug}/" for service in Service.objects.filter(is_public=True)
        ],
        "private": [private_links.path(Enquiry.objects.latest("id"))],
        "desk": [f"/admin/articles/article/{article.pk}/change/"],
        "session": [client.session.session_key or ""],
    }
    print(json.dumps(answer))


@contextmanager
def servers(
    folder: Path, site_port: int, environment: dict[str, str], page: str
) -> Iterator[dict[str, Server]]:
    """The site, and what it is compared with; all are stopped at the end."""
    running: dict[str, Server] = {}
    logs = (folder / "bench.log").open("wb")

    def start(name: str, port: int, *command: str) -> None:
        process = subprocess.Popen(command, env=environment, cwd=ROOT, stdout=logs, stderr=logs)
        running[name] = Server(port, process)
        for _ in range(300):
            try:
                get(port, "/healthz" if name == "site" else "/")
                return
            except OSError:
                time.sleep(0.1)
        raise SystemExit(f"{name} does not answer: see {folder / 'bench.log'}")

    try:
        start("site", site_port, sys.executable, "manage.py", "serve")
        file = folder / "page" / "index.html"
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(get(site_port, page, **BROTLI)[0])
        bare = (sys.executable, "-m", "tests.benchmarks.bare_server")
        for kind in ("wsgi", "django"):
            port = free_port()
            start(kind, port, *bare, kind, str(port), str(file))
        if nginx := shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin"):
            port = free_port()
            (folder / "nginx.conf").write_text(nginx_conf(folder, port))
            start("nginx", port, nginx, "-c", str(folder / "nginx.conf"), "-e", "stderr")
        yield running
    finally:
        for server in running.values():
            server.process.terminate()
        for server in running.values():
            server.process.wait(30)
        logs.close()


def nginx_conf(folder: Path, port: int) -> str:
    return (
        f"user {getpass.getuser()}; daemon off; pid {folder}/nginx.pid; worker_processes 2;\n"
        "events {}\n"
        f"http {{ access_log {folder}/nginx.log; client_body_temp_path {folder}/nginx-body;\n"
        f"server {{ listen 127.0.0.1:{port}; root {folder}/page;\n"
        "add_header Content-Encoding br; default_type text/html; } }\n"
    )


def get(port: int, path: str, **headers: str) -> tuple[bytes, dict[str, str]]:
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers=headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return answer.read(), dict(answer.headers)


def cases_of(asked: dict[str, list[str]], running: dict[str, Server]) -> list[Case]:
    articles, port = asked["articles"], running["site"].port
    first = articles[:1]
    etag = get(port, first[0], **BROTLI)[1]["ETag"]
    desk = {"Cookie": f"sessionid={asked['session'][0]}"}
    body, headers = get(port, "/book/")
    token = re.search(rb'name="csrfmiddlewaretoken" value="([^"]+)"', body)
    service = asked["services"][0].split("/")[2]
    form = f"csrfmiddlewaretoken={token[1].decode() if token else ''}&service={service}"
    sent = {
        "Cookie": headers.get("Set-Cookie", "").split(";")[0],
        "Content-Type": "application/x-www-form-urlencoded",
    }
    wsgi, plain = "bare WSGI callable", "bare Django view"
    found = [
        Case(wsgi, "wsgi", ["/"], MANY),
        Case(plain, "django", ["/"]),
        Case("article, stored", "site", articles[:20], MANY, beside=wsgi, aim=1 / 0.9),
        Case("article, not modified (304)", "site", first, MANY, beside=wsgi, aim=1 / 0.9,
             headers={"If-None-Match": etag}),
        Case("list, stored", "site", ["/articles/"], MANY, beside=wsgi),
        Case("article, cold", "site", articles[:20], cold=True, beside=plain, aim=24),
        Case("list, cold", "site", asked["lists"], cold=True, beside=plain, aim=24),
        Case("home, cold", "site", ["/"], cold=True, beside=plain, aim=24),
        Case("service, cold", "site", asked["services"], cold=True, beside=plain, aim=24),
        Case("search, cold", "site", ["/search/?q=knee+sleep", "/search/?q=neck+pain"],
             cold=True, beside=plain, aim=45),
        # Its query names change nothing, so it is asked past the store.
        Case("sitemap, cold", "site", ["/sitemap.xml"], beside=plain, aim=60,
             headers={"Authorization": "none"}),
        Case("booking form", "site", ["/book/"], beside=plain),
        Case("booking form, sent", "site", ["/book/"], beside=plain, method="POST", body=form,
             headers=sent),
        Case("private page", "site", asked["private"], beside=plain),
        Case("article's form in the desk", "site", asked["desk"], 4, beside=plain, headers=desk),
        Case("inbox", "site", ["/admin/bookings/enquiry/"], 4, beside=plain, headers=desk),
    ]  # fmt: skip
    if "nginx" in running:
        found.insert(1, Case("file through nginx", "nginx", ["/"], MANY, beside=wsgi))
    return found


def load(case: Case, running: dict[str, Server], seconds: int, number: int) -> dict[str, float]:
    """One round: requests a second, p50 and p99 in ms, CPU in ms per request, errors."""
    server = running[case.server]
    headers = {**BROTLI, **case.headers}
    script = SCRIPT % {
        "paths": ",".join(json.dumps(path) for path in case.paths),
        "method": case.method,
        "body": json.dumps(case.body) if case.body else "nil",
        "headers": "\n".join(f"wrk.headers[{json.dumps(k)}] = {json.dumps(headers[k])}"
                             for k in headers),
        "cold": "true" if case.cold else "false",
        "unlike": f"&kind={number}x" if "?" in case.paths[0] else f"?q={number}x",
    }  # fmt: skip
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as file:
        file.write(script)
        file.flush()
        command = ["wrk", "-t1", f"-c{case.connections}", f"-d{seconds}", "--latency"]
        command += ["-s", file.name, f"http://127.0.0.1:{server.port}"]
        if case.connections == MANY:  # in memory, in either process
            subprocess.run(command, capture_output=True, check=True)
        before = server.cpu_seconds()
        out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        used = server.cpu_seconds() - before
    requests, duration, p50, p99, errors = map(int, out.rpartition("RESULT ")[2].split())
    return {
        "requests_per_s": round(requests / (duration / 1e6), 1),
        "p50_ms": round(p50 / 1000, 2),
        "p99_ms": round(p99 / 1000, 2),
        "cpu_ms": round(used / max(requests, 1) * 1000, 3),
        "errors": errors,
    }


def machine() -> str:
    """Processor, cores and Python, as far as the system tells."""
    text = Path("/proc/cpuinfo").read_text()
    found = re.search(r"^model name\s*: (.+)$", text, re.MULTILINE)
    name = found[1].strip() if found else platform.machine()
    return f"{name}, {os.cpu_count()} cores, Python {platform.python_version()}, SQLite"


if __name__ == "__main__":
    given = [int(text) for text in sys.argv[1:]]
    main(*[*given, *(1000, 5, 3)[len(given) :]])
