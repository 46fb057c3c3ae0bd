"""Who treats what a topic or an article is about."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from articles.models import Topic
from articles.publishing import publish
from clinic.models import Practitioner, Service
from clinic.site import page_context, versions


@pytest.fixture
def back(db: None) -> Topic:
    """The low back; physiotherapy, which all give, and needling, which Ines gives."""
    needling, physio, hands = (
        Service.objects.create(name=name, slug=name, summary="x")
        for name in ("needling", "physio", "hands")
    )
    topic = Topic.objects.create(name="Low back", slug="low-back", place="back")
    topic.services.set([needling, physio])
    people: list[tuple[str, list[str], list[Service]]] = [
        ("Rafael", ["neck", "armlong"], [hands, physio]),
        ("Zoe", [], [physio]),
        ("Tomas", ["back", "knee"], [physio]),
        ("Ines", ["back"], [physio, needling]),
        ("Una", ["back"], [hands]),
    ]
    for name, places, services in people:
        person = Practitioner.objects.create(
            name=name, slug=name.lower(), role="Therapist", places=places
        )
        person.services.set(services)
    return topic


def named(client: Client, path: str) -> list[str]:
    page_context.forget()
    people = client.get(path).context["practitioners"]
    return [person.name for person in people]


def test_a_topic_lists_those_who_treat_the_place_and_never_a_hand_therapist_for_a_back(
    back: Topic, client: Client
):
    assert named(client, back.get_absolute_url()) == ["Ines", "Tomas", "Zoe"]


def test_an_article_lists_those_who_give_one_of_its_services(
    back: Topic, client: Client, make_article: Any
):
    article = make_article(topics=[back], services=[Service.objects.get(name="physio")])
    publish(article, by=None, at=timezone.now(), unreviewed_reason="A test.")
    assert named(client, "/articles/knees-and-stairs/") == ["Ines", "Tomas", "Zoe"]
    assert "Who treats this" in client.get("/articles/knees-and-stairs/").content.decode()


def test_those_who_cannot_be_booked_or_are_not_shown_are_not_listed(back: Topic, client: Client):
    Practitioner.objects.filter(name="Ines").update(takes_bookings=False)
    Practitioner.objects.filter(name="Zoe").update(is_public=False)
    assert named(client, back.get_absolute_url()) == ["Tomas"]


@pytest.mark.parametrize(
    ("own", "place", "treats"),
    [
        ([], "back", True),
        (["hand"], "", True),
        (["hand"], "hand", True),
        (["armlong"], "hand", True),
        (["leg"], "knee", True),
        (["hand"], "armlong", False),
        (["knee"], "leg", False),
        (["armlong", "neck"], "back", False),
    ],
)
def test_a_whole_limb_includes_its_parts(own: list[str], place: str, treats: bool):
    assert Practitioner(places=own).treats(place) is treats


def test_staff_choose_the_places_and_old_versions_name_them(back: Topic, client_as: Any):
    ines = Practitioner.objects.get(name="Ines")
    client = client_as("Manager")
    url = reverse("admin:clinic_practitioner_change", args=[ines.pk])
    form = client.get(url).context["adminform"].form
    sent = {bound.html_name: "" if (value := bound.value()) is None else value for bound in form}
    sent |= {"services": [], "locations": [], "takes_bookings": "on", "is_public": "on"}
    sent |= {"credentials-TOTAL_FORMS": "0", "credentials-INITIAL_FORMS": "0"}
    refused = client.post(url, {**sent, "places": ["moon"]})
    assert refused.status_code == 200
    saved = client.post(url, {**sent, "places": ["hip", "back"]})
    assert saved.status_code == 302
    ines.refresh_from_db()
    assert sorted(ines.places) == ["back", "hip"]
    last, first = versions.of(ines)
    changes = versions.compare(Practitioner, first.content, last.content)
    assert "Parts of the body" in [part.label for part in changes]
    assert versions._said(Practitioner._meta.get_field("places"), ["hip", "back"]) == (
        "Low back, Hip and pelvis"
    )
