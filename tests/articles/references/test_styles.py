"""The clinic chooses in which style references are printed."""

from datetime import timedelta

import pytest
from django.urls import reverse

from articles.manuscript.rendering import rerender, version_of
from articles.models import Edition, Rendering
from articles.publishing import publish
from articles.references import styles
from articles.references.csl import plain
from articles.startup import _render_again
from clinic.models import Clinic
from clinic.site import content_version, page_context

AMA = '<span class="journal">J Clin Med</span>. 2023;12(3):1205.'
NLM = "Chys M. Clinical Effectiveness of Dry Needling. J Clin Med. 2023;12(3):1205."


@pytest.fixture
def edition(make_article, chys, noon):
    return publish(make_article(body="It helps [@chys2023]."), by=None, at=noon)


@pytest.fixture
def choose():
    def choose(style: str) -> None:
        Clinic.objects.update(reference_style=style)
        content_version.raise_version()
        page_context.forget()

    return choose


def test_each_choice_has_a_printer():
    for style in Clinic.ReferenceStyle:
        assert plain(styles.printed({"title": "T"}, style)) == "T."


def test_an_edition_is_printed_once_when_it_is_published(edition, client, choose):
    [source] = edition.rendering.sources
    assert AMA in source["entry"]
    assert edition.rendering.version == version_of("ama")
    assert AMA in client.get(edition.get_absolute_url()).content.decode()


def test_another_style_shows_at_once_and_is_stored_by_the_worker(edition, client, choose, noon):
    stored = Rendering.objects.get(edition=edition)
    choose("nlm")
    for address in (edition.get_absolute_url(), "/evidence/chys2023/"):
        page = client.get(address).content.decode()
        assert NLM in page
        assert AMA not in page
    assert Rendering.objects.get(edition=edition).sources == stored.sources
    before = content_version.current_version()
    _render_again(noon + timedelta(hours=1))
    assert content_version.current_version() != before
    made = Rendering.objects.get(edition=edition)
    assert made.version == version_of("nlm")
    assert made.sources[0]["entry"] == NLM
    assert (made.html, made.words) == (stored.html, stored.words)
    before = content_version.current_version()
    _render_again(noon + timedelta(hours=2))  # nothing is left to do
    assert content_version.current_version() == before


def test_the_worker_makes_some_at_a_time(edition, choose, noon):
    choose("nlm")
    assert Edition.objects.count() > 1  # the privacy page is one
    assert rerender(at=noon, most=1) == 1
    assert rerender(at=noon, most=100) == Edition.objects.count() - 1


def test_staff_see_the_entry_as_it_will_print(chys, admin_client, choose):
    address = reverse("admin:articles_reference_change", args=[chys.pk])
    assert AMA in admin_client.get(address).content.decode()
    choose("nlm")
    assert NLM in admin_client.get(address).content.decode()


def test_files_are_the_same_in_either_style(chys, admin_client, choose):
    def files() -> list[bytes]:
        address = "admin:articles_reference_download"
        return [
            admin_client.get(reverse(address, args=[ending])).content
            for ending in ("json", "bib", "ris")
        ]

    before = files()
    choose("nlm")
    assert files() == before
