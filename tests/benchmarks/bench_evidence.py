"""What a large library costs its readers and its authors: run as a module.

python -m tests.benchmarks.bench_evidence

Formats 5,000 references, publishes editions with 100 citations each, and asks for /evidence/ (past
the page store) while 200 and while 20,000 references are public. Seconds are those of this process,
SQLite's among them, and of many answers the fastest counts; still, times tell something only of a
machine at rest. A filter finds fewer than a page of 200, so that its page of 20,000 has more rows
to draw: how many is told beside the times.
"""

import os
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import NamedTuple

FEW, MANY = 200, 20_000
PER_EDITION = 100
ROUNDS = 100
MOMENT = datetime(2026, 3, 2, 12, tzinfo=UTC)
PATHS = (
    "/evidence/",
    "/evidence/?page=3",
    "/evidence/?sort=cited",
    "/evidence/?kind=Trial",
    "/evidence/?year=2010",
    "/evidence/?topic=knee",
    "/evidence/?q=knee",
    "/evidence/?q=knee&kind=Trial&year=2010&sort=cited",
    "/evidence/?q=xylophone",
    "/evidence/synthetic000100/",
)


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")
    with tempfile.TemporaryDirectory(prefix="clinic-bench-") as folder:
        os.environ["DATA_DIR"] = folder
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0)
        _measure()


def _measure() -> None:
    from articles import sample_data
    from articles.models import Reference
    from articles.references.styles import ama

    for _ in sample_data.add_references(FEW, MOMENT):
        pass
    _publish(0, FEW)
    few = {path: _ask(path) for path in PATHS}
    for _ in sample_data.add_references(MANY - FEW, MOMENT):
        pass
    library = [reference.csl for reference in Reference.objects.order_by("id")[:5000]]
    spent = _seconds(lambda: [ama.format_reference(csl) for csl in library])
    print(f"{len(library):,} references formatted: {spent:.1f} s")
    times = _publish(FEW, MANY)
    print(
        f"An edition with {PER_EDITION} citations published: "
        f"median {statistics.median(times):.2f} s, longest {max(times):.2f} s"
    )
    for path in PATHS:
        before, now = few[path], _ask(path)
        print(
            f"{path:50} {before.fastest * 1000:5.1f} ms for {before.rows:2} rows at {FEW:,}, "
            f"{now.fastest * 1000:5.1f} ms for {now.rows:2} at {MANY:,} "
            f"({now.fastest / before.fastest:.2f} times); the first after a change "
            f"{before.first * 1000:5.0f} and {now.first * 1000:5.0f} ms"
        )


def _publish(first: int, last: int) -> list[float]:
    """Publish texts that cite the references of these numbers; the seconds that each took."""
    from articles.models import Article, Topic
    from articles.publishing import publish

    knee, _made = Topic.objects.get_or_create(slug="knee", defaults={"name": "Knee"})
    times = []
    for start in range(first, last, PER_EDITION):
        numbers = range(start, start + PER_EDITION)
        body = "\n\n".join(f"It helps some people [@{_key(number)}]." for number in numbers)
        article = Article.objects.create(title=f"Text {start}", slug=f"text-{start}", body=body)
        if start % (2 * PER_EDITION) == 0:
            article.topics.set([knee])
        times.append(
            _seconds(
                lambda article=article: publish(
                    article, by=None, at=MOMENT, unreviewed_reason="Measured."
                )
            )
        )
    return times


def _key(number: int) -> str:
    from articles import sample_data

    return f"{sample_data.KEY}{number:06}"


class Asked(NamedTuple):
    """Seconds of the first answer after a change, the fastest of those that follow; rows shown."""

    first: float
    fastest: float
    rows: int


def _ask(path: str) -> Asked:
    from django.test import Client

    from clinic.site import page_context

    client = Client(HTTP_HOST="127.0.0.1")
    page_context.forget()

    def ask() -> None:
        assert client.get(path).status_code == 200, path

    first = _seconds(ask)
    fastest = min(_seconds(ask) for _ in range(ROUNDS))
    return Asked(first, fastest, client.get(path).content.count(b'<p class="year">'))


def _seconds(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


if __name__ == "__main__":
    main()
