"""Smaller copies of pictures: made once, from the focal point, offered by width."""

import re
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.template.loader import render_to_string
from PIL import Image as Pixels

from clinic import pictures
from clinic.models import Image, Practitioner
from clinic.pictures import renditions
from clinic.site import content_version

AT = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _own_media(settings: Any, tmp_path: Any) -> None:
    """Pictures of no other test, and none that another test takes away."""
    settings.MEDIA_ROOT = tmp_path / "own-media"


def add(
    width: int, height: int, mode: str = "RGB", left: Any = "red", right: Any = "blue"
) -> Image:
    """A picture of two halves in the library."""
    pixels = Pixels.new(mode, (width, height), left)
    pixels.paste(right, (width // 2, 0, width, height))
    out = BytesIO()
    pixels.save(out, "PNG")
    return pictures.add(out.getvalue(), stem=f"halves-{width}", alt="Two halves")


def opened(copy: dict[str, Any]) -> Pixels.Image:
    with default_storage.open(copy["file"]) as file:
        return Pixels.open(BytesIO(file.read())).convert("RGBA")


def copies(image: Image, crop: str, kind: str) -> list[dict[str, Any]]:
    image.refresh_from_db()
    return [c for c in image.renditions if (c["crop"], c["format"]) == (crop, kind)]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("width", "whole", "square"),
    [
        (2000, [360, 720, 1080, 1600], [160, 320, 640]),
        (900, [360, 720, 900], [160, 320, 450]),
        (100, [100], [50]),
    ],
)
def test_copies_are_never_wider_than_the_picture(width: int, whole: list[int], square: list[int]):
    image = add(width, width // 2)
    renditions.make_due(AT)
    for kind in ("WEBP", "JPEG"):
        assert [c["width"] for c in copies(image, "", kind)] == whole
        assert [c["width"] for c in copies(image, "square", kind)] == square
    for copy in image.renditions:
        assert opened(copy).size == (copy["width"], copy["height"])
    assert not image.renditions_due


@pytest.mark.django_db
def test_squares_are_cut_about_the_focal_point():
    image = add(400, 100)
    renditions.make_due(AT)
    first = copies(image, "square", "WEBP")[0]
    Image.objects.filter(pk=image.pk).update(focal_x=1, renditions_due=True)
    renditions.make_due(AT)
    second = copies(image, "square", "WEBP")[0]
    assert opened(second).getpixel((5, 5))[2] > 200
    assert first["file"] != second["file"]
    assert not default_storage.exists(first["file"])
    assert default_storage.exists(copies(image, "", "WEBP")[0]["file"])


@pytest.mark.django_db
def test_transparent_pictures_stand_on_the_sky_in_jpeg():
    image = add(100, 100, "RGBA", (0, 0, 0, 0), (0, 0, 0, 0))
    renditions.make_due(AT)
    shown = opened(copies(image, "", "JPEG")[0]).getpixel((9, 9))
    assert shown == pytest.approx((0xA9, 0xD4, 0xE5, 255), abs=3)
    assert opened(copies(image, "", "WEBP")[0]).getpixel((9, 9))[3] == 0


@pytest.mark.django_db
def test_making_them_twice_writes_nothing_new():
    image = add(500, 300)
    renditions.make(image)
    image.refresh_from_db()
    before, names = image.renditions, renditions.file_names(image)
    renditions.make(image)
    image.refresh_from_db()
    assert image.renditions == before
    assert all(default_storage.exists(name) for name in names)


@pytest.mark.django_db
def test_a_picture_whose_focal_point_moved_meanwhile_waits_on():
    image = add(500, 300)
    Image.objects.filter(pk=image.pk).update(focal_x=0.1)
    assert not renditions.make(image)
    image.refresh_from_db()
    assert image.renditions_due


@pytest.mark.django_db
def test_a_picture_without_its_file_stops_no_other():
    broken, other = add(500, 300), add(300, 300)
    default_storage.delete(str(broken.file.name))
    renditions.make_due(AT)
    other.refresh_from_db()
    assert other.renditions
    assert not Image.objects.filter(renditions_due=True).exists()


@pytest.mark.django_db
def test_pages_are_made_anew_when_copies_are_there():
    add(100, 100)
    before = content_version.current_version()
    renditions.make_due(AT)
    made = content_version.current_version()
    renditions.make_due(AT)
    assert before != made == content_version.current_version()


@pytest.mark.django_db
def test_the_picture_itself_is_shown_until_there_are_copies():
    image = add(500, 300)
    html = renditions.picture(image, alt="A & B", sizes="10rem")
    assert html == (
        f'<img src="/media/{image.file.name}" alt="A &amp; B" width="500" height="300" '
        'loading="lazy" decoding="async">'
    )


@pytest.mark.django_db
def test_copies_are_offered_by_width():
    image = add(500, 300)
    renditions.make(image)
    html = renditions.picture(image, alt="A", sizes="10rem", lazy=False)
    assert html.startswith('<picture><source type="image/webp" srcset="/media/renditions/')
    assert re.findall(r" (\d+)w", html) == ["360", "500", "360", "500"]
    assert html.count('sizes="10rem"') == 2
    assert 'width="500" height="300"' in html
    assert "loading" not in html


@pytest.mark.django_db
@pytest.mark.parametrize(("decorative", "alt"), [(True, 'alt=""'), (False, 'alt="Two halves"')])
def test_portraits_are_square(decorative: bool, alt: str, ines: Practitioner):
    image = add(500, 300)
    renditions.make(image)
    ines.photo = image
    html = render_to_string(
        "partials/portrait.html",
        {"practitioner": ines, "decorative": decorative, "sizes": "4rem", "eager": True},
    )
    assert alt in html
    assert 'width="300" height="300"' in html


@pytest.fixture
def ines(db: None) -> Practitioner:
    return Practitioner.objects.create(name="Ines Okafor", slug="ines-okafor", role="Physio")


@pytest.mark.django_db
def test_no_copy_stays_of_a_picture_that_is_deleted_while_they_are_made(monkeypatch: Any):
    image = add(200, 100)
    encode = renditions.images.rendition

    def encode_late(*args: Any, **options: Any) -> bytes:
        Image.objects.filter(pk=image.pk).delete()
        return encode(*args, **options)

    monkeypatch.setattr(renditions.images, "rendition", encode_late)
    assert not renditions.make(image)
    assert default_storage.listdir("renditions")[1] == []
