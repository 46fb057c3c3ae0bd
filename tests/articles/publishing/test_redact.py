"""Taking the words out of an edition: all of them, of this one only, and with the guards back."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.test import Client

from articles.models import Article, Citation, Edition, Rendering
from articles.publishing import publish
from articles.review.reviews import sign
from clinic.finding import asking
from clinic.lib.database import guards
from clinic.models import Image, SearchDocument
from clinic.site import content_version

pytestmark = pytest.mark.django_db
REASON = "A patient could be recognised."


@pytest.fixture
def picture() -> Any:
    name = "images/knee-0123456789ab.webp"
    Image.objects.bulk_create([Image(file=name, width=2, height=2, sha256="0" * 64, alt="Alt")])
    return Image.objects.get()


@pytest.fixture
def editions(
    make_article: Callable[..., Any],
    noon: datetime,
    chys: Any,
    ines: Any,
    knee: Any,
    needling: Any,
    picture: Any,
) -> list[Edition]:
    """Two of one article, every word of which is a marmalade word."""
    article = make_article(
        title="Marmalade title",
        summary="Marmalade summary",
        takeaways="Marmalade takeaway",
        body="## Marmalade heading\n\nMarmalade sentence [@chys2023].\n\n"
        "![Marmalade picture](/media/images/knee-0123456789ab.webp)",
        seo_title="Marmalade in search",
        seo_description="Marmalade described",
        certainty="firm",
        hero=picture,
        author=ines,
        questions=[("Marmalade question?", "Marmalade answer [@chys2023].")],
        topics=[knee],
        services=[needling],
    )
    reviewer = type(ines).objects.create(name="Dr Hanna Weiss", slug="hanna", role="Doctor")
    sign(article, reviewer=reviewer, by=None, at=noon)
    first = publish(article, by=None, at=noon)
    second = publish(
        article,
        by=None,
        at=noon + timedelta(days=1),
        change_note="Marmalade change",
        unreviewed_reason="Marmalade reason",
    )
    return [first, second]


def words_of(edition: Edition) -> str:
    """All that is stored of an edition, in one string."""
    tables = (
        Edition.objects.filter(pk=edition.pk),
        Rendering.objects.filter(edition=edition),
        Citation.objects.filter(edition=edition),
        SearchDocument.objects.filter(kind="edition", object_id=edition.pk),
    )
    return str([list(rows.values()) for rows in tables])


def redact(edition: Edition, **options: Any) -> Edition:
    call_command("redact", str(edition.pk), **{"reason": REASON, "yes": True, **options})
    return Edition.objects.with_stamp().get(pk=edition.pk)


def test_no_word_of_it_is_left_and_the_other_edition_has_all(editions: list[Edition]) -> None:
    first, second = editions
    assert words_of(second).count("armalade") > 10
    before = words_of(first)
    redact(second)
    assert "armalade" not in words_of(second)
    assert REASON in words_of(second)
    assert words_of(first) == before
    second.article.refresh_from_db()
    assert second.article.body.startswith("## Marmalade")


def test_number_address_and_dates_stay(editions: list[Edition]) -> None:
    stay = (
        *("article_id", "number", "kind", "slug", "goes_live_at", "first_live_at", "created_at"),
        *("withdrawn_at", "author_id", "author_name", "topic_list", "service_list"),
    )
    for edition in editions:
        before = Edition.objects.filter(pk=edition.pk).values(*stay).get()
        redact(edition)
        assert Edition.objects.filter(pk=edition.pk).values(*stay).get() == before
    assert editions[0].topics.count() == editions[0].services.count() == 1


def test_what_it_held_is_let_go(editions: list[Edition], picture: Any) -> None:
    for edition in editions:
        redact(edition)
    Article.objects.update(hero=None)
    picture.delete()
    assert not Citation.objects.exists()


def test_no_review_is_shown_with_the_notice(editions: list[Edition]) -> None:
    assert Edition.objects.with_stamp().get(pk=editions[1].pk).checked_by == "Dr Hanna Weiss"
    redacted = redact(editions[1])
    assert redacted.checked_by is None
    assert redacted.content_hash != editions[1].content_hash


def test_its_page_shows_the_notice_and_search_does_not_find_it(
    editions: list[Edition], noon: datetime
) -> None:
    version = content_version.current_version()
    assert asking.answer("marmalade", noon + timedelta(days=2)).results
    redact(editions[1])
    assert content_version.current_version() != version
    assert not asking.answer("marmalade", noon + timedelta(days=2)).results
    assert not asking.answer("recognised", noon + timedelta(days=2)).results
    response = Client().get("/articles/knees-and-stairs/")
    assert response.status_code == 200
    page = response.content.decode()
    assert REASON in page
    assert "armalade" not in page


def test_the_guards_stand_again(editions: list[Edition]) -> None:
    redact(editions[1])
    assert guards.missing(connection) == []
    with pytest.raises(IntegrityError, match="guard"), transaction.atomic():
        Edition.objects.filter(pk=editions[1].pk).update(title="Other")


def test_it_is_named_by_address_and_number(editions: list[Edition]) -> None:
    call_command("redact", "knees-and-stairs/1", reason=REASON, yes=True)
    assert "armalade" not in words_of(editions[0])
    assert "armalade" in words_of(editions[1])


@pytest.mark.parametrize("name", ["0", "knees-and-stairs/9", "knees-and-stairs", "/1", "x/y", ""])
def test_what_is_not_there(editions: list[Edition], name: str) -> None:
    with pytest.raises(CommandError, match="There is no edition") as refusal:
        call_command("redact", name, reason=REASON, yes=True)
    assert refusal.value.returncode == 2


def test_an_article_and_a_page_of_one_name(
    editions: list[Edition], make_article: Callable[..., Any], noon: datetime
) -> None:
    page = make_article(kind="page", slug="knees-and-stairs")
    publish(page, by=None, at=noon)
    with pytest.raises(CommandError, match="matches more than one edition") as refusal:
        call_command("redact", "knees-and-stairs/1", reason=REASON, yes=True)
    assert refusal.value.returncode == 2
    assert "armalade" in words_of(editions[0])


@pytest.mark.parametrize("answer", ["", "y", "no", None])
def test_it_asks_first(
    editions: list[Edition], answer: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ask(prompt: str) -> str:
        if answer is None:
            raise EOFError
        return answer

    monkeypatch.setattr("builtins.input", ask)
    with pytest.raises(CommandError, match="Nothing was changed"):
        redact(editions[0], yes=False)
    assert "armalade" in words_of(editions[0])
    monkeypatch.setattr("builtins.input", lambda prompt: "yes")
    redact(editions[0], yes=False)
    assert "armalade" not in words_of(editions[0])


def test_a_reason_must_be_given(editions: list[Edition]) -> None:
    with pytest.raises(CommandError, match="Enter a reason") as refusal:
        redact(editions[0], reason=" ")
    assert refusal.value.returncode == 2
