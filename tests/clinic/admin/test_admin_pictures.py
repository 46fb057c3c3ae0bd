"""The library of pictures: where each is used, what stands nowhere, and what may be deleted."""

from collections.abc import Callable
from io import BytesIO
from math import inf
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from PIL import Image as Pixels

from articles.models import Article, Question
from articles.publishing import publish
from clinic import pictures
from clinic.models import Image, Practitioner
from clinic.pictures import renditions
from clinic.site import page_context

LIST = "admin:clinic_image_changelist"


def add(shade: int, alt: str = "") -> Image:
    out = BytesIO()
    Pixels.new("RGB", (20, 20), (shade, 90, 120)).save(out, "PNG")
    return pictures.add(out.getvalue(), stem=f"shade-{shade}", alt=alt or f"Shade {shade}")


@pytest.fixture
def editor_client(make_user: Callable[..., Any]) -> Client:
    client = Client()
    client.force_login(make_user("Editor"))
    return client


@pytest.fixture
def used(db: None) -> dict[str, Image]:
    """One picture for each way of using one, and one that stands nowhere."""
    names = ["photo", "hero", "body", "answer", "edition", "nowhere"]
    found = {name: add(40 * n) for n, name in enumerate(names)}
    Practitioner.objects.create(name="Ines", slug="ines", role="Physio", photo=found["photo"])
    article = Article.objects.create(
        title="Knees",
        slug="knees",
        summary="Stairs.",
        body=f"![A]({found['edition'].address})",
        hero=found["hero"],
    )
    publish(article, by=None, at=timezone.now())
    body = f"Words ![A]({found['body'].address} 'Mine')"
    Article.objects.filter(pk=article.pk).update(body=body, hero=None)
    other = Article.objects.create(title="Hips", slug="hips", hero=found["hero"])
    answer = f"![A]({found['answer'].address})"
    Question.objects.create(article=other, question="Why?", answer=answer)
    return found


def test_each_use_is_named_with_a_link(editor_client: Client, used: dict[str, Image]):
    said = {}
    for name, image in used.items():
        page = editor_client.get(reverse("admin:clinic_image_change", args=[image.pk]))
        said[name] = page.content.decode()
    assert ">Ines</a>" in said["photo"]
    assert "Hips" in said["hero"]
    assert "Knees" in said["body"]
    assert "Hips" in said["answer"]
    assert "Knees (1)" in said["edition"]
    assert "Not used. It can be deleted." in said["nowhere"]


def test_every_use_is_named_for_no_more_queries(editor_client: Client) -> None:
    image = add(3)
    change = reverse("admin:clinic_image_change", args=[image.pk])
    asked = []
    for numbers in (range(1), range(1, 60)):
        for number in numbers:
            name = f"text-{number}"
            Article.objects.create(title=name, slug=name, body="Words. " * 9, hero=image)
        with CaptureQueriesContext(connection) as queries:
            page = editor_client.get(change).content.decode()
        asked.append(len(queries))
    assert "<p>Articles (60)</p>" in page
    assert page.count(">text-") == 60
    assert asked[1] <= asked[0]  # the first one also fills what is cached


def test_orphans_are_those_that_stand_nowhere(editor_client: Client, used: dict[str, Image]):
    page = editor_client.get(reverse(LIST) + "?used=no")
    assert list(page.context["cl"].queryset) == [used["nowhere"]]


def test_those_without_alternative_text_are_found(editor_client: Client):
    nameless = add(1, alt=" ")
    Image.objects.filter(pk=nameless.pk).update(alt="")
    named = add(2)
    for value, expected in (("no", [nameless]), ("yes", [named])):
        page = editor_client.get(reverse(LIST) + f"?described={value}")
        assert list(page.context["cl"].queryset) == expected


@pytest.mark.parametrize("name", ["photo", "hero", "body", "answer", "edition"])
def test_what_is_used_is_not_deleted(name: str, editor_client: Client, used: dict[str, Image]):
    image = used[name]
    delete = reverse("admin:clinic_image_delete", args=[image.pk])
    page = editor_client.get(delete)
    assert page.context["protected"]
    editor_client.post(delete, {"post": "yes"})
    action = {"action": "delete_selected", "_selected_action": [image.pk], "post": "yes"}
    editor_client.post(reverse(LIST), action)
    assert Image.objects.filter(pk=image.pk).exists()
    assert default_storage.exists(str(image.file.name))


def test_what_is_not_used_goes_with_its_files(
    editor_client: Client,
    used: dict[str, Image],
    django_capture_on_commit_callbacks: Callable[..., Any],
):
    image = used["nowhere"]
    renditions.make(image)
    image.refresh_from_db()
    files = pictures.files_of(image)
    with django_capture_on_commit_callbacks(execute=True):
        delete = reverse("admin:clinic_image_delete", args=[image.pk])
        assert editor_client.post(delete, {"post": "yes"}).status_code == 302
    assert not Image.objects.filter(pk=image.pk).exists()
    assert len(files) > 1
    assert not any(map(default_storage.exists, files))


def test_no_file_stays_of_a_picture_that_is_not_added(editor_client: Client) -> None:
    with add(7).file.open() as file:
        content = file.read()
    before = default_storage.listdir("images")[1]
    asked = {"alt": "A knee", "focal_x": "0.5", "focal_y": "0.5"}
    for given in (asked, asked | {"focal_x": "9"}):
        sent = given | {"file": SimpleUploadedFile("hidden.png", content)}
        assert editor_client.post(reverse("admin:clinic_image_add"), sent).status_code == 200
    assert sorted(default_storage.listdir("images")[1]) == sorted(before)


def test_a_new_focal_point_asks_for_new_squares(editor_client: Client):
    image = add(1)
    renditions.make(image)
    change = reverse("admin:clinic_image_change", args=[image.pk])
    data = {"alt": "A", "consent_note": "She agreed, May 2026", "focal_x": "0.5", "focal_y": "0.5"}
    editor_client.post(change, data)
    image.refresh_from_db()
    assert (image.consent_note, image.renditions_due) == ("She agreed, May 2026", False)
    editor_client.post(change, {**data, "focal_x": "0.2"})
    image.refresh_from_db()
    assert (image.focal_x, image.renditions_due) == (0.2, True)


def test_the_list_asks_as_much_for_many_pictures_as_for_few(
    editor_client: Client, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(page_context, "FRESH_SECONDS", inf)

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert editor_client.get(reverse(LIST)).status_code == 200
        return len(queries)

    add(1)
    asked()
    few = asked()
    for shade in range(2, 32):
        add(shade)
    assert min(asked(), asked()) <= few  # the content version is asked for once a second
