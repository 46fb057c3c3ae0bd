"""Smaller copies of the library's pictures, made by the worker, and the HTML that offers them.

A picture has copies in its own proportions for texts and heroes, and square ones, cut about its
focal point, for portraits and lists. Until they are made its own file is shown.
"""

import hashlib
from collections.abc import Iterator
from datetime import datetime
from io import BytesIO
from typing import Any, Literal

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.html import format_html
from django.utils.safestring import SafeString
from PIL import Image as Pixels

from clinic.lib import images
from clinic.models import Image
from clinic.site import content_version

Crop = Literal["", "square"]
WIDTHS: dict[Crop, tuple[int, ...]] = {"": (360, 720, 1080, 1600), "square": (160, 320, 640)}
SKY = "#a9d4e5"  # behind a transparent picture where the format has no transparency
FORMATS: tuple[images.Format, ...] = ("WEBP", "JPEG")
AT_ONCE = 5  # pictures that one call of the duty sees to: mail waits no longer than for these

# How wide pictures are shown, for `sizes`: the text is 40 rem wide, or the phone.
TEXT_SIZES = "(min-width: 44rem) 40rem, 100vw"
HERO_SIZES = "(min-width: 60rem) 36rem, 100vw"
PORTRAIT_SIZES = "(min-width: 60rem) 20rem, 10rem"


def make_due(at: datetime) -> None:
    """Make the copies of some pictures that wait for them: a duty of the worker."""
    for image in Image.objects.filter(renditions_due=True).order_by("-id")[:AT_ONCE]:
        make(image)


def make(image: Image) -> bool:
    """Make all copies of one picture and write them down. False if its file cannot be read, or
    its focal point was moved meanwhile: then another call sees to it.

    Decodes and writes files: call it outside a transaction.
    """
    try:
        with default_storage.open(str(image.file.name)) as file:
            original = file.read()
        made = [
            _copy(image, original, crop, width, kind)
            for crop, width in _wanted(image)
            for kind in FORMATS
        ]
    except OSError:
        Image.objects.filter(pk=image.pk).update(renditions_due=False)
        return False
    with transaction.atomic():
        changed = Image.objects.filter(
            pk=image.pk, focal_x=image.focal_x, focal_y=image.focal_y
        ).update(renditions=made, renditions_due=False)
        content_version.raise_version()
    kept = {copy["file"] for copy in made}
    if not Image.objects.filter(pk=image.pk).exists():  # deleted meanwhile
        for name in kept:
            default_storage.delete(name)
    if changed:
        for name in file_names(image):
            if name not in kept:
                default_storage.delete(name)
        image.renditions = made
    return bool(changed)


def file_names(image: Image) -> list[str]:
    """The files of the copies that are written down."""
    return [copy["file"] for copy in image.renditions]


def picture(
    image: Image,
    *,
    alt: str,
    sizes: str,
    crop: Crop = "",
    lazy: bool = True,
) -> SafeString:
    """The `<picture>` of an image: WebP and JPEG copies by width, its own file where there are
    none. Width and height are given, so that nothing jumps when it comes.
    """
    webp, jpeg = (_of(image, crop, kind) for kind in FORMATS)
    shown = jpeg[-1] if jpeg else None
    img = format_html(
        '<img src="{}"{} alt="{}" width="{}" height="{}"{} decoding="async">',
        _url(image, shown),
        format_html(' srcset="{}" sizes="{}"', _srcset(image, jpeg), sizes) if jpeg else "",
        alt,
        shown["width"] if shown else image.width,
        shown["height"] if shown else image.height,
        format_html(' loading="{}"', "lazy") if lazy else "",
    )
    if not webp:
        return img
    return format_html(
        '<picture><source type="image/webp" srcset="{}" sizes="{}">{}</picture>',
        _srcset(image, webp),
        sizes,
        img,
    )


def smallest_square(image: Image) -> str:
    """The address of a square copy for lists; of the picture itself until there is one."""
    found = _of(image, "square", "WEBP")
    return _url(image, found[0] if found else None)


def _wanted(image: Image) -> Iterator[tuple[Crop, int]]:
    """Crop and width of each copy. A picture narrower than a width gets one as wide as itself."""
    for crop, widths in WIDTHS.items():
        widest = image.width if crop == "" else min(image.width, image.height)
        widest = min(widest, widths[-1])
        for width in [*(width for width in widths if width < widest), widest]:
            yield crop, width


def _copy(
    image: Image, original: bytes, crop: Crop, width: int, kind: images.Format
) -> dict[str, Any]:
    """One copy, written under a name that its content gives it."""
    encoded = images.rendition(
        original,
        width,
        format=kind,
        focal=(image.focal_x, image.focal_y),
        ratio=1.0 if crop == "square" else None,
        background=SKY,
    )
    stem = str(image.file.name).rsplit("/", 1)[-1].rsplit(".", 1)[0][:60]
    digest = hashlib.sha256(encoded).hexdigest()[:12]
    name = f"renditions/{stem}-{width}-{digest}.{images.EXTENSIONS[kind]}"
    if not default_storage.exists(name):
        name = default_storage.save(name, ContentFile(encoded))
    with Pixels.open(BytesIO(encoded)) as pixels:
        size = pixels.size
    return {"crop": crop, "format": kind, "width": size[0], "height": size[1], "file": name}


def _of(image: Image, crop: Crop, kind: images.Format) -> list[dict[str, Any]]:
    """The copies of one crop and format, the narrowest first."""
    found = [c for c in image.renditions if c["crop"] == crop and c["format"] == kind]
    return sorted(found, key=lambda copy: copy["width"])


def _srcset(image: Image, copies: list[dict[str, Any]]) -> str:
    return ", ".join(f"{_url(image, copy)} {copy['width']}w" for copy in copies)


def _url(image: Image, copy: dict[str, Any] | None) -> str:
    """Return where a browser finds a copy, or the picture's own file."""
    return default_storage.url(copy["file"] if copy else image.file.name)
