"""Taking a picture into the library: each one once, as clinic.lib.images made it."""

from pathlib import Path

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from clinic.lib import images
from clinic.models import Image, User


def add(
    source: Path | bytes,
    *,
    stem: str = "picture",
    alt: str = "",
    credit: str = "",
    licence: str = "",
    by: User | None = None,
) -> Image:
    """The library's row for this picture; one that is there already stays as it is.

    Decodes and writes a file: call it outside a transaction. Raises images.Refused.
    """
    content = source.read_bytes() if isinstance(source, Path) else source
    intake = images.take_in(content)
    known = Image.objects.filter(sha256=intake.sha256).first()
    if known:
        return known
    image, _ = Image.objects.get_or_create(
        sha256=intake.sha256,
        defaults={
            "file": store(intake, source.stem if isinstance(source, Path) else stem),
            "width": intake.width,
            "height": intake.height,
            "alt": alt,
            "credit": credit,
            "licence": licence,
            "uploaded_by": by,
        },
    )
    return image


def store(intake: images.Intake, stem: str) -> str:
    """Write the file under its content-hashed name, if it is not there; returns its name."""
    name = f"images/{images.file_name(intake, stem)}"
    if default_storage.exists(name):
        return name
    return default_storage.save(name, ContentFile(intake.content))
