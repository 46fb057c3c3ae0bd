"""What pages of the clinic tell machines (schema.org)."""

import json
import re
from datetime import time
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from clinic.lib.jsonld import pruned, script
from clinic.models import Clinic, Location, Practitioner, Service
from clinic.site import page_context, structured_data
from tests.whole_site import WholeSite, build

SITE = "http://127.0.0.1:8000"


@pytest.fixture
def site(db: None) -> WholeSite:
    return build(timezone.now())


def graph(client: Client, path: str) -> dict[str, Any]:
    """The one thing that a page tells of."""
    page_context.forget()
    page = client.get(path).content.decode()
    (found,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    data = json.loads(found)
    assert data["@context"] == "https://schema.org"
    (thing,) = data["@graph"]
    return thing


def test_the_home_page_tells_of_the_clinic_and_its_places(site: WholeSite, client: Client):
    thing = graph(client, "/")
    assert (thing["@type"], thing["@id"]) == ("MedicalClinic", f"{SITE}/#clinic")
    assert thing["name"] == "Larkspur Physiotherapy"
    assert thing["telephone"] == "+16135550142"
    (place,) = thing["department"]
    assert place["address"]["streetAddress"] == "14 Mill Lane"
    assert "logo" not in thing  # there is none
    assert "geo" not in place


def test_a_location_tells_where_it_is_and_when_it_is_open(site: WholeSite, client: Client):
    Location.objects.update(latitude=Decimal("51.50000"), longitude=Decimal("-0.10000"))
    site.location.periods.create(weekday=6, opens=time(22), closes=time(2))
    thing = graph(client, "/locations/millbrook/")
    assert thing["url"] == f"{SITE}/locations/millbrook/"
    assert thing["geo"]["latitude"] == "51.50000"
    assert thing["telephone"] == "+16135550142"  # its own is not known: the clinic's
    hours = thing["openingHoursSpecification"]
    assert [(h["dayOfWeek"], h["opens"], h["closes"]) for h in hours] == [
        ("https://schema.org/Monday", "08:00", "18:00"),
        ("https://schema.org/Sunday", "22:00", "02:00"),
    ]


def test_a_practitioner_is_a_person_who_works_here(site: WholeSite, client: Client):
    thing = graph(client, "/practitioners/ines-okafor/")
    assert (thing["@type"], thing["name"]) == ("Person", "Ines Okafor")
    assert thing["knowsLanguage"] == ["English", "Igbo"]
    assert thing["worksFor"] == {"@id": f"{SITE}/#clinic"}
    assert thing["image"].startswith(f"{SITE}/media/images/")


def test_who_is_not_on_the_site_has_no_address(db: None):
    person = Practitioner(name="Ann", slug="ann", role="Physio", is_public=False)
    assert structured_data.of_practitioner(person)["url"] is None


def test_a_service_tells_its_risks(site: WholeSite, client: Client):
    thing = graph(client, "/services/dry-needling/")
    assert thing["@type"] == "MedicalTherapy"
    assert thing["adverseOutcome"] == ["A bruise"]
    assert thing["contraindication"] == ["You take blood thinners"]


def test_names_cannot_end_the_script(site: WholeSite, client: Client):
    name = "</script><script>alert('&')</script><!--"
    Service.objects.update(summary=name)
    Clinic.objects.update(lead=name)
    for path in ("/", "/services/dry-needling/"):
        assert graph(client, path)["description"] == name
        assert "<script>alert" not in client.get(path).content.decode()


def test_a_script_holds_what_it_was_given():
    data = {"a": "<b> & \u2028 ü", "n": [1, None]}
    packed = script(data)
    assert json.loads(re.sub(r"<.*?>", "", packed)) == data
    assert packed.count("<") == 2


@pytest.mark.parametrize(
    ("value", "left"),
    [
        ({"a": None, "b": "", "c": [], "d": {}, "e": 0, "f": False}, {"e": 0, "f": False}),
        ({"a": {"b": {"c": None}}}, {}),
        ([None, "", {"a": ""}, "x"], ["x"]),
    ],
)
def test_what_is_empty_is_left_out_all_the_way_down(value: Any, left: Any):
    assert pruned(value) == left


def test_an_address_is_absolute_whatever_it_was():
    assert structured_data.absolute("/x/") == f"{SITE}/x/"
    assert (
        structured_data.absolute("https://media.example/x.webp") == "https://media.example/x.webp"
    )
    assert structured_data.picture(None) is None
