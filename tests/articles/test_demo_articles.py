"""The demo's texts: published as they are meant to be, once, and taken away whole."""

import html
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
import yaml
from django.core.files.storage import default_storage
from django.db import connection
from django.test import Client

from articles import demo
from articles.editor.status_text import words
from articles.manuscript import checks
from articles.manuscript.rendering import Grade, Text, recompose
from articles.models import Article, Edition, Reference, Review, Topic
from clinic.lib.database import guards
from clinic.models import Image, Redirect
from clinic.operations import demo as clinic_demo

AT = datetime(2027, 3, 14, 9, 15, tzinfo=UTC)
CHYS = (
    "Chys M, De Meulemeester K, De Greef I, et al. Clinical Effectiveness of Dry Needling in "
    "Patients with Musculoskeletal Pain-An Umbrella Review. J Clin Med. 2023;12(3):1205."
)
HU = (
    "Hu HT, Gao H, Ma RJ, et al. Is dry needling effective for low back pain?: A systematic review "
    "and PRISMA-compliant meta-analysis. Medicine (Baltimore). 2018;97(26):e11225."
)


MANUSCRIPTS = sorted(demo.FOLDER.glob("*.md"))
ARTICLES = [path for path in MANUSCRIPTS if "\nkind: article\n" in path.read_text()]
CARD = re.compile(r"!!! (?:warning|urgent|emergency) (?P<title>.+)\n(?P<body>(?: {4}.*\n|\n)+)")
# Words of the old texts, of British usage, or of another interface.
REFUSED = re.compile(
    r"\b(?:visits?|programmes?|forwards|paracetamol(?! in England)|somebody|e-mail|mails?|meanwhile"
    r"|the emergency number|anaesthetic|pretend needles?|pictures?|after a birth|must not wait)\b",
    re.IGNORECASE,
)


@pytest.fixture
def loaded(db: None) -> None:
    clinic_demo.load(AT)
    demo.load(AT)


def rows() -> dict[str, list[dict[str, Any]]]:
    models = (Article, Edition, Reference, Review, Topic, Image, Redirect)
    return {m.__name__: list(m._default_manager.order_by("pk").values()) for m in models}


def state_of(slug: str) -> str:
    return words(Article.objects.with_state(AT).get(slug=slug), at=AT)


def test_texts_are_in_every_state(loaded: None) -> None:
    live = Edition.objects.live(AT)
    assert live.filter(kind="article").count() == 9
    assert set(live.filter(kind="page").values_list("slug", flat=True)) == {
        "about", "fees", "first-appointment", "how-we-write", "privacy",
    }  # fmt: skip
    assert state_of("standing-desk") == "Draft"
    assert state_of("sciatica") == "Published · edition 2 · unpublished changes"
    assert state_of("do-i-need-a-scan").startswith("Draft · scheduled for Mar 28, 12:00\xa0p.m.")
    assert state_of("ankle-sprain") == "Published · edition 1"


def test_dates_count_from_the_day_of_loading(loaded: None) -> None:
    article = Edition.objects.live(AT).filter(kind="article")
    newest = article.order_by("-goes_live_at")[:1].get()
    assert timedelta(days=3) < AT - newest.goes_live_at < timedelta(days=6)
    assert newest.change_note
    assert all(edition.first_live_at < AT for edition in article)
    waiting = Edition.objects.waiting(AT).get()
    assert timedelta(days=13) < waiting.goes_live_at - AT < timedelta(days=15)


def test_six_pages_show_a_sign_off(loaded: None) -> None:
    stamped = Edition.objects.live(AT).with_stamp().exclude(checked_at=None)
    assert {edition.slug for edition in stamped} == set(demo.REVIEWED)
    for edition in stamped:
        assert edition.checked_by == "Dr. Hanna Weiss"
        assert edition.checked_at < edition.goes_live_at


def test_every_public_page_answers(loaded: None) -> None:
    client = Client()
    with time_machine.travel(AT, tick=False):
        for edition in Edition.objects.live(AT):
            response = client.get(edition.get_absolute_url())
            assert response.status_code == 200, edition.slug
        for topic in Topic.objects.all():
            assert client.get(topic.get_absolute_url()).status_code == 200
        for slug in ("standing-desk", "do-i-need-a-scan"):
            assert client.get(f"/articles/{slug}/").status_code == 404


def test_the_sources_of_dry_needling_to_the_letter(loaded: None) -> None:
    with time_machine.travel(AT, tick=False):
        page = Client().get("/articles/dry-needling-low-back-pain/").content.decode()
    text = " ".join(html.unescape(re.sub(r"<[^>]+>", "", page)).split())
    assert CHYS in text
    assert HU in text


def test_pictures_of_texts_are_in_the_library(loaded: None) -> None:
    edition = Edition.objects.live(AT).get(slug="knee-arthritis-exercise")
    image = edition.images.get()
    assert image.credit == "Drawn for Larkspur Physiotherapy"
    assert default_storage.exists(image.file.name)
    assert "(media/" not in edition.body


def test_loading_again_changes_nothing(loaded: None) -> None:
    before = rows()
    demo.load(AT + timedelta(days=3))
    assert rows() == before


def test_the_demo_goes_whole_and_privacy_is_as_it_was(db: None) -> None:
    privacy = Article.objects.values("title", "summary", "body", "revision", "seo_title")
    before = privacy.get(slug="privacy")
    edition = Edition.objects.get()
    assert demo.is_empty()
    clinic_demo.load(AT)
    demo.load(AT)
    assert privacy.get(slug="privacy")["body"] != before["body"]
    assert not demo.is_empty()
    with guards.stand_aside(connection):
        demo.remove()
        clinic_demo.remove()
    assert demo.is_empty()
    assert privacy.get(slug="privacy") == before
    assert Edition.objects.live(AT + timedelta(days=900)).get() == edition
    assert not Review.objects.exists()
    assert not Image.objects.exists()


def test_the_checks_find_nothing(loaded: None) -> None:
    found = [
        (edition.slug, issue.code)
        for edition in Edition.objects.live(AT)
        for issue in checks.all_issues(
            Text.of_edition(edition),
            recompose(edition, at=AT),
            checks.Subject.of_edition(edition, at=AT),
        )
        if issue.grade != Grade.NOTE
    ]
    assert found == []


@pytest.mark.parametrize("path", ARTICLES, ids=lambda path: path.name)
def test_an_article_has_at_most_1100_words(path: Path) -> None:
    assert len(visible(path).split()) <= 1100


@pytest.mark.parametrize("path", ARTICLES, ids=lambda path: path.name)
def test_red_flags_come_first_and_one_to_a_line(path: Path) -> None:
    body = path.read_text().split("\n---\n", 1)[1]
    for card in CARD.finditer(body):
        if "Ask your doctor first" in card["title"]:  # who should not have a treatment
            continue
        assert "\n## " not in body[: card.start()], card["title"]
    for card in CARD.finditer(body):
        lines = re.findall(r"^ {4}- (.+)$", card["body"], re.MULTILINE)
        assert lines
        assert not [line for line in lines if re.search(r"\bor (?:you|the|your|one)\b|;", line)]


@pytest.mark.parametrize(
    "path", [*MANUSCRIPTS, demo.FOLDER / "topics.json"], ids=lambda path: path.name
)
def test_the_demo_uses_the_words_of_the_house_style(path: Path) -> None:
    assert REFUSED.findall(visible(path)) == []
    for label in re.findall(r"\[([^\]]+)\]\(book:", path.read_text()):
        assert label.startswith("Request a"), label


def test_the_privacy_page_of_a_new_clinic_uses_the_words_of_the_house_style(db: None) -> None:
    page = Article.objects.get(slug="privacy")
    assert REFUSED.findall(f"{page.summary}\n{page.body}") == []


def visible(path: Path) -> str:
    """Return what a reader sees of a file, without keys, links and addresses."""
    text = path.read_text()
    if path.suffix == ".json":
        return text
    front, body = text.removeprefix("---\n").split("\n---\n", 1)
    fields = yaml.safe_load(front)
    said = [fields["title"], fields.get("summary", ""), *fields.get("key_takeaways", [])]
    said += [line for pair in fields.get("faq", []) for line in pair.values()]
    body = re.sub(
        r"\[@[^\]]*\]|\]\([^)\s]*|\[\^\w+\]:?|^!!! \w+|[)|✓✗•]|---", " ", body, flags=re.M
    )
    return "\n".join([*said, body])
