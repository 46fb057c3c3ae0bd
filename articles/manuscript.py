"""The manuscript as a whole: its canonical form, its hash, what stands in the way of publishing."""

import hashlib
import json
import re
from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from articles import ama
from articles.citations import Source
from articles.models import Article
from articles.rendering import Grade, Issue, Text

HASH_RECIPE = 1


def content_hash(text: Text, certainty: str, cited: Iterable[Source]) -> str:
    """SHA-256 (hex) of the canonical manuscript: what a reviewer signs.

    Recipe 1: title, summary, takeaways, text and FAQ with normalised white space, certainty, and
    of each cited reference key, DOI, PMID, title and year, by key.
    """
    canonical = {
        "recipe": HASH_RECIPE,
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
    packed = json.dumps(canonical, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(packed.encode("utf-8", "surrogatepass")).hexdigest()


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
        must("title", "no-title", _("Give it a title."))
    if not text.body.strip():
        must("body", "no-text", _("There is no text yet."))
    if article.hero and not article.hero.alt:
        must("hero", "missing-alt", _("The hero picture has no alternative text."))
    return issues
