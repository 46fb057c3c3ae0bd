"""Texts of services, people, places and topics: links by name, emergency numbers, refusals."""

import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from articles.models import Topic
from clinic.models import Clinic, Location, Practitioner, Service
from clinic.site import markdown_text, page_context
from tests.whole_site import WholeSite, build

TEXT = """
Read [the article](article:knees-and-stairs), meet [Ines](practitioner:ines-okafor), come to
[Millbrook](location:millbrook), or ask for [needling](service:dry-needling).

[Book needling](book:dry-needling)

!!! urgent "Come at once"
    Go to hospital when you cannot pass urine.
"""
LINKS = [
    '<a href="/articles/knees-and-stairs/">the article</a>',
    '<a href="/practitioners/ines-okafor/">Ines</a>',
    '<a href="/locations/millbrook/">Millbrook</a>',
    '<a href="/services/dry-needling/">needling</a>',
    'href="/book/?service=dry-needling">Book needling</a>',
    'href="tel:911"',
]


@pytest.fixture
def site(db: None) -> WholeSite:
    Clinic.objects.update(emergency_phone="911")
    site = build(timezone.now())
    page_context.forget()
    return site


@pytest.mark.parametrize(
    ("path", "model", "field"),
    [
        ("/services/dry-needling/", Service, "description"),
        ("/practitioners/ines-okafor/", Practitioner, "biography"),
        ("/locations/millbrook/", Location, "directions"),
        ("/locations/millbrook/", Location, "accessibility"),
        ("/articles/topics/knee/", Topic, "introduction"),
    ],
)
def test_names_lead_somewhere(path: str, model: Any, field: str, site: WholeSite, client: Client):
    model.objects.filter(slug=path.split("/")[-2]).update(**{field: TEXT})
    page_context.forget()
    page = re.sub(r"\s+</a>", "</a>", client.get(path).content.decode())
    assert [link for link in LINKS if link not in page] == []
    assert not re.search("[\ue000-\uf8ff]", page)


def test_a_link_to_what_is_hidden_is_its_words(site: WholeSite):
    Practitioner.objects.filter(slug="ines-okafor").update(is_public=False)
    page_context.forget()
    assert "meet Ines, come" in markdown_text.render(TEXT, timezone.now())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[Nobody](practitioner:nobody)", "There is no “nobody” to link to."),
        ("[Book](book:nothing)", "There is no “nothing” to link to."),
        ("It helps [@chys2023].", "Citations work only in articles."),
        ("![A knee](/media/knee.webp)", "Images work only in articles."),
        ("[Here](javascript:alert(1))", "is not a valid link"),
    ],
)
def test_what_a_page_could_not_show_is_refused(
    text: str, message: str, site: WholeSite, client_as: Any
):
    service = Service.objects.get(slug="dry-needling")
    address = f"/admin/clinic/service/{service.pk}/change/"
    client = client_as("Manager")
    form = client.get(address).context["adminform"].form
    values = {name: form[name].value() for name in form.fields}
    data = {name: value for name, value in values.items() if value not in (None, [])}
    answer = client.post(address, {**data, "description": text})
    assert message in str(answer.context["adminform"].form.errors["description"])
    service.refresh_from_db()
    assert text not in service.description
    assert client.post(address, {**data, "description": TEXT}).status_code == 302
