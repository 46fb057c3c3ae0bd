"""Texts are rendered once, never inside a transaction; hashes of earlier recipes still count."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.urls import reverse

from articles.editor import previews
from articles.manuscript import content_hash
from articles.models import Edition, Review
from articles.publishing import ReviewMissing, edition_writer, minor_corrections, publish, redaction
from articles.review import invitations, reviews
from articles.review.reviews import remark, send_back, sign, signed
from clinic.lib import markdown
from clinic.models import Clinic, Practitioner, User

HOUR = timedelta(hours=1)


@pytest.fixture
def rendered(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, bool]]:
    """Each text that is rendered, and whether that was inside a transaction."""
    seen: list[tuple[str, bool]] = []
    render = markdown.render

    def noting(text: str, *args: Any, **kwargs: Any) -> Any:
        seen.append((text, connection.in_atomic_block))
        return render(text, *args, **kwargs)

    monkeypatch.setattr(markdown, "render", noting)
    return seen


@pytest.mark.django_db(transaction=True)
def test_no_verb_of_a_review_renders_inside_its_transaction(
    rendered: list[tuple[str, bool]],
    make_article: Any,
    hanna: Practitioner,
    editor: User,
    noon: datetime,
):
    article = make_article()
    send_back(article, reviewer=hanna, by=hanna.user, at=noon, comment="Name the risks.")
    remark(article, name="Hanna", by=None, at=noon, comment="Better.")
    sign(article, reviewer=hanna, by=hanna.user, at=noon, certainty="fair")
    invitation = invitations.invite(article, hanna, by=editor, at=noon)
    article.refresh_from_db()
    invitations.send_code(invitation, read=reviews.hash_of(article, at=noon), at=noon)
    invitation = invitations.find(invitations.token(invitation))
    assert invitation is not None
    invitations.approve(invitation, code=invitations.code_of(invitation), at=noon)
    assert Review.objects.count() == 2
    assert rendered
    assert not [text for text, inside in rendered if inside]


@pytest.mark.parametrize(
    ("name", "is_sent"),
    [("publish", False), ("publish", True), ("review", False), ("change", False)],
)
def test_a_page_of_the_desk_renders_a_text_once(
    name: str,
    is_sent: bool,
    rendered: list[tuple[str, bool]],
    client_as: Callable[[str], Any],
    make_article: Any,
):
    Clinic.objects.update(review_before_publishing=False)
    article = make_article(body="## Once\n\nWords of its own.")
    url = reverse(f"admin:articles_article_{name}", args=[article.pk])
    client = client_as("Manager")
    if is_sent:
        assert client.post(url, {"when": "now", "revision": "0"}).status_code == 302
        assert Edition.objects.filter(article=article).exists()
    else:
        assert client.get(url).status_code == 200
    assert [text for text, _inside in rendered].count(article.body) == 1


# -- recipes --------------------------------------------------------------------------------------


@pytest.fixture
def new_recipe(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Call it to let every new hash be made by recipe 2, which also counts the words."""

    def recipe(text: Any, certainty: str, cited: Any) -> dict[str, Any]:
        first = content_hash.RECIPES[1](text, certainty, cited)
        return {**first, "words": len(text.body.split())}

    def begin() -> None:
        monkeypatch.setitem(content_hash.RECIPES, 2, recipe)
        for module in (
            content_hash,
            reviews,
            edition_writer,
            minor_corrections,
            previews,
            redaction,
        ):
            monkeypatch.setattr(module, "HASH_RECIPE", 2)

    return begin


def stamp_of(edition: Edition) -> datetime | None:
    return Edition.objects.with_stamp().get(pk=edition.pk).checked_at


def test_a_new_recipe_keeps_the_sign_offs_of_unchanged_words(
    new_recipe: Callable[[], None], make_article: Any, hanna: Any, editor: User, noon: datetime
):
    published, draft = (
        make_article(),
        make_article(
            slug="draft", title="Desks", summary="Sit less.", body="The knee carries teh body."
        ),
    )
    for article in (published, draft):
        sign(article, reviewer=hanna, by=hanna.user, at=noon)
    old = publish(published, by=editor, at=noon)
    new_recipe()
    assert stamp_of(old) == noon
    edition = publish(draft, by=editor, at=noon + HOUR)
    assert (old.hash_recipe, edition.hash_recipe) == (1, 2)
    assert stamp_of(edition) == noon
    for article in (published, draft):
        review = signed(article, at=noon + HOUR)
        assert review is not None
        assert review.signed_at == noon
    draft.body, draft.revision = "The knee carries the body.", 1
    draft.save()
    with pytest.raises(ReviewMissing):
        publish(draft, by=editor, at=noon + 2 * HOUR)
    assert stamp_of(publish(draft, by=editor, at=noon + 2 * HOUR, minor=True)) == noon
    published.body, published.revision = "Quite other words than before, and more of them.", 1
    published.save()
    with pytest.raises(ReviewMissing):
        publish(published, by=editor, at=noon + 2 * HOUR)


def test_a_page_of_an_earlier_recipe_shows_a_new_sign_off(
    new_recipe: Callable[[], None], make_article: Any, hanna: Any, noon: datetime
):
    article = make_article()
    edition = publish(article, by=None, at=noon)
    new_recipe()
    sign(article, reviewer=hanna, by=hanna.user, at=noon + HOUR)
    assert stamp_of(edition) == noon + HOUR
    article.title = "Stairs"
    article.save()
    review = sign(article, reviewer=hanna, by=hanna.user, at=noon + 2 * HOUR)
    assert review.hash_recipe == 2
