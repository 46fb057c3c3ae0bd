"""What machines are told agrees with what people see: feeds, sitemap, shared links, schema.org."""

import io
import json
import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from xml.etree import ElementTree

import pytest
import time_machine
from django.template.loader import render_to_string
from django.test import Client
from django.utils.html import escape
from PIL import Image as Pixels

from articles import publishing
from articles.models import Article
from bookings.models import Offer
from bookings.patient import calendar_files
from clinic.lib.fields import phones
from clinic.models import Clinic, Closure, Location, Redirect
from clinic.site import page_context
from tests.whole_site import WholeSite, build, publish

TUESDAY = datetime(2026, 3, 3, 15, 0, tzinfo=UTC)
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def site(db: None) -> WholeSite:
    with time_machine.travel(TUESDAY, tick=False):
        yield build(TUESDAY)


def read(client: Client, path: str) -> str:
    page_context.forget()
    answer = client.get(path)
    assert answer.status_code == 200, path
    return answer.content.decode()


def things(page: str) -> list[dict[str, Any]]:
    found = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    return [thing for data in found for thing in json.loads(data)["@graph"]]


def entries(client: Client, path: str = "/articles/feed/") -> dict[str, str]:
    """The id of each entry of a feed, by its title."""
    feed = ElementTree.fromstring(read(client, path))
    return {
        entry.findtext(f"{ATOM}title", ""): entry.findtext(f"{ATOM}id", "")
        for entry in feed.iter(f"{ATOM}entry")
    }


def test_an_entry_of_a_feed_keeps_its_id_when_it_is_renamed(site: WholeSite, client: Client):
    before = entries(client)
    Article.objects.filter(pk=site.article.pk).update(slug="stairs", title="Stairs")
    site.article.refresh_from_db()
    publishing.publish(site.article, by=None, at=TUESDAY + timedelta(seconds=1))
    with time_machine.travel(TUESDAY + timedelta(seconds=2), tick=False):
        after = entries(client)
    assert after["Stairs"] == before["Knees and stairs"]
    assert len(set(before.values())) == len(before) == 3


def test_summaries_of_a_feed_are_text(site: WholeSite, client: Client):
    publish(TUESDAY, title="Signs", slug="signs", summary="Pain < 3 & *rest*, they say.")
    feed = ElementTree.fromstring(read(client, "/articles/feed/"))
    (entry,) = (e for e in feed.iter(f"{ATOM}entry") if e.findtext(f"{ATOM}title") == "Signs")
    (summary,) = entry.iter(f"{ATOM}summary")
    assert (summary.get("type"), summary.text) == ("text", "Pain < 3 & rest, they say.")


def test_a_topic_has_a_feed_of_its_own(site: WholeSite, client: Client):
    publish(TUESDAY, title="Of no topic", slug="of-no-topic")
    assert set(entries(client, "/articles/topics/knee/feed/")) == {
        "Desks",
        "Steps",
        "Knees and stairs",
    }
    assert 'href="/articles/topics/knee/feed/"' in read(client, "/articles/topics/knee/")
    feed_id = ElementTree.fromstring(read(client, "/articles/topics/knee/feed/")).findtext(
        f"{ATOM}id"
    )
    site.topic.slug = "knees"
    site.topic.save()
    Redirect.objects.create(path="/articles/topics/knee/", kind="topic", object_id=site.topic.pk)
    page_context.forget()
    moved = client.get("/articles/topics/knee/feed/")
    assert (moved.status_code, moved["Location"]) == (301, "/articles/topics/knees/feed/")
    now = ElementTree.fromstring(read(client, "/articles/topics/knees/feed/"))
    assert now.findtext(f"{ATOM}id") == feed_id
    assert client.get("/articles/topics/nothing/feed/").status_code == 404


def test_the_sitemap_names_the_images_of_a_page(site: WholeSite, client: Client):
    urls = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9"}
    urls["i"] = "http://www.google.com/schemas/sitemap-image/1.1"
    sitemap = ElementTree.fromstring(read(client, "/sitemap.xml"))
    images = {
        str(url.findtext("s:loc", "", urls)).split("8000")[-1]: [
            image.text for image in url.iterfind("i:image/i:loc", urls)
        ]
        for url in sitemap.iterfind("s:url", urls)
    }
    (shown,) = images["/articles/knees-and-stairs/"]
    assert str(shown).endswith(site.picture.file.url)
    assert images["/practitioners/ines-okafor/"] == [shown]
    assert images["/services/dry-needling/"] == []


@pytest.mark.parametrize(
    ("path", "title"),
    [
        ("/", "Larkspur Physiotherapy"),
        ("/articles/knees-and-stairs/", "Knees and stairs"),
        ("/fees/", "Fees"),
        ("/articles/topics/knee/", "Knee"),
        ("/services/dry-needling/", "Dry needling"),
        ("/practitioners/ines-okafor/", "Ines Okafor"),
        ("/locations/millbrook/", "Millbrook"),
        ("/contact/", "Contact"),
    ],
)
def test_a_shared_link_says_what_the_page_is(
    path: str, title: str, site: WholeSite, client: Client
):
    page = read(client, path)
    said = dict(re.findall(r'<meta property="(og:[^"]+)" content="([^"]*)">', page))
    assert said["og:title"] == title
    assert said["og:url"].endswith(f":8000{path}")
    assert said["og:site_name"] == "Larkspur Physiotherapy"
    if image := said.get("og:image"):
        assert image.startswith("http://")


def test_a_picture_is_drawn_for_each_edition(site: WholeSite, client: Client):
    page = read(client, "/articles/knees-and-stairs/")
    (path,) = re.findall(r'og:image" content="http://[^/]+(/[^"]+)"', page)
    answer = client.get(path)
    assert answer["Content-Type"] == "image/png"
    assert len(answer.content) <= 60_000
    drawn = Pixels.open(io.BytesIO(answer.content)).convert("RGB")
    assert drawn.size == (1200, 630)
    colours = {colour for _count, colour in drawn.getcolors(100_000) or ()}
    assert {(0xFF, 0xB8, 0x1F), (0xA9, 0xD4, 0xE5), (0x14, 0x22, 0x2D)} <= colours
    publishing.withdraw(site.article, by=None, at=TUESDAY)
    page_context.forget()
    assert client.get(path).status_code == 404


def test_closures_and_whole_days_are_told(site: WholeSite, client: Client):
    site.location.periods.create(weekday=6, opens=time(0), closes=time(0))
    day = date(2026, 3, 9)
    Closure.objects.create(starts_on=day, ends_on=day + timedelta(days=1), reason="Works")
    Closure.objects.create(starts_on=date(2026, 3, 2), ends_on=date(2026, 3, 2), reason="Past")
    (place,) = things(read(client, "/locations/millbrook/"))
    (special,) = place["specialOpeningHoursSpecification"]
    assert (special["validFrom"], special["validThrough"]) == ("2026-03-09", "2026-03-10")
    assert special["opens"] == special["closes"] == "00:00"
    sunday = place["openingHoursSpecification"][-1]
    assert (sunday["opens"], sunday["closes"]) == ("00:00", "23:59")


def test_a_reviewer_is_told_only_while_the_page_has_the_stamp(site: WholeSite, client: Client):
    def told() -> dict[str, Any]:
        return things(read(client, "/articles/knees-and-stairs/"))[0]

    assert told()["reviewedBy"]["name"] == "Dr Hanna Weiss"
    Article.objects.filter(pk=site.article.pk).update(body="## Other\n\nWords.")
    site.article.refresh_from_db()
    publishing.publish(site.article, by=None, at=TUESDAY)
    page_context.forget()
    assert not {"reviewedBy", "lastReviewed"} & set(told())


def test_name_address_phone_and_hours_are_the_same_everywhere(site: WholeSite, client: Client):
    """On the page, in print, for search engines, in feeds, emails and calendar entries."""
    Location.objects.update(phone="+16135550187", postal_code="K0Y 0A1", state="Ontario")
    place = Location.objects.get()
    phone = phones.display(place.phone, site.clinic.region)
    address = f"{place.street}, {place.city}"
    contact, own = read(client, "/contact/"), read(client, "/locations/millbrook/")
    for page in (contact, own):
        assert address in page.partition("paper-head")[2]  # the head of what is printed
        printed = " ".join(re.sub("<[^>]+>", " ", page).split())
        assert f"Larkspur Physiotherapy {place.street} {place.city}, Ontario K0Y 0A1" in printed
        assert phone in printed
        assert "8:00 a.m. to 6:00 p.m." in printed
    (told,) = things(own)
    (department,) = things(contact)[0]["department"]
    assert told == department
    assert told["name"] == f"Larkspur Physiotherapy, {place.name}"
    assert told["telephone"] == place.phone
    assert told["address"] == {
        "@type": "PostalAddress",
        "streetAddress": place.street,
        "postalCode": "K0Y 0A1",
        "addressLocality": place.city,
        "addressRegion": "Ontario",
        "addressCountry": site.clinic.region,
    }
    (hours,) = told["openingHoursSpecification"]
    assert (hours["opens"], hours["closes"]) == ("08:00", "18:00")
    feed = ElementTree.fromstring(read(client, "/articles/feed/"))
    assert feed.findtext(f"{ATOM}title") == "Larkspur Physiotherapy"
    offer = Offer(
        enquiry=site.enquiry,
        practitioner=site.author,
        location=place,
        starts_at=TUESDAY,
        ends_at=TUESDAY + timedelta(minutes=45),
        state=Offer.State.ACCEPTED,
    )
    context = {"offers": [offer], "at": TUESDAY, "clinic": site.clinic}
    mail = render_to_string("mail/booked.txt", context)
    assert f"{place.name}, {address}" in mail
    entry = calendar_files.entry(offer, at=TUESDAY).replace("\r\n ", "")
    assert f"{place.name}\\, {place.street}\\, {place.city}" in entry
    assert escape(site.clinic.name) in mail + entry


@pytest.mark.parametrize(
    ("email", "contact"),
    [
        ("desk@larkspur.example", "mailto:desk@larkspur.example"),
        (
            "ä+x%0d%0aExpires:1@larkspur.example",
            "mailto:%C3%A4+x%250d%250aExpires%3A1@larkspur.example",
        ),
    ],
)
def test_who_finds_a_weakness_reads_whom_to_tell(
    email: str, contact: str, site: WholeSite, client: Client
) -> None:
    """RFC 9116: one Contact, one Expires less than a year away, and the address it is at."""
    Clinic.objects.update(email=email)
    lines = read(client, "/.well-known/security.txt").splitlines()
    assert lines == [
        f"Contact: {contact}",
        "Expires: 2026-08-30T00:00:00Z",
        "Preferred-Languages: en",
        "Canonical: http://127.0.0.1:8000/.well-known/security.txt",
    ]


def test_without_an_email_address_of_the_clinic_there_is_nobody_to_tell(
    site: WholeSite, client: Client
) -> None:
    Clinic.objects.update(email="")
    page_context.forget()
    assert client.get("/.well-known/security.txt").status_code == 404


def test_a_stored_security_txt_is_made_again_long_before_it_expires(
    site: WholeSite, client: Client
) -> None:
    until = float(client.get("/.well-known/security.txt")["X-Store-Until"])
    assert until == (TUESDAY + timedelta(days=30)).timestamp()
