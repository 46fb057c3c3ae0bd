"""The pictures of a folder: decoded and written before the rows."""

from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from django.core.exceptions import ValidationError

from articles.import_problems import Problems
from articles.importers.portable.folder import Folder, Picture
from clinic.lib import images
from clinic.models import Image
from clinic.pictures import store

TEXTS = ("alt", "credit", "licence", "consent_note")


@dataclass
class Kept:
    """What has become of the pictures of a folder."""

    intakes: list[tuple[Picture, images.Intake, str]] = field(default_factory=list)
    rows: dict[str, Image] = field(default_factory=dict)  # by name in the folder

    def make_rows(self, problems: Problems) -> int:
        """Add to the library what it does not hold yet; returns how many. What it holds keeps what
        is said of it, and takes from media.json only what is missing."""
        made = 0
        for picture, intake, name in self.intakes:
            image = Image.objects.filter(sha256=intake.sha256).first()
            made += image is None
            image = image or Image(
                sha256=intake.sha256, file=name, width=intake.width, height=intake.height
            )
            before = _facts(image)
            _describe(image, picture)
            try:
                image.clean_fields(exclude={"file", "uploaded_by"})
            except ValidationError as error:
                problems.add_invalid(picture.file, picture.line, error)
            else:
                if not image.pk or before != _facts(image):
                    image.save()
                self.rows[picture.name] = image
        return made

    def address(self, name: str) -> str:
        """How stored texts show this picture; one that is stored already keeps its address."""
        return name if name.startswith("/") else self.rows[unquote(name)].address

    def file(self, name: str) -> str:
        """The name of its file in the media storage."""
        return str(self.rows[name].file)


def keep(folder: Folder) -> Kept:
    """Decode every picture of the folder and write it; those refused are problems of the folder."""
    kept = Kept()
    for picture in folder.pictures.values():
        try:
            intake, stem = _take_in(picture)
        except images.Refused as refusal:
            folder.problems.add(picture.file, picture.line, f"{picture.name}: {refusal}")
        else:
            kept.intakes.append((picture, replace(intake, content=b""), store(intake, stem)))
    return kept


def _take_in(picture: Picture) -> tuple[images.Intake, str]:
    """The picture as the library keeps it, and the stem of its name.

    One that media.json says a library wrote, under its SHA-256, stays as it is once it is seen to
    be a picture: encoded anew each time, it would grow worse with every move.
    """
    content = picture.path.read_bytes()
    intake, stem = images.take_in(content), picture.path.stem
    digest = sha256(content).hexdigest()
    if picture.facts.get("sha256") == digest:
        stem = stem.removesuffix(f"-{digest[:12]}")
        intake = replace(intake, content=content, sha256=digest)
    return intake, stem


def _describe(image: Image, picture: Picture) -> None:
    for name in TEXTS:
        if not getattr(image, name):
            setattr(image, name, picture.facts.get(name) or "")
    focal = picture.facts.get("focal")
    if isinstance(focal, list) and len(focal) == 2 and (image.focal_x, image.focal_y) == (0.5, 0.5):
        image.focal_x, image.focal_y = focal
        image.renditions_due = True


def _facts(image: Image) -> dict[str, Any]:
    return {name: getattr(image, name) for name in (*TEXTS, "focal_x", "focal_y")}


def as_entry(image: Image) -> dict[str, Any]:
    """The picture as media.json has it; what is empty is left out."""
    entry = {
        "file": name_of(image),
        **{name: getattr(image, name) for name in TEXTS},
        "focal": [image.focal_x, image.focal_y],
        "sha256": image.sha256,
    }
    return {name: value for name, value in entry.items() if value not in ("", [0.5, 0.5])}


def name_of(image: Image) -> str:
    """Its name in a folder."""
    return f"media/{Path(str(image.file)).name}"
