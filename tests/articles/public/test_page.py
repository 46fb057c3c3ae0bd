"""What stands on the page of a text, and what of it may change without a new edition."""

import json
import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from articles.models import Article, Edition
from articles.public import live_articles
from articles.public.article_page import Filler, read_next, updates_of
from articles.publishing import publish, withdraw
from articles.review.reviews import sign
from clinic.models import Clinic, Credential, Practitioner, Service
from clinic.site import page_context
from tests import whole_site
from tests.whole_site import WholeSite

HOUR = timedelta(hours=1)


@pytest.fixture
def site(db: None) -> WholeSite:
    return whole_site.build(timezone.now() - HOUR)


def read(client: Client, path: str = "/articles/knees-and-stairs/") -> str:
    """The page as it is now: what this test changed is known to the frame."""
    page_context.forget()
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def rename(slug: str, new: str) -> None:
    article = Article.objects.get(slug=slug)
    article.slug = new
    article.save()
    publish(article, by=None, at=timezone.now())


# -- all that an article has ----------------------------------------------------------------------


def test_an_article_shows_all_that_it_has(site: WholeSite, client: Client):
    page = read(client)
    for words in (
        "In short:",
        "Stairs hurt less after some weeks.",
        "Start <strong>low</strong>",
        "Why stairs hurt</h2>",
        "Does it hurt?",
        "Is this treatment right for you?",
        "You take blood thinners",
        "A bruise",
        "Ines Okafor",
        "MSc Physiotherapy",
        "Request an appointment with Ines",
        "Dr Hanna Weiss",
        "Last reviewed",
        "Clearer words.",
        "First published.",
        "Read next",
        "Back to top",
        "Moderate evidence",
        'id="ref-1"',
        'href="#cite-1-1"',
        "card-urgent",
        "One step, slowly</figcaption>",
    ):
        assert words in page, words


def test_on_paper_an_article_is_a_version_for_information(make_article: Any, client: Client):
    information = "It is for information only and does not replace an examination."
    for kind, path in (("article", "/articles/knees/"), ("page", "/knees/")):
        article = make_article(kind=kind, slug="knees", title="Knees")
        publish(article, by=None, at=timezone.now(), unreviewed_reason="A test.")
        page = read(client, path)
        assert "This is version 1, published" in page
        assert (information in page) is (kind == "article")


def test_an_anchor_of_the_page_is_there_once(site: WholeSite, client: Client):
    page = read(client)
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    for target in re.findall(r'href="#([^"]+)"', page):
        assert target in ids


# -- marks: what may change without a new edition -------------------------------------------------


def test_a_link_by_name_follows_what_it_names(site: WholeSite, client: Client):
    assert '<a href="/articles/desks/">about desks</a>' in read(client)
    rename("desks", "standing-desks")
    rename("fees", "prices")
    Service.objects.filter(slug="dry-needling").update(slug="needling")
    page = read(client)
    assert '<a href="/articles/standing-desks/">about desks</a>' in page
    assert '<a href="/prices/">what it costs</a>' in page
    assert '<a href="/services/needling/">about needles</a>' in page
    assert '<a href="/services/needling/">needles</a>' in page  # in an answer


@pytest.mark.parametrize(
    ("words", "path"),
    [
        ("about needles", "/services/dry-needling/"),
        ("about desks", "/articles/desks/"),
        ("what it costs", "/fees/"),
        ("more on knees", "/articles/topics/knee/"),
        ("the trial", "/evidence/unread2020/"),
        ("Ines", "/practitioners/ines-okafor/"),
        ("where", "/locations/millbrook/"),
    ],
)
def test_every_kind_of_name_leads_somewhere(words: str, path: str, site: WholeSite, client: Client):
    assert f'<a href="{path}">{words}</a>' in read(client)
    assert client.get(path).status_code == 200


def test_a_link_to_what_is_not_public_is_plain_text(site: WholeSite, client: Client):
    withdraw(Article.objects.get(slug="desks"), by=None, at=timezone.now())
    Service.objects.update(is_public=False)
    Practitioner.objects.update(is_public=False)
    page = read(client)
    for words in ("about desks", "the trial", "about needles", "Ines"):
        assert f">{words}</a>" not in page
        assert words in page
    assert '<a href="/fees/">what it costs</a>' in page


def test_an_article_that_became_a_page_is_still_found(site: WholeSite, client: Client):
    article = Article.objects.get(slug="desks")
    article.kind = "page"
    article.save()
    publish(article, by=None, at=timezone.now())
    assert '<a href="/desks/">about desks</a>' in read(client)


def test_a_booking_panel_tells_where_it_stood(site: WholeSite, client: Client):
    page = read(client)
    pk = site.edition.pk
    assert f'href="/book/?service=dry-needling&amp;from={pk}-1"' in page
    assert f'href="/book/?service=dry-needling&amp;from={pk}-0"' in page  # at the end
    assert f'href="/book/?practitioner=ines-okafor&amp;from={pk}-900"' in page
    assert client.get(f"/book/?service=dry-needling&from={pk}-1").status_code == 200


def test_a_service_booked_elsewhere_is_booked_there(site: WholeSite, client: Client):
    Service.objects.update(booking_url="https://rooms.example/needling")
    page = read(client)
    assert 'href="https://rooms.example/needling" rel="noopener external"' in page
    assert "/book/?service=" not in page


def test_emergency_numbers_are_those_of_today(site: WholeSite, client: Client):
    card = re.compile(r'class="card card-urgent".*?</section>', re.DOTALL)
    assert "tel:911" in card.search(read(client))[0]
    Clinic.objects.update(emergency_phone="112")
    assert "tel:112" in card.search(read(client))[0]
    Clinic.objects.update(emergency_phone="")
    assert "tel:" not in card.search(read(client))[0]


def test_a_picture_is_drawn_with_its_size(site: WholeSite, client: Client):
    figure = re.search(r"<figure.*?</figure>", read(client), re.DOTALL)[0]
    assert f'src="/media/{site.picture.file.name}"' in figure
    assert 'alt="Somebody on a step" width="40" height="30"' in figure


def test_a_mark_of_an_unknown_kind_is_a_fault_of_ours(site: WholeSite):
    filler = Filler(site.edition, site.edition.rendering, timezone.now())
    with pytest.raises(ValueError, match="unknown kind"):
        filler.draw({"kind": "fish"})


# -- people ---------------------------------------------------------------------------------------


def test_a_credential_that_has_expired_is_not_shown(site: WholeSite, client: Client):
    today = timezone.localdate()
    Credential.objects.update(valid_until=today)
    assert "MSc Physiotherapy" in read(client)
    Credential.objects.update(valid_until=today - timedelta(days=1))
    assert "MSc Physiotherapy" not in read(client)


def test_an_author_who_has_left_is_named_and_no_more(site: WholeSite, client: Client):
    Practitioner.objects.filter(pk=site.author.pk).update(is_public=False, name="Ines Married")
    page = read(client)
    assert "<b>Ines Okafor</b>" in page
    assert "Request an appointment with" not in page
    assert "/practitioners/ines-okafor/" not in page


def test_the_stamp_stands_while_the_content_is_what_was_signed(site: WholeSite, client: Client):
    page = read(client)
    assert '<dl class="stamp">' in page
    assert "Graded by Dr Hanna Weiss" in page
    site.article.body += "\n\nOne more."
    site.article.save()
    publish(site.article, by=None, at=timezone.now())
    page = read(client)
    assert '<dl class="stamp">' not in page
    assert "Not yet checked by a second clinician" in page
    assert "Moderate evidence" not in page
    sign(site.article, reviewer=site.reviewer, by=None, at=timezone.now())
    assert '<dl class="stamp">' in read(client)


def related_to(edition: Edition, at: Any) -> tuple[Edition, ...]:
    return read_next(edition, (), at=at)["related"]


# -- read next, updates ---------------------------------------------------------------------------


def test_what_to_read_next_is_staffs_choice_then_common_topics_then_the_newest(
    knee: Any, noon: Any
):
    from articles.models import Topic

    hip = Topic.objects.create(name="Hip", slug="hip")

    def text(slug: str, *topics: Topic, hours: int = 0) -> Edition:
        return whole_site.publish(noon + hours * HOUR, title=slug, slug=slug, topics=topics)

    both, older = text("both", knee, hip), text("older", knee)
    newer, chosen = text("newer", knee, hours=1), text("chosen")
    text("nothing-in-common")
    text("a-page", knee)
    article = whole_site.write(title="This", slug="this", topics=[knee, hip])
    article.related.set([chosen.article])
    this = publish(article, by=None, at=noon)
    at = noon + 2 * HOUR
    assert related_to(this, at) == (chosen, both, newer)
    withdraw(chosen.article, by=None, at=at)
    withdraw(both.article, by=None, at=at)
    page_context.forget()
    assert this not in related_to(this, at)
    assert related_to(this, at)[0] == newer
    assert older in related_to(this, at)


def test_staffs_choice_is_shown_however_many_newer_articles_have_a_topic_in_common(
    knee: Any, noon: Any, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(live_articles, "NEWEST_OF_TOPICS", 2)
    chosen = whole_site.publish(noon, title="chosen", slug="chosen", topics=[knee])
    others = [
        whole_site.publish(noon + n * HOUR, title=f"{n}", slug=f"other-{n}", topics=[knee])
        for n in range(1, 5)
    ]
    article = whole_site.write(title="This", slug="this", topics=[knee])
    article.related.set([chosen.article])
    this = publish(article, by=None, at=noon)
    assert related_to(this, noon + 9 * HOUR) == (chosen, others[3], others[2])


def test_an_article_costs_four_queries_and_one_for_its_pictures(
    site: WholeSite, client: Client, django_assert_max_num_queries: Any
):
    """Edition, what to read next, updates, named links; most articles lack one of them."""
    for note in ("Clearer.", "Shorter."):
        site.article.save()
        publish(site.article, by=None, at=timezone.now(), change_note=note)
    read(client)  # what is kept for the content version
    with django_assert_max_num_queries(5):
        client.get("/articles/knees-and-stairs/")


def test_updates_are_those_that_were_public_with_a_note_and_the_first(make_article: Any, noon: Any):
    article = make_article()
    first = publish(article, by=None, at=noon)
    publish(article, by=None, at=noon + HOUR)  # without a note
    noted = publish(article, by=None, at=noon + 2 * HOUR, change_note="Clearer.")
    waiting = publish(
        article, by=None, at=noon + 2 * HOUR, goes_live_at=noon + 9 * HOUR, change_note="Later."
    )
    assert updates_of(noted, at=noon + 3 * HOUR) == (noted, first)
    assert updates_of(waiting, at=noon + 9 * HOUR) == (waiting, noted, first)


# -- structured data ------------------------------------------------------------------------------


def graph(page: str) -> dict[str, dict[str, Any]]:
    """The things that a page tells machines, by their type."""
    (script,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    data = json.loads(script)
    assert data["@context"] == "https://schema.org"
    return {thing["@type"]: thing for thing in data["@graph"]}


def test_an_article_says_in_schema_org_what_it_is(site: WholeSite, client: Client):
    things = graph(read(client))
    assert set(things) == {"MedicalWebPage", "FAQPage"}
    page = things["MedicalWebPage"]
    address = "http://127.0.0.1:8000/articles/knees-and-stairs/"
    assert page["@id"] == page["url"] == address
    assert page["headline"] == "Knees and stairs"
    assert page["datePublished"] == site.edition.first_live_at.isoformat()
    assert page["dateModified"] == site.edition.goes_live_at.isoformat()
    assert page["datePublished"] < page["dateModified"]
    assert date.fromisoformat(page["lastReviewed"])
    assert page["author"]["name"] == "Ines Okafor"
    assert page["reviewedBy"]["name"] == "Dr Hanna Weiss"
    assert page["publisher"] == {"@id": "http://127.0.0.1:8000/#clinic"}
    assert page["image"].startswith("http://127.0.0.1:8000/media/")
    assert [c["name"] for c in page["citation"]] == ["What chys2023 found", "What hu2018 found"]
    steps = page["breadcrumb"]["itemListElement"]
    assert [(s["position"], s["name"]) for s in steps] == [
        (1, "Home"), (2, "Knee"), (3, "Knees and stairs"),
    ]  # fmt: skip
    (question,) = things["FAQPage"]["mainEntity"]
    assert question["name"] == "Does it hurt?"
    assert question["acceptedAnswer"]["text"] == "A little; see needles."


def test_a_page_is_no_medical_page(site: WholeSite, client: Client):
    assert set(graph(read(client, "/fees/"))) == {"WebPage"}


def test_words_cannot_leave_the_structured_data(client: Client, db: None):
    title = '</script><script>alert("1 & 2")</script>'
    whole_site.publish(
        timezone.now(), title=title, slug="x", summary=title, questions=[(title, "a")]
    )
    page = read(client, "/articles/x/")
    assert "<script>alert" not in page
    assert "</script><script>" not in page
    things = graph(page)
    assert things["MedicalWebPage"]["headline"] == title
    assert things["FAQPage"]["mainEntity"][0]["name"] == title
