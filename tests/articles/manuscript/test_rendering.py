"""From a text to its page: the same again, from the edition's own words and sources."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from articles.manuscript import rendering
from articles.manuscript.rendering import Text, compose, recompose, rendering_of, rerender
from articles.models import Article, Edition, Reference, Rendering
from articles.publishing import publish
from tests.whole_site import add_picture, add_reference

PARTS = ("html", "marks", "toc", "takeaways", "faq", "sources", "words")
HOUR = timedelta(hours=1)


def parts(made: Rendering) -> dict[str, Any]:
    return {name: getattr(made, name) for name in PARTS}


@pytest.fixture
def edition(make_article: Any, chys: Reference, noon: Any) -> Edition:
    add_reference("hu2018")
    article = make_article(
        takeaways="It helps [@hu2018]\nGo slowly",
        body="## Why\n\nIt helps [@chys2023, p. 3], says @hu2018.\n\n[Book](book:)",
        questions=[("Does it hurt?", "A little [@chys2023]."), ("For long?", "No.")],
    )
    return publish(article, by=None, at=noon)


def rows(*names: str) -> list[tuple[Any, ...]]:
    return list(Edition.objects.order_by("pk").values_list("pk", *names))


# -- composing ------------------------------------------------------------------------------------


def test_numbers_run_through_all_parts_in_reading_order(edition: Edition):
    sources = edition.rendering.sources
    assert [(s["number"], s["key"]) for s in sources] == [(1, "hu2018"), (2, "chys2023")]
    assert sources[0]["places"] == ["cite-1-1", "cite-1-2"]
    assert sources[1]["places"] == ["cite-2-1", "cite-2-2"]
    assert [entry["key"] for entry in edition.references] == ["hu2018", "chys2023"]


def test_ids_of_the_parts_do_not_meet(make_article: Any, noon: Any):
    note = "Words.[^1]\n\n[^1]: A note."
    article = make_article(body=note, questions=[("One?", note), ("Two?", note)])
    made = publish(article, by=None, at=noon).rendering
    html = [made.html, *(answer["html"] for answer in made.faq)]
    ids = [part.split('id="')[1].split('"')[0] for part in html]
    assert len(set(ids)) == 3


def test_an_edition_keeps_the_format_of_its_text(db: None, noon: Any):
    old = Edition(title="T", summary="", takeaways=["10^2^"], body="10^2^", faq=[], format=1)
    assert compose(Text.of_edition(old), at=noon).html == "<p>10^2^</p>\n"
    old.format = 2
    assert compose(Text.of_edition(old), at=noon).html == "<p>10<sup>2</sup></p>\n"


def test_problems_name_their_part_and_line(db: None, noon: Any):
    text = Text("T", "", ("Fine", "Bad [@a]"), "One.\n\nBad [@b].", (("Q?", "x\n\nBad [@c]."),))
    found = [(issue.where, issue.line) for issue in compose(text, at=noon).issues if issue.must]
    assert found == [("takeaways", 2), ("body", 3), ("faq 1", 3)]


def test_search_finds_the_words_of_every_part(db: None, noon: Any):
    text = Text("T", "Summary", ("Takeaway",), "Body **bold**", (("Question?", "Answer"),))
    plain = compose(text, at=noon).plain
    for word in ("Summary", "Takeaway", "bold", "Question?", "Answer"):
        assert word in plain
    assert "*" not in plain


def test_a_takeaway_loses_its_list_sign_and_keeps_its_markup():
    typed = "- One\n\n*  Two\n• Three\n✓Four\n**Five** and *six*\n- **Seven**\n-5 degrees\n -"
    assert Article(takeaways=typed).takeaway_lines == [
        "One",
        "Two",
        "Three",
        "Four",
        "**Five** and *six*",
        "**Seven**",
        "-5 degrees",
    ]


@pytest.mark.parametrize(("words", "minutes"), [(0, 1), (1, 1), (220, 1), (221, 2), (2200, 10)])
def test_reading_time_is_rounded_up(words: int, minutes: int):
    assert Rendering(words=words).reading_minutes == minutes


# -- rendering again ------------------------------------------------------------------------------


def test_rendering_again_makes_the_same(edition: Edition, noon: Any):
    before = parts(edition.rendering)
    assert rerender(at=noon + HOUR, everything=True) == Edition.objects.count()
    assert parts(Rendering.objects.get(edition=edition)) == before


def test_sources_stay_as_they_were_when_the_library_changes(edition: Edition, noon: Any):
    before = parts(edition.rendering)
    Reference.objects.filter(key="chys2023").update(csl={"title": "Corrected"}, doi="10.1/new")
    Reference.objects.filter(key="hu2018").update(key="hu2018a")
    rerender(at=noon + HOUR, everything=True)
    assert parts(Rendering.objects.get(edition=edition)) == before


def test_a_new_version_makes_renderings_again_and_leaves_editions_alone(
    edition: Edition, noon: Any, monkeypatch: pytest.MonkeyPatch
):
    columns = [field.attname for field in Edition._meta.concrete_fields]
    before = rows(*columns)
    rerender(at=noon)  # of the privacy page, which a migration published
    assert rerender(at=noon) == 0
    monkeypatch.setattr(rendering, "VERSION", "next")
    seen: list[Edition] = []
    assert rerender(at=noon + HOUR, said=seen.append) == len(seen) == Edition.objects.count()
    assert edition in seen
    made = Rendering.objects.get(edition=edition)
    assert (made.version, made.made_at) == ("next ama", noon + HOUR)
    assert rows(*columns) == before
    assert rerender(at=noon) == 0


def test_a_rendering_that_is_missing_is_made_for_the_reader(
    edition: Edition, client: Client, noon: Any
):
    before = parts(edition.rendering)
    path = edition.get_absolute_url()
    with_it = client.get(path).content
    rerender(at=noon)  # of the privacy page, which a migration published
    Rendering.objects.filter(edition=edition).delete()
    assert client.get(path).content == with_it
    assert not Rendering.objects.filter(edition=edition).exists()  # reading writes nothing
    fresh = Edition.objects.get(pk=edition.pk)
    assert parts(rendering_of(fresh, at=noon)) == before
    assert rerender(at=noon) == 1
    assert parts(Rendering.objects.get(edition=edition)) == before


def test_an_edition_is_rendered_from_itself_not_from_the_manuscript(edition: Edition, noon: Any):
    edition.article.body = "Other words."
    edition.article.save()
    assert "Other words" not in recompose(edition, at=noon).html


def test_the_alternative_text_of_a_picture_is_the_editions_own(
    make_article: Any, client: Client, noon: Any
):
    picture = add_picture("As the library says")
    body = f"![As the text says]({picture.address})"
    made = publish(make_article(body=body, hero=picture), by=None, at=noon)
    assert list(made.images.all()) == [picture]
    picture.alt = "Changed later"
    picture.save()
    page = client.get(made.get_absolute_url()).content.decode()
    assert 'alt="As the text says"' in page
    assert 'alt="As the library says"' in page  # the hero
    assert "Changed later" not in page
