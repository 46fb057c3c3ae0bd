"""Taking a picture into the library: each one once, as clinic.lib.images made it."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import IO, Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import (
    Count,
    IntegerField,
    JSONField,
    Model,
    OuterRef,
    QuerySet,
    Subquery,
    TextField,
    Value,
)
from django.db.models.fields.reverse_related import ForeignObjectRel
from django.db.models.functions import Coalesce

from clinic import hooks
from clinic.lib import images
from clinic.models import Image, User
from clinic.pictures import renditions

# The files that the block of `files_undone` has written so far; None outside such a block.
_new_files: ContextVar[list[str] | None] = ContextVar("new_files", default=None)


def add(
    source: Path | bytes | IO[bytes],
    *,
    stem: str = "picture",
    alt: str = "",
    credit: str = "",
    licence: str = "",
    by: User | None = None,
) -> Image:
    """The library's row for this picture; one that is there already only gains an alternative
    text that it lacked.

    Decodes and writes a file: call it outside a transaction. Raises images.Refused.
    """
    content = source.read_bytes() if isinstance(source, Path) else source
    intake = images.take_in(content)
    known = Image.objects.filter(sha256=intake.sha256).first()
    if known:
        if alt and not known.alt:
            known.alt = alt
            known.save(update_fields=["alt"])
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


@contextmanager
def received(upload: IO[bytes] | bytes) -> "Iterator[tuple[images.Intake, str] | images.Refused]":
    """Decode an upload and write what it decoded to, for a block that adds it to the library: gives
    (intake, name of the file), or the refusal. Without a row the file goes after the block."""
    try:
        intake = images.take_in(upload)
    except images.Refused as refusal:
        yield refusal
        return
    name = store(intake, Path(getattr(upload, "name", "") or "picture").stem)
    try:
        yield intake, name
    finally:
        if not Image.objects.filter(file=name).exists():
            default_storage.delete(name)


def store(intake: images.Intake, stem: str) -> str:
    """Write the file under its content-hashed name, if it is not there; returns its name."""
    name = f"images/{images.file_name(intake, stem)}"
    if default_storage.exists(name):
        return name
    new_files = _new_files.get()
    if new_files is not None:
        new_files.append(name)  # before it is written: half a file goes, too
    return default_storage.save(name, ContentFile(intake.content))


@contextmanager
def files_undone() -> Iterator[None]:
    """Delete the files of pictures that the block has written, if the block fails.

    May be nested: files of the inner block are also deleted if only the outer one fails. Enter it
    before the transaction of their rows.
    """
    outer = _new_files.get()
    new_files: list[str] = []
    token = _new_files.set(new_files)
    try:
        yield
    except BaseException:
        for name in new_files:
            default_storage.delete(name)
        raise
    else:
        if outer is not None:
            outer += new_files
    finally:
        _new_files.reset(token)


def files_of(image: Image) -> list[str]:
    """The names of its file and of its smaller copies."""
    return [str(image.file.name), *renditions.file_names(image)]


def delete_files(names: list[str]) -> None:
    """Delete files of pictures once the transaction that deletes their rows is done."""

    def delete() -> None:
        for name in names:
            default_storage.delete(name)

    transaction.on_commit(delete)


def with_use_count(queryset: QuerySet[Image]) -> QuerySet[Image]:
    """Annotate `use_count`: how many things refer to each picture, in one query."""
    total: Any = Value(0)
    for model, field in references():
        counted = (
            model._default_manager.filter(**{field: OuterRef("pk")})
            .order_by()
            .values(field)
            .annotate(n=Count("pk"))
            .values("n")
        )
        total = total + Coalesce(Subquery(counted, output_field=IntegerField()), Value(0))
    return queryset.annotate(use_count=total)


def uses(image: Image) -> list[tuple[str, Model]]:
    """What shows this picture, all of it: the kind of thing, and the thing, each once. Of a thing
    only its short fields are read: there may be many."""
    found = [
        thing
        for model, field in references()
        for thing in model._default_manager.filter(**{field: image.pk}).defer(*_long(model))
    ]
    for texts in hooks.picture_texts:
        found += texts.showing(image.address)
    return [(str(thing._meta.verbose_name), thing) for thing in dict.fromkeys(found)]


def _long(model: type[Model]) -> list[str]:
    fields = model._meta.concrete_fields
    return [field.name for field in fields if isinstance(field, TextField | JSONField)]


def unused(queryset: QuerySet[Image]) -> QuerySet[Image]:
    """The pictures that nothing refers to and no text shows. Reads every text that may."""
    shown: set[str] = set()
    for texts in hooks.picture_texts:
        shown |= texts.shown()
    names = [address.removeprefix(Image.FOLDER) for address in shown]
    counted: Any = with_use_count(queryset)
    return counted.filter(use_count=0).exclude(file__in=names)


def references() -> list[tuple[type[Model], str]]:
    """Every model and field that points to a picture, the apps' own among them."""
    found = []
    for relation in Image._meta.get_fields(include_hidden=True):
        model = relation.related_model
        if not isinstance(relation, ForeignObjectRel) or not isinstance(model, type):
            continue
        if not model._meta.auto_created:
            found.append((model, relation.field.name))
    return found
