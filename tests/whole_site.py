"""A small clinic with one of everything that visitors can see, for tests that walk the site."""

import io
import uuid
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from PIL import Image as Pixels

from articles import publishing
from articles.models import Article, Edition, Question, Reference, Topic
from articles.review.reviews import sign
from bookings.calendars import feed
from bookings.intake import submission
from bookings.models import Enquiry
from clinic import pictures
from clinic.models import (
    Announcement,
    Clinic,
    Credential,
    Heartbeat,
    Image,
    Location,
    Practitioner,
    Service,
)
from clinic.site import page_context
from tests import red_flags

BODY = """## Why stairs hurt

The knee carries more than the whole body [@chys2023, p. 3], as @hu2018 found.[^most]

![Somebody on a step]({picture} "One step, slowly")

Read [about needles](service:dry-needling), [about desks](article:desks),
[what it costs](page:fees), [more on knees](topic:knee), [the trial](reference:unread2020),
who [Ines](practitioner:ines-okafor) is and [where](location:millbrook) she works.

!!! urgent "Call us today"
    Your knee locks.

✓ You can climb one floor
✓ It hurts for less than a day

[Book a visit](book:dry-needling)

[^most]: In most people.
"""


@dataclass
class WholeSite:
    """What `build` made."""

    clinic: Clinic
    location: Location
    service: Service
    author: Practitioner
    reviewer: Practitioner
    picture: Image
    topic: Topic
    references: dict[str, Reference]
    article: Article
    edition: Edition
    page: Edition
    enquiry: Enquiry


def build(at: datetime) -> WholeSite:
    """A clinic whose article has every part that an article can have, live at `at`."""
    clinic = _clinic(at)
    location = Location.objects.create(
        name="Millbrook", slug="millbrook", street="14 Mill Lane", city="Millbrook"
    )
    location.periods.create(weekday=0, opens=time(8), closes=time(18))
    service = Service.objects.create(
        name="Dry needling",
        slug="dry-needling",
        summary="A thin needle.",
        description="It takes *minutes*.",
        risks="A bruise",
        not_for="You take blood thinners",
    )
    red_flags.add(service, "Fever with a hot joint")
    picture = add_picture("Somebody on a step")
    author, reviewer = _people(picture, service, location)
    topic = Topic.objects.create(name="Knee", slug="knee", place="knee", introduction="Of *knees*.")
    topic.services.add(service)
    references = {key: add_reference(key) for key in ("chys2023", "hu2018", "unread2020")}
    page = publish(at, kind="page", title="Fees", slug="fees", menu_order=25)
    publish(at, title="Desks", slug="desks", topics=[topic], body="It stands [@unread2020].")
    publish(at, title="Steps", slug="steps", topics=[topic])
    article = write(
        title="Knees and stairs",
        slug="knees-and-stairs",
        summary="Stairs hurt less after some weeks.",
        takeaways="Start **low**\nGo slowly",
        body=BODY.format(picture=picture.address),
        questions=[("Does it hurt?", "A little; see [needles](service:dry-needling).")],
        topics=[topic],
        services=[service],
        author=author,
        hero=picture,
        certainty="fair",
    )
    publishing.publish(article, by=None, at=at - timedelta(days=9))
    sign(article, reviewer=reviewer, by=None, at=at)
    edition = publishing.publish(article, by=None, at=at, change_note="Clearer words.")
    enquiry = _ask_for_a_visit(service, author, location, at)
    feed.make(author, at=at)
    page_context.forget()
    return WholeSite(
        clinic, location, service, author, reviewer, picture, topic, references, article, edition,
        page, enquiry,
    )  # fmt: skip


def write(**fields: Any) -> Article:
    """A manuscript; `questions` are pairs of question and answer."""
    questions, topics, services = (
        fields.pop(name, ()) for name in ("questions", "topics", "services")
    )
    article = Article.objects.create(**{"body": "## One\n\nWords.", **fields})
    for order, (question, answer) in enumerate(questions):
        Question.objects.create(article=article, question=question, answer=answer, order=order)
    article.topics.set(topics)
    article.services.set(services)
    return article


def publish(at: datetime, **fields: Any) -> Edition:
    """A manuscript with these fields, published at once."""
    return publishing.publish(write(**fields), by=None, at=at)


def add_reference(key: str, **fields: Any) -> Reference:
    """A source in the library, cited as `key`."""
    csl = {
        "type": "article-journal",
        "title": f"What {key} found",
        "author": [{"family": key.rstrip("0123456789").title(), "given": "Marjolein"}],
        "container-title-short": "J Clin Med",
        "issued": {"date-parts": [[2023]]},
    }
    return Reference.objects.create(key=key, **{"csl": csl, "title": csl["title"], **fields})


def add_picture(alt: str) -> Image:
    """A picture in the library, with its file; another text, another picture."""
    out = io.BytesIO()
    shade = sum(alt.encode()) % 256
    Pixels.new("RGB", (40, 30), (shade, 120, 200)).save(out, "PNG")
    return pictures.add(out.getvalue(), stem="step", alt=alt, credit="Larkspur")


def _clinic(at: datetime) -> Clinic:
    Heartbeat.objects.beat(Heartbeat.WORKER, at)
    clinic = Clinic.objects.get(id=1)
    clinic.name, clinic.email, clinic.phone = "Larkspur", "desk@larkspur.example", "+16135550142"
    clinic.lead, clinic.emergency_phone = "We look at it.", "911"
    clinic.emergency_advice = "Call when you cannot breathe."
    clinic.save()
    Announcement.objects.create(
        text="Closed on Friday.", starts_at=at - timedelta(days=1), ends_at=at + timedelta(days=1)
    )
    return clinic


def _people(
    photo: Image, service: Service, location: Location
) -> tuple[Practitioner, Practitioner]:
    author = Practitioner.objects.create(
        name="Ines Okafor",
        slug="ines-okafor",
        role="Physiotherapist",
        biography="She *runs*.",
        languages="English, Igbo",
        photo=photo,
    )
    author.services.add(service)
    author.locations.add(location)
    Credential.objects.create(practitioner=author, kind="degree", name="MSc Physiotherapy")
    reviewer = Practitioner.objects.create(
        name="Dr Hanna Weiss", slug="hanna-weiss", role="Doctor", photo=photo, takes_bookings=False
    )
    return author, reviewer


def _ask_for_a_visit(
    service: Service, practitioner: Practitioner, location: Location, at: datetime
) -> Enquiry:
    content = {
        "service": service,
        "practitioner": practitioner,
        "location": location,
        "days": [0],
        "parts": ["morning"],
        "returning": False,
        "name": "Margaret Ellery",
        "email": "m.ellery@patients.example",
        "phone": "",
        "message": "It began on the stairs.",
    }
    return submission.submit(content, form_key=uuid.uuid4(), at=at).enquiry
