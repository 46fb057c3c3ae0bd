"""The manuscript as a whole: its canonical form, its hash, what stands in the way of publishing."""

import hashlib
import json
import re
from collections.abc import Callable, Iterable
from typing import Any

from django.utils.translation import gettext as _

from articles.manuscript.citations import Source
from articles.manuscript.rendering import Grade, Issue, Text
from articles.models import Article
from articles.references.styles import ama

HASH_RECIPE = 1  # of new hashes


def content_hash(
    text: Text, certainty: str, cited: Iterable[Source], *, recipe: int | None = None
) -> str:
    """SHA-256 (hex) of the canonical manuscript: what a reviewer signs.

    `recipe`: that of an earlier hash, to compare the words with it; HASH_RECIPE if not given.
    """
    number = HASH_RECIPE if recipe is None else recipe
    canonical = {"recipe": number, **RECIPES[number](text, certainty, cited)}
    packed = json.dumps(canonical, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(packed.encode("utf-8", "surrogatepass")).hexdigest()


def _recipe_1(text: Text, certainty: str, cited: Iterable[Source]) -> dict[str, Any]:
    """Title, summary, takeaways, text and FAQ with normalised white space, certainty, and of each
    cited reference key, DOI, PMID, title and year, by key."""
    return {
        "title": _words(text.title),
        "summary": _words(text.summary),
        "takeaways": [_words(line) for line in text.takeaways],
        "body": _lines(text.body),
        "faq": [[_words(question), _lines(answer)] for question, answer in text.faq],
        "certainty": certainty,
        "references": [
            [source.key, source.doi, source.pmid, _words(_title(source)), ama.year(source.csl)]
            for source in sorted(cited, key=lambda source: source.key)
        ],
    }


# A recipe that was ever used stays: earlier sign-offs are compared with theirs. A new one gets the
# next number, and becomes HASH_RECIPE.
RECIPES: dict[int, Callable[[Text, str, Iterable[Source]], dict[str, Any]]] = {1: _recipe_1}


def _title(source: Source) -> str:
    return str(source.csl.get("title") or "")


def _words(text: str) -> str:
    return " ".join(text.split())


def _lines(text: str) -> str:
    """Line ends, spaces at their ends and the number of blank lines mean nothing in Markdown."""
    lines = [line.rstrip() for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")


def missing_parts(article: Article, text: Text) -> list[Issue]:
    """What a text needs beside correct Markdown before it can be published."""
    issues = []

    def must(where: str, code: str, message: Any) -> None:
        issues.append(Issue(where, 0, code, str(message), Grade.MUST))

    if not text.title.strip():
        must("title", "no-title", _("Add a title."))
    if not text.body.strip():
        must("body", "no-text", _("The body is empty."))
    if article.hero and not article.hero.alt:
        must("hero", "missing-alt", _("The hero image has no alt text."))
    return issues
