"""What staff save has a length, and comparing two texts has a limit on its work."""

import random
from typing import Any

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.db import models

from articles.manuscript.citations import MOST_LINKS, Citations, Source
from articles.manuscript.rendering import Text
from articles.models import Article, Question
from articles.publishing import minor_corrections
from clinic.lib import comparing, markdown
from clinic.lib.fields.bounded_text import LONG, LONGEST

# Written by the site itself, from what is bounded.
MADE = {
    "articles.Citation.sentence", "articles.Edition.body", "articles.Edition.summary",
    "articles.Reference.title", "articles.Rendering.html", "clinic.SearchDocument.heads",
    "clinic.SearchDocument.name", "clinic.SearchDocument.rest", "clinic.SearchDocument.title",
    "clinic.SearchDocument.topic", "clinic.SecondFactor.secret", "bookings.Event.text",
    "bookings.PractitionerCalendar.address",  # of a field with a length
    "articles.MistakeReport.text",  # likewise
}  # fmt: skip


def texts() -> list[Any]:
    return [
        field
        for model in apps.get_models()
        if model._meta.app_label in ("clinic", "articles", "bookings")
        for field in model._meta.local_fields
        if isinstance(field, models.TextField)
    ]


@pytest.mark.parametrize("field", texts(), ids=str)
def test_every_text_that_a_person_fills_has_a_length(field: Any) -> None:
    if str(field) in MADE:
        return
    [most] = {v.limit_value for v in field.validators if isinstance(v, MaxLengthValidator)}
    assert most <= LONGEST
    field.run_validators("a" * most)
    with pytest.raises(ValidationError):
        field.run_validators("a" * (most + 1))
    form_field = field.formfield()
    assert form_field.max_length in (most, None)


def article_form(**changes: str) -> dict[str, str]:
    fields = {"kind": "article", "title": "Knees", "slug": "knees", "body": "Knees.", **changes}
    return {"questions-TOTAL_FORMS": "0", "questions-INITIAL_FORMS": "0", **fields}


def test_a_text_that_is_too_long_is_not_saved_and_not_lost(client_as: Any) -> None:
    author = client_as("Editor")
    page = author.post("/admin/articles/article/add/", article_form(body="word " * 60_000))
    assert page.status_code == 200
    assert f"{LONGEST}" in str(page.context["adminform"].form.errors["body"])
    assert page.text.count("word ") >= 60_000
    assert not Article.objects.filter(slug="knees").exists()


def test_all_answers_together_have_a_length(client_as: Any) -> None:
    given = {
        f"questions-{n}-{name}": value
        for n in range(6)
        for name, value in (("question", "Why?"), ("answer", "a" * (LONG - 1)), ("order", str(n)))
    }
    editor = client_as("Editor")
    form = article_form(**given) | {"questions-TOTAL_FORMS": "6"}
    page = editor.post("/admin/articles/article/add/", form)
    assert page.status_code == 200
    assert "more than 100000 characters in total" in page.text
    form |= {"questions-5-answer": "a"}
    assert editor.post("/admin/articles/article/add/", form).status_code == 302
    assert Question.objects.count() == 6


# -- comparing ------------------------------------------------------------------------------------


def sentences(count: int, seed: int) -> str:
    words = ["the", "of", "and", "knee", "pain", "back", "a", "in", "strength", "for", "from"]
    chosen = random.Random(seed)
    parts = (" ".join(chosen.choice(words) for _ in range(12)) for _ in range(count))
    return "".join(f"{part}.{chr(10) * 2 if n % 8 == 7 else ' '}" for n, part in enumerate(parts))


PAIRS = {
    "12,000 words": (sentences(1_000, 1), sentences(1_000, 2)),
    "one paragraph": ("knee pain " * 6_000, "pain back knee " * 4_000),
    "one sentence of two words": ("a b " * 12_000, "b a a " * 9_000),
    "one word": ("a " * 25_000, "a " * 24_000),
    "empty paragraphs": ("a\n\n" * 30_000, "a\n\n" * 29_000 + "b"),
    "no word": ("a" * 100_000, "b" * 100_000),
    "signs": (".!?" * 30_000, "?!." * 30_000),
    "short paragraphs": (
        "".join(f"{n % 7} {n % 5}\n\n" for n in range(12_000)),
        "".join(f"{n % 5} {n % 7}\n\n" for n in range(12_000)),
    ),
}


@pytest.mark.parametrize("name", PAIRS)
def test_comparing_has_a_limit_and_loses_no_word(name: str) -> None:
    old, new = PAIRS[name]
    effort = comparing.Effort()
    ways = (comparing.paragraphs, comparing._sentences, comparing._WORDS.findall)
    pieces = list(comparing._merged(comparing._compared(old, new, ways, effort)))
    assert "".join(piece.text for piece in pieces if piece.kind != "new") == old
    assert "".join(piece.text for piece in pieces if piece.kind != "gone") == new


def test_no_search_goes_on_when_the_effort_is_spent(monkeypatch: pytest.MonkeyPatch) -> None:
    searched = []
    search = comparing.SequenceMatcher.find_longest_match

    def counted(self: Any, alo: int, ahi: int, blo: int, bhi: int) -> Any:
        searched.append(sum(len(self.b2j.get(item, ())) for item in self.a[alo:ahi]))
        return search(self, alo, ahi, blo, bhi)

    monkeypatch.setattr(comparing.SequenceMatcher, "find_longest_match", counted)
    for old, new in PAIRS.values():
        searched.clear()
        comparing.by_words(old, new)
        assert sum(searched) <= comparing.MOST_STEPS


def test_one_changed_word_in_a_long_text_is_found() -> None:
    old = sentences(1_000, 1)
    place = old.index("knee", 40_000)
    new = f"{old[:place]}elbow{old[place + 4 :]}"
    changed = [piece for piece in comparing.by_words(old, new) if piece.kind != "same"]
    assert [(piece.kind, piece.text) for piece in changed] == [("gone", "knee"), ("new", "elbow")]


def text_of(body: str) -> Text:
    return Text(title="T", summary="", takeaways=(), body=body, faq=())


def test_a_typing_error_in_a_long_text_is_minor_and_another_text_is_not() -> None:
    old = sentences(1_000, 1)
    place = old.index("knee", 40_000)
    new = f"{old[:place]}kne{old[place + 4 :]}"
    size = minor_corrections.measure(text_of(old), text_of(new))
    assert (size.places, size.characters, size.turns) == (1, 1, False)
    assert size.is_minor
    for one, other in PAIRS.values():
        assert not minor_corrections.measure(text_of(one), text_of(other)).is_minor


# -- rendering ------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_link_is_looked_up_once(django_assert_max_num_queries: Any, noon: Any) -> None:
    names = Citations({}, noon)
    with django_assert_max_num_queries(8):
        rendered = markdown.render("[a](article:foo) [b](service:bar) " * 500, resolver=names)
    assert len(rendered.problems) == 1_000


@pytest.mark.django_db
def test_links_are_looked_up_within_a_limit(
    django_assert_max_num_queries: Any, noon: Any, make_article: Any
) -> None:
    make_article(slug="stairs")
    names = Citations({}, noon)
    many = " ".join(f"[a](article:x{n})" for n in range(4_000))
    with django_assert_max_num_queries(4 * MOST_LINKS):
        rendered = markdown.render(f"[a](article:stairs) {many}", resolver=names)
    assert len(rendered.problems) == 4_000


def test_the_sentence_around_a_citation_is_kept_as_far_as_it_is_one(noon: Any) -> None:
    source = Source(1, "chys2023", {"title": "T"})
    names = Citations({"chys2023": source}, noon)
    markdown.render("words [@chys2023] " * 2_000, resolver=names)
    assert len(names.uses) == 2_000
    assert max(len(use.sentence) for use in names.uses) <= 2_100
