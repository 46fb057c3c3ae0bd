"""The staff's lists with many rows against few: `python -m tests.benchmarks.bench_admin [N]`.

With 10,000 articles and 5,000 pictures they must answer within 1.5 times what they take with 100.
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable
from io import StringIO
from typing import Any

FEW, MOST_TIMES, REPEAT = 100, 1.5, 7
PAGES = {
    "the day's desk": "/admin/",
    "articles": "/admin/articles/article/",
    "a new article": "/admin/articles/article/add/",
    "articles, second page": "/admin/articles/article/?p=2",
    "articles, of one kind": "/admin/articles/article/?kind__exact=article",
    "pictures": "/admin/clinic/image/",
    "pictures without alt text": "/admin/clinic/image/?described=no",
    "topics": "/admin/articles/topic/",
}


def values(row: Any) -> dict[str, Any]:
    """A row's columns by name."""
    return {column.attname: getattr(row, column.attname) for column in row._meta.concrete_fields}


def multiply(upto: int) -> None:
    """Copies of the articles that `fill` published, and of their live editions: made one by one,
    as staff would, ten thousand take an hour."""
    from django.utils import timezone

    from articles.models import Article, Edition

    editions = list(Edition.objects.live(timezone.now()).articles().select_related("article"))
    first = Article.objects.count()
    for start in range(first, upto, 500):
        numbers = range(start, min(start + 500, upto))
        chosen = [editions[number % len(editions)] for number in numbers]
        articles = [
            Article(**{**values(edition.article), "id": None, "slug": f"copy-{number}"})
            for number, edition in zip(numbers, chosen, strict=True)
        ]
        Article.objects.bulk_create(articles)
        Edition.objects.bulk_create(
            Edition(**{**values(edition), "id": None, "article_id": article.pk})
            for article, edition in zip(articles, chosen, strict=True)
        )


def add_pictures(upto: int) -> None:
    """Rows without files: lists only name them."""
    from clinic.models import Image

    first = Image.objects.count()
    Image.objects.bulk_create(
        (
            Image(
                file=f"images/invented-{n}.png",
                width=800,
                height=600,
                sha256=f"{n:064x}",
                alt=f"Invented {n}" if n % 3 else "",  # a whole page of each
            )
            for n in range(first, upto)
        ),
        batch_size=500,
    )


def seconds(ask: Callable[[], object]) -> float:
    """CPU time of one answer: the best of several, so that a busy machine matters less."""
    ask()
    best = float("inf")
    for _ in range(REPEAT):
        start = time.process_time()
        ask()
        best = min(best, time.process_time() - start)
    return best


def measure() -> dict[str, float]:
    from django.contrib.auth import get_user_model
    from django.contrib.auth.models import Group
    from django.test import Client

    user, _made = get_user_model().objects.get_or_create(username="bench", is_staff=True)
    user.groups.set([Group.objects.get(name="Manager")])
    client = Client(HTTP_HOST="127.0.0.1")
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    times = {}
    for name, path in PAGES.items():
        if client.get(path).status_code != 200:
            raise SystemExit(f"{path} does not answer.")
        times[name] = seconds(lambda path=path: client.get(path))
    return times


def main(articles: int) -> None:
    with tempfile.TemporaryDirectory(prefix="clinic-bench-") as data_dir:
        os.environ["DATA_DIR"] = data_dir
        os.environ["SECOND_FACTOR"] = "optional"
        os.environ["DJANGO_SETTINGS_MODULE"] = "clinic.settings"
        import django
        from django.conf import settings
        from django.core.management import call_command

        # Names without hashes: nothing has to be collected before.
        plain = "django.contrib.staticfiles.storage.StaticFilesStorage"
        settings.STORAGES["staticfiles"]["BACKEND"] = plain
        django.setup()
        call_command("migrate", verbosity=0)
        call_command("fill", articles=FEW, stdout=StringIO())
        add_pictures(FEW)
        few = measure()
        multiply(articles)
        add_pictures(articles // 2)
        many = measure()
    worst = 0.0
    for name, taken in many.items():
        times = taken / few[name]
        worst = max(worst, times)
        print(f"{name:36} {few[name] * 1e3:7.1f} ms  {taken * 1e3:7.1f} ms  {times:5.2f} ×")
    if worst > MOST_TIMES:
        raise SystemExit(f"More than {MOST_TIMES} times what few rows take.")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
