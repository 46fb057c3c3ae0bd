"""Slugs of articles and pages: which are taken, by what, and which are free."""

from itertools import count

from articles.models import Article, Edition
from clinic.models import Redirect
from clinic.site import redirects

LONGEST = 80


def is_taken(kind: str, slug: str, article_id: int | None) -> bool:
    """Return whether something else has or had this slug."""
    past = Redirect.objects.filter(path=redirects.path_of(kind, slug)).first()
    is_past = past is not None and (past.kind, past.object_id) != (kind, article_id)
    return is_past or holder(kind, slug, article_id) is not None


def holder(kind: str, slug: str, article_id: int | None) -> Article | None:
    """Return the other article or page that has this slug, or had it when it was published."""
    others = Article.objects.exclude(pk=article_id or 0).only("title", "kind", "slug")
    editions = Edition.objects.not_cancelled().filter(kind=kind, slug=slug)
    return (
        others.filter(kind=kind, slug=slug).first()
        or others.filter(pk__in=editions.values("article")).first()
        or others.filter(kind=kind, pk=redirects.past_holder(kind, slug) or 0).first()
    )


def free(kind: str, slug: str) -> str:
    """Return the first of slug-2, slug-3 … that nothing has or had."""
    for number in count(2):
        ending = f"-{number}"
        found = slug[: LONGEST - len(ending)].rstrip("-") + ending
        if not is_taken(kind, found, None):
            return found
    raise AssertionError  # count() does not end
