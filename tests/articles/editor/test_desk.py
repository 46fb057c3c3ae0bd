"""Previews, rendered text and pictures, as the editor asks for them."""

import io
import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image as Pixels

from articles.editor.previews import (
    SHARED_FOR_DAYS,
    LinkIsOver,
    renew_share_link,
    share_token,
    shared_article,
)
from articles.editor.views import LONGEST_TEXT
from articles.publishing import publish
from clinic.models import Image

MARKDOWNIFY = "/admin/markdownx/markdownify/"
UPLOAD = "/admin/markdownx/upload/"
TEXT = """## Why

It helps [@chys2023, p. 3].

!!! tip
    Rest **well**.

✓ You can walk

| a | b |
|---|---|
| 1 | 2 |
"""


def picture(kind: str = "PNG", size: tuple[int, int] = (60, 40), **options: Any) -> bytes:
    out = io.BytesIO()
    Pixels.new("RGB", size, (10, 120, 200)).save(out, kind, **options)
    return out.getvalue()


def send(client: Client, content: bytes, name: str = "x.png", declared: str = "", **data: str):
    sent = SimpleUploadedFile(name, content, declared or "image/png")
    return client.post(UPLOAD, {"image": sent, **data})


# -- rendered text --------------------------------------------------------------------------------


def test_the_editor_shows_what_the_page_will_show(
    client: Client, client_as: Any, make_article: Any, chys: Any, noon: Any
):
    with time_machine.travel(noon, tick=False):
        shown = client_as("Author").post(MARKDOWNIFY, {"content": TEXT}).content.decode()
        publish(make_article(body=TEXT), by=None, at=noon)
        page = client.get("/articles/knees-and-stairs/").content.decode()
    assert "callout-tip" in shown
    assert f">{shown}</div>" in page


def test_who_asks_for_json_is_told_the_problems_and_the_length(client_as: Any):
    answer = client_as("Author").post(
        MARKDOWNIFY,
        {"content": "One.\r\n\r\nTwo [@nobody]."},
        headers={"Accept": "application/json"},
    )
    found = answer.json()
    assert "Two" in found["html"]
    assert found["words"] >= 2
    (problem,) = found["problems"]
    assert (problem["line"], problem["must"]) == (3, True)
    assert "nobody" in problem["message"]


def test_no_markup_of_the_writer_gets_through(client_as: Any):
    evil = (
        "<script>x</script> <img src=x onerror=y> [a](javascript:z) ![b](https://e.example/b.png)"
    )
    html = client_as("Author").post(MARKDOWNIFY, {"content": evil}).content.decode()
    assert "<script" not in html
    assert "<img" not in html
    assert "href" not in html


def test_a_text_that_is_too_long_is_refused_with_a_sentence(client_as: Any):
    client = client_as("Author")
    answer = client.post(MARKDOWNIFY, {"content": "x" * (LONGEST_TEXT + 1)})
    assert answer.status_code == 400
    assert "too long" in answer.content.decode()
    assert client.post(MARKDOWNIFY, {"content": "x" * LONGEST_TEXT}).status_code == 200
    assert client.post(MARKDOWNIFY).content == b""


@pytest.mark.parametrize("text", ["a\0b", "[a](article:x%00y)", "![a](/media/x%00.png)", "[@a\0b]"])
def test_a_sign_that_no_database_takes_is_no_error(text: str, client_as: Any):
    assert client_as("Author").post(MARKDOWNIFY, {"content": text}).status_code == 200


@pytest.mark.parametrize("path", [MARKDOWNIFY, UPLOAD])
def test_only_posts_of_those_who_write_are_answered(path: str, client_as: Any, client: Client):
    assert client_as("Editor").get(path).status_code == 405
    for role in ("Receptionist", "Practitioner"):
        assert client_as(role).post(path, {"content": "x"}).status_code == 403
    assert client.post(path).status_code == 302


def test_a_post_from_another_site_is_refused(make_user: Any):
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_user("Author"), "django.contrib.auth.backends.ModelBackend")
    assert client.post(MARKDOWNIFY, {"content": "x"}).status_code == 403


# -- pictures -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "ending"), [("PNG", "png"), ("JPEG", "jpg"), ("WEBP", "webp"), ("GIF", "gif")]
)
def test_a_picture_is_known_by_its_bytes(kind: str, ending: str, client_as: Any):
    answer = send(client_as("Author"), picture(kind), "evil.html", "text/html", alt="A [blue] wall")
    assert answer.status_code == 200
    told = answer.json()
    image = Image.objects.get()
    assert image.file.name.endswith(f".{ending}")
    assert told == {
        "image_code": f"![A (blue) wall](/media/{image.file.name})",
        "image_path": f"/media/{image.file.name}",
        "alt": "A (blue) wall",
        "needs_alt": False,
    }
    assert (image.width, image.height, image.alt) == (60, 40, "A [blue] wall")
    assert image.uploaded_by.username == "client-author"


def test_a_picture_without_words_asks_for_them(client_as: Any):
    told = send(client_as("Author"), picture()).json()
    assert (told["needs_alt"], told["alt"]) == (True, "")


def test_the_same_picture_twice_is_one(client_as: Any):
    client = client_as("Author")
    first, second = (send(client, picture(), name, alt="Blue") for name in ("a.png", "b.png"))
    assert first.json() == second.json()
    assert Image.objects.count() == 1


def test_what_a_camera_wrote_is_gone_and_the_picture_stands_upright(client_as: Any):
    notes = Pixels.Exif()
    notes[0x010F], notes[0x0112] = "Camera of somebody", 6  # maker; lies on its side
    send(client_as("Author"), picture("JPEG", exif=notes, comment=b"at home"))
    image = Image.objects.get()
    with default_storage.open(image.file.name) as kept:
        content = kept.read()
    assert (image.width, image.height) == (40, 60)
    assert b"Camera" not in content
    assert b"at home" not in content
    assert not Pixels.open(io.BytesIO(content)).getexif()


def bomb() -> bytes:
    """A small file that says it has 900 megapixels."""
    content = bytearray(picture("GIF"))
    content[6:10] = (30_000).to_bytes(2, "little") * 2
    return bytes(content)


@pytest.mark.parametrize(
    ("name", "declared", "content"),
    [
        ("a.gif", "image/gif", b"<html><script>alert(1)</script></html>"),
        ("a.svg", "image/svg+xml", b'<svg xmlns="http://www.w3.org/2000/svg" onload="x()"/>'),
        ("a.png", "image/png", picture()[:-30]),
        ("a.png", "image/png", picture()[:20]),
        ("a.png", "image/png", b""),
        ("a.gif", "image/gif", bomb()),
        ("a.bmp", "image/bmp", picture("BMP")),
        ("a.tiff", "image/png", picture("TIFF")),
    ],
    ids=["html", "svg", "cut off", "cut early", "empty", "bomb", "bmp", "tiff"],
)
def test_what_is_no_picture_for_us_is_refused_with_a_sentence(
    name: str, declared: str, content: bytes, client_as: Any
):
    answer = send(client_as("Author"), content, name, declared)
    assert answer.status_code == 400
    said = answer.json()["error"]
    assert said[0].isupper()
    assert said.endswith(".")
    assert not Image.objects.exists()


def test_a_photo_of_a_phone_is_refused_at_both_doors(client_as: Any):
    photo = b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + bytes(200)
    client = client_as("Author")
    words = "Most Compatible"
    dropped = send(client, photo, "IMG_0042.png")
    assert dropped.status_code == 400
    assert words in dropped.json()["error"]
    sent = SimpleUploadedFile("IMG_0042.jpg", photo, "image/jpeg")
    form = client.post("/admin/clinic/image/add/", {"file": sent, "focal_x": 0.5, "focal_y": 0.5})
    assert words in str(form.context["adminform"].form.errors["file"])
    assert not Image.objects.exists()


def test_no_picture_at_all_is_said(client_as: Any):
    answer = client_as("Author").post(UPLOAD, {"image": "text"})
    assert (answer.status_code, answer.json()) == (400, {"error": "No image was uploaded."})


# -- previews -------------------------------------------------------------------------------------


def is_private(answer: Any) -> bool:
    """Kept by nobody, found by no search engine, and its address is told to no other site."""
    page = answer.content.decode()
    return (
        answer.headers["Cache-Control"] == "no-store"
        and answer.headers["X-Robots-Tag"].startswith("noindex")
        and answer.headers["Referrer-Policy"] == "no-referrer"
        and "X-Store" not in answer.headers
        and '<meta name="robots" content="noindex">' in page
    )


def test_staff_read_the_manuscript_in_the_template_of_the_page(client_as: Any, make_article: Any):
    article = make_article(body="## Why\n\nUnpublished words [@nobody].")
    answer = client_as("Author").get(f"/admin/preview/{article.pk}/")
    assert answer.status_code == 200
    assert answer.templates[0].name == "articles/article.html"
    page = answer.content.decode()
    assert "Unpublished words" in page
    way_back = reverse("admin:articles_article_change", args=[article.pk])
    assert f'Draft. <a href="{way_back}" target="_top">' in page
    assert is_private(answer)


def test_a_preview_is_of_the_manuscript_not_of_the_edition(
    client_as: Any, make_article: Any, chys: Any, noon: Any
):
    article = make_article(body="Former words [@chys2023]. [Book](book:)")
    publish(article, by=None, at=noon)
    article.body = "Fresh [@chys2023].\n\n[Book](book:)"
    article.save()
    page = client_as("Author").get(f"/admin/preview/{article.pk}/").content.decode()
    assert "Fresh" in page
    assert "Former words" not in page
    assert "from=" not in page  # a visit from here counts for no edition
    assert "Where we cite it" not in page


@pytest.mark.parametrize("kind", ["article", "page"])
def test_whoever_holds_the_link_reads_the_manuscript(kind: str, client: Client, make_article: Any):
    article = make_article(kind=kind)
    answer = client.get(f"/preview/{share_token(article)}/")
    assert answer.status_code == 200
    assert "The knee carries more" in answer.content.decode()
    assert "please do not rely on it" in answer.content.decode()
    assert "Back to text" not in answer.content.decode()
    assert is_private(answer)


def test_a_link_of_a_preview_ends(client: Client, make_article: Any, noon: Any):
    article = make_article()
    with time_machine.travel(noon, tick=False) as clock:
        token = share_token(article)
        clock.shift(timedelta(days=SHARED_FOR_DAYS))
        assert shared_article(token) == article
        clock.shift(timedelta(seconds=1))
        with pytest.raises(LinkIsOver):
            shared_article(token)
        assert says_that_it_is_over(client, token)


def says_that_it_is_over(client: Client, token: str) -> bool:
    answer = client.get(f"/preview/{token}/")
    page = answer.content.decode()
    said = "This link has expired." in page and "The knee carries more" not in page
    return said and answer.status_code == 410 and is_private(answer)


def test_a_link_of_a_preview_is_renewed_on_the_desk(
    client: Client, client_as: Any, make_article: Any
):
    article, other = make_article(), make_article(slug="other")
    before = share_token(article)
    page = reverse("admin:articles_article_renew_link", args=[article.pk])
    desk = client_as("Editor")
    assert "any older ones, will stop working" in desk.get(page).content.decode()
    assert client.get(f"/preview/{before}/").status_code == 200  # asked, not done
    shown = desk.post(page, follow=True).content.decode()
    assert "The old link no longer works." in shown
    (address,) = re.findall(r'id="share" readonly value="http://[^/]+(/preview/[^"]+)"', shown)
    assert client.get(address).status_code == 200
    assert says_that_it_is_over(client, before)
    assert client.post(f"/preview/{before}/").status_code == 410
    assert client.get(f"/preview/{share_token(other)}/").status_code == 200
    article.refresh_from_db()
    assert article.revision == 0  # the text is as it was


@pytest.mark.parametrize(
    ("role", "status"), [("Author", 403), ("Clinical reviewer", 403), ("Receptionist", 403)]
)
def test_the_link_is_renewed_by_who_may_write_the_text(
    role: str, status: int, client_as: Any, make_article: Any, make_user: Any
):
    article = make_article()
    page = reverse("admin:articles_article_renew_link", args=[article.pk])
    client = client_as(role)
    assert client.get(page).status_code == client.post(page).status_code == status
    with pytest.raises(PermissionDenied):
        renew_share_link(article, by=make_user(role, username="somebody"))
    assert shared_article(share_token(article)) == article


def test_a_link_that_was_made_up_opens_nothing(client: Client, make_article: Any):
    article, other = make_article(), make_article(slug="other")
    token = share_token(article)
    signature = token.partition(":")[2]
    forged = [
        str(article.pk),
        token[:-1] + ("A" if token[-1] != "A" else "B"),
        share_token(other).partition(":")[0] + ":" + signature,
        "::",
        "x:y:z",
    ]
    for made_up in forged:
        assert client.get(f"/preview/{made_up}/").status_code == 404
    article.delete()
    assert client.get(f"/preview/{token}/").status_code == 404


@pytest.mark.parametrize(("role", "status"), [("Clinical reviewer", 200), ("Receptionist", 403)])
def test_previews_are_for_those_who_write_or_review(
    role: str, status: int, client_as: Any, make_article: Any
):
    article = make_article()
    assert client_as(role).get(f"/admin/preview/{article.pk}/").status_code == status


def test_a_preview_of_nothing_is_404(client_as: Any):
    assert client_as("Author").get("/admin/preview/999/").status_code == 404


def test_the_editor_may_frame_its_own_page_and_nobody_else(client_as: Any):
    answer = client_as("Author").get("/admin/markdownx/frame/")
    assert '<main id="main">' in answer.content.decode()
    assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert "frame-ancestors 'self'" in answer.headers["Content-Security-Policy"]
