"""What a large site costs those who search it: run as a module.

python -m tests.benchmarks.bench_search

Asks queries while 200 and while 10,000 articles are public, past the page store, and writes
one more document at each size. Seconds are of this process' processor, SQLite's among them; the
first answer after a change, which reads synonyms and vocabulary, is told apart.
"""

import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

FEW, MANY = 200, 10_000
WORDS = 600  # of an article
ROUNDS = 5
MOMENT = datetime(2026, 3, 2, 12, tzinfo=UTC)
QUERIES = (
    *("knee", "knee pain", "lower back pain", "how long does a sore knee take", "parking"),
    *("sciatica", "siatica", "neddle", "shoul", '"a sore knee"', "xylophone", "cancel", "IMS"),
    *("exercise for the knee at night", "running", "load", "sleep and balance", "the", "wrist 42"),
)


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")
    with tempfile.TemporaryDirectory(prefix="clinic-bench-") as folder:
        os.environ["DATA_DIR"] = folder
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        _measure()


def _measure() -> None:
    from clinic.operations import demo

    demo.load_all(MOMENT)
    costs = {}
    made = 0
    for size in (FEW, MANY):
        _publish(made, size)
        made = size
        first, times = _ask()
        put = _seconds(lambda size=size: _index(size - 1))
        costs[size] = statistics.quantiles(times, n=20)[-1], put
        print(
            f"{size:,} articles: median {statistics.median(times) * 1000:.1f} ms, p95 "
            f"{costs[size][0] * 1000:.1f} ms, slowest {max(times) * 1000:.1f} ms; the first after "
            f"a change {first * 1000:.0f} ms; a document indexed in {put * 1000:.1f} ms"
        )
    for name, few, many in zip(("p95", "indexing"), costs[FEW], costs[MANY], strict=True):
        print(f"{name}: {many / few:.1f} times at {MANY / FEW:.0f} times the size")


def _ask() -> tuple[float, list[float]]:
    from clinic.site import page_context

    page_context.forget()
    first = _seconds(lambda: _answer("neddle"))
    times = []
    for _round in range(ROUNDS):
        for query in QUERIES:
            times.append(_seconds(lambda query=query: _answer(query)))
    return first, times


def _answer(query: str) -> None:
    """Find and show as the page does, without its template."""
    from clinic.finding import asking

    answer = asking.answer(query, MOMENT)
    answer.shown(answer.found[:20])


def _publish(first: int, last: int) -> None:
    """Make live editions of these numbers, without their pages, and index them."""
    from articles.models import Article, Edition
    from articles.publishing.edition_writer import HASH_RECIPE

    with _transaction():
        articles = Article.objects.bulk_create(
            Article(title=f"Bench {n}", slug=f"bench-{n}") for n in range(first, last)
        )
        Edition.objects.bulk_create(
            Edition(
                article=article,
                number=1,
                kind="article",
                title=article.title,
                slug=article.slug,
                content_hash="0" * 64,
                hash_recipe=HASH_RECIPE,
                goes_live_at=MOMENT,
                first_live_at=MOMENT,
                created_at=MOMENT,
            )
            for article in articles
        )
        for n in range(first, last):
            _index(n)


def _index(number: int) -> None:
    from articles.models import Edition
    from clinic.finding import indexing

    pk = Edition.objects.values_list("pk", flat=True).get(slug=f"bench-{number}")
    indexing.put("edition", pk, _text(number))


def _text(number: int):  # type: ignore[no-untyped-def]
    from articles.sample_data import _sentence
    from clinic.hooks import Passage, SearchText
    from clinic.operations.sample_data import random_for

    draw = random_for("search", number)

    def sentences(words: int) -> Iterator[str]:
        count = 0
        while count < words:
            sentence = _sentence(draw)
            count += len(sentence.split())
            yield sentence

    passages = [Passage("", "", " ".join(sentences(WORDS // 6)))]
    for part in range(5):
        passages.append(Passage(f"p{part}", _sentence(draw), " ".join(sentences(WORDS // 6))))
    return SearchText(f"/articles/bench-{number}/", _sentence(draw), tuple(passages), "Knee")


def _transaction():  # type: ignore[no-untyped-def]
    from django.db import transaction

    return transaction.atomic()


def _seconds(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


if __name__ == "__main__":
    main()
