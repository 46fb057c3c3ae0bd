"""Another image in place of one: what shows it then, what keeps the old one, and what goes for good
when consent has ended."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from PIL import Image as Pixels

from articles.models import Article, Edition, Question
from articles.publishing import publish
from clinic import pictures
from clinic.models import Clinic, Image, Practitioner, SearchDocument
from clinic.pictures import renditions
from clinic.site import versions

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
ALT = "A knee on a step"


def png(shade: int) -> bytes:
    out = BytesIO()
    Pixels.new("RGB", (20, 20), (shade, 90, 120)).save(out, "PNG")
    return out.getvalue()


def upload(shade: int) -> SimpleUploadedFile:
    return SimpleUploadedFile("new.png", png(shade), "image/png")


@pytest.fixture
def old() -> Image:
    return pictures.add(png(10), stem="old", alt=ALT, credit="Ines", licence="CC BY 4.0")


@pytest.fixture
def editor(make_user: Callable[..., Any]) -> Client:
    client = Client()
    client.force_login(make_user("Editor"))
    return client


@pytest.fixture
def article(old: Image) -> Article:
    """Published twice with the image in every place, and changed since."""
    article = Article.objects.create(
        title="Knees",
        slug="knees",
        summary="Stairs.",
        takeaways=f"Go slowly ![{ALT}]({old.address})",
        body=f'Before.\n\n![{ALT}]({old.address} "Maria\'s knee")\n\nAfter.',
        hero=old,
    )
    answer = f"Like this:\n\n![Maria goes down]({old.address})"
    Question.objects.create(article=article, question="How?", answer=answer)
    for day in range(2):
        publish(article, by=None, at=NOON + timedelta(days=day))
    return article


def address_of(image: Image) -> str:
    return reverse("admin:clinic_image_replace", args=[image.pk])


def send(client: Client, image: Image, **given: Any) -> Any:
    seen = client.get(address_of(image)).context["seen"]
    return client.post(address_of(image), {"alt": ALT, "seen": seen, **given}, follow=True)


def test_everything_that_may_change_shows_the_new_image(
    editor: Client, old: Image, article: Article
) -> None:
    person = Practitioner.objects.create(name="Ines", slug="ines", role="Physio", photo=old)
    Clinic.objects.update(logo=old)
    sent = {"file": upload(200), "credit": "Ines"}
    page = send(editor, old, **sent)
    assert "was replaced" in page.content.decode()
    new = Image.objects.exclude(pk=old.pk).get()
    assert (new.alt, new.credit, new.renditions_due) == (ALT, "Ines", True)
    person.refresh_from_db()
    before = article.revision
    article.refresh_from_db()
    assert (person.photo, Clinic.objects.get().logo, article.hero) == (new, new, new)
    assert article.revision == before + 1
    texts = [article.body, article.takeaways, article.questions.get().answer]
    assert all(new.address in text and old.address not in text for text in texts)
    photos = [version.content["fields"]["photo"]["id"] for version in versions.of(person)]
    assert photos == [new.pk, old.pk]
    logged = LogEntry.objects.filter(change_message__contains="was replaced")
    assert {entry.object_repr for entry in logged} >= {"Knees", "Ines", ALT}


def test_editions_keep_the_old_image_and_the_page_says_so(
    editor: Client, old: Image, article: Article, client: Client
) -> None:
    asked = editor.get(address_of(old)).content.decode()
    assert "Published articles keep the old image until you publish them again." in asked
    assert "Knees (1)</a>" in asked
    assert "Knees (2)</a>" in asked
    send(editor, old, file=upload(200))
    edition = article.editions.get(number=2)
    assert (edition.hero, edition.images.get()) == (old, old)
    assert old.file.url in client.get("/articles/knees/").content.decode()
    assert default_storage.exists(str(old.file.name))


def test_alt_text_from_the_library_follows_and_that_of_a_text_stays(
    editor: Client, old: Image, article: Article
) -> None:
    send(editor, old, file=upload(200), alt="A hip [left]")
    article.refresh_from_db()
    assert "![A hip \\[left\\]](" in article.body
    assert '"Maria\'s knee")' in article.body
    assert article.questions.get().answer.startswith("Like this:\n\n![Maria goes down](")


def test_without_consent_it_goes_from_every_edition_with_its_files(
    editor: Client,
    old: Image,
    article: Article,
    client: Client,
    django_capture_on_commit_callbacks: Callable[..., Any],
) -> None:
    renditions.make(old)
    files = pictures.files_of(Image.objects.get(pk=old.pk))
    signed = article.editions.get(number=2).content_hash
    with django_capture_on_commit_callbacks(execute=True):
        send(editor, old, file=upload(200), consent_ended="on")
    assert len(files) > 1
    assert not any(map(default_storage.exists, files))
    assert not Image.objects.filter(pk=old.pk).exists()
    for edition in article.editions.all():
        stored = str(Edition.objects.filter(pk=edition.pk).values()) + edition.rendering.html
        assert "Maria" not in stored
        assert old.address not in stored
        assert "Before." in stored
        assert "Image removed" in edition.rendering.html
        assert edition.hero is None
        assert edition.hero_alt == ""
        assert not edition.images.exists()
        with pytest.raises(IntegrityError), transaction.atomic():  # the guard is back
            Edition.objects.filter(pk=edition.pk).update(body="")
    assert article.editions.get(number=2).content_hash == signed
    page = client.get("/articles/knees/")
    assert page.status_code == 200
    assert "Image removed" in page.content.decode()
    assert "Maria" not in str(SearchDocument.objects.values())
    entry = LogEntry.objects.filter(change_message__contains="editions").get()
    assert (entry.object_repr, "1, 2." in entry.change_message) == ("Knees", True)


def test_without_consent_no_new_image_is_needed(
    editor: Client, old: Image, article: Article
) -> None:
    person = Practitioner.objects.create(name="Ines", slug="ines", role="Physio", photo=old)
    send(editor, old, consent_ended="on")
    person.refresh_from_db()
    article.refresh_from_db()
    assert (person.photo, article.hero) == (None, None)
    assert article.body == "Before.\n\n\n\nAfter."
    assert not Image.objects.exists()


def test_a_new_image_is_needed_otherwise(editor: Client, old: Image) -> None:
    page = send(editor, old)
    assert "Choose the new image." in page.content.decode()
    page = send(editor, old, file=upload(10))
    assert "This is the old image." in page.content.decode()
    page = send(editor, old, file=SimpleUploadedFile("new.png", b"no image"))
    assert page.context["form"].errors["file"]
    assert Image.objects.get() == old


def test_an_image_of_the_library_takes_its_place_and_keeps_its_words(
    editor: Client, old: Image, article: Article
) -> None:
    known = pictures.add(png(200), alt="A hip")
    page = send(editor, old, file=upload(200))
    article.refresh_from_db()
    known.refresh_from_db()
    assert (article.hero, known.alt) == (known, "A hip")
    assert "already in the library" in page.content.decode()


def test_nothing_is_replaced_where_a_use_was_added_since(
    editor: Client, old: Image, article: Article
) -> None:
    seen = editor.get(address_of(old)).context["seen"]
    Practitioner.objects.create(name="Ines", slug="ines", role="Physio", photo=old)
    sent = {"alt": ALT, "seen": seen, "file": upload(200)}
    page = editor.post(address_of(old), sent)
    assert "has changed since you opened the page" in page.content.decode()
    assert Image.objects.get() == old


def test_authors_replace_images_but_not_what_was_published(
    make_user: Callable[..., Any], old: Image, article: Article
) -> None:
    client = Client()
    client.force_login(make_user("Author"))
    assert "consent_ended" not in client.get(address_of(old)).context["form"].fields
    send(client, old, file=upload(200), consent_ended="on")
    assert article.editions.get(number=1).hero == old


def test_others_do_not(make_user: Callable[..., Any], old: Image, client: Client) -> None:
    assert client.get(address_of(old)).status_code == 302
    client.force_login(make_user("Receptionist"))
    assert client.get(address_of(old)).status_code == 403
    client.force_login(make_user("Editor"))
    assert client.get(reverse("admin:clinic_image_replace", args=[0])).status_code == 404


@pytest.mark.parametrize(
    "text",
    [
        "![Maria]({})",
        "![Maria [left]]( {} )",
        "![Maria\nsits](<{}> 'Maria (again)')",
        "![Maria \\] sits]({}\n(Maria))",
        '![Maria]({} "Said \\"Maria\\"")',
    ],
)
def test_an_image_goes_with_alt_text_and_caption_however_it_is_written(
    text: str, editor: Client, old: Image
) -> None:
    body = f"One {text.format(old.address)} two ![Three](/media/images/other.png)"
    article = Article.objects.create(title="Knees", slug="knees", body=body)
    send(editor, old, consent_ended="on")
    article.refresh_from_db()
    assert article.body == "One  two ![Three](/media/images/other.png)"
