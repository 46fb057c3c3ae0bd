"""Writing the texts, topics, references and pictures of a site into a folder."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.files.storage import default_storage
from django.utils.translation import gettext as _

from articles.importers.portable import library, pictures
from articles.importers.portable.files import File, Publication, dump
from articles.importers.portable.texts import of_article, of_edition, with_pictures
from articles.models import Article, Edition, Reference, Topic
from articles.models.choices import Kind
from clinic.models import Image


class NotExported(Exception):
    """The folder is not complete; the message says what is missing."""


@dataclass(frozen=True)
class Count:
    articles: int
    pages: int
    topics: int
    references: int
    pictures: int


def write(root: Path, *, at: datetime) -> Count:
    """Write everything into this folder, which is there and empty. The same database gives the
    same bytes. Raises NotExported, OSError."""
    images = list(Image.objects.order_by("file"))
    (root / "media").mkdir()
    for image in images:
        _write_picture(root, image)
    _write_list(root / "media.json", map(pictures.as_entry, images))
    references = list(map(library.as_entry, Reference.objects.order_by("key")))
    _write_list(root / library.REFERENCES, references)
    topics = list(map(library.topic_as_entry, Topic.objects.order_by("order", "slug")))
    _write_list(root / library.TOPICS, topics)
    names = _Names(images)
    kinds = []
    for article in Article.objects.with_state(at).order_by("kind", "slug"):
        for file in _files(article, at=at):
            # Opened as binary: no system's own line ends.
            (root / file.name).write_bytes(dump(names.in_folder(file)).encode())
        kinds.append(article.kind)
    return Count(
        articles=kinds.count(Kind.ARTICLE),
        pages=kinds.count(Kind.PAGE),
        topics=len(topics),
        references=len(references),
        pictures=len(images),
    )


class _Names:
    """Names of pictures in the library → names in the folder."""

    def __init__(self, images: Iterable[Image]) -> None:
        self.by_file = {str(image.file): pictures.name_of(image) for image in images}
        self.by_address = {image.address: pictures.name_of(image) for image in images}

    def in_folder(self, file: File) -> File:
        text = with_pictures(file.text, lambda address: self.by_address.get(address, address))
        return replace(file, text=replace(text, hero=self.by_file.get(text.hero, "")))


def _files(article: Article, *, at: datetime) -> Iterator[File]:
    """The manuscript, and what is or will be public where that differs."""
    editions = Edition.objects.filter(article=article)
    live, waiting = editions.live(at).first(), editions.waiting(at).first()
    text, past = of_article(article), library.past_slugs(article.kind, article.pk)
    redirects = tuple(slug for slug in past if not live or slug != live.slug)
    stem = article.slug
    if article.kind == Kind.PAGE and Article.objects.filter(kind="article", slug=stem).exists():
        stem += ".page"
    yield File(f"{stem}.md", text, _publication(live, waiting), redirects)
    for variant, edition in (("live", live), ("scheduled", waiting)):
        if edition and (public := of_edition(edition)) != text.public:
            yield File(f"{stem}.{variant}.md", public)


def _publication(live: Edition | None, waiting: Edition | None) -> Publication:
    """Return when it was first public, changed and will change. Nothing is exported about a
    withdrawn article: importing it must not make it public."""
    counting = [edition for edition in (live, waiting) if edition]
    if not counting:
        return Publication("draft")
    updates = []
    first_at, last_at = (live.first_live_at, live.goes_live_at) if live else (None, None)
    if live and Edition.objects.filter(article=live.article_id, hash_recipe=0).exists():
        # Made by a migration, on a day of its own in each database: no import could repeat that.
        first_at = last_at = None
    elif live:
        told = Edition.objects.gone_live(live.goes_live_at).filter(
            article=live.article_id, goes_live_at__gt=live.first_live_at
        )
        updates = list(told.exclude(change_note="").values_list("goes_live_at", "change_note"))
    if waiting and waiting.change_note:
        updates.append((waiting.goes_live_at, waiting.change_note))
    is_told = last_at == first_at or last_at in dict(updates)
    return Publication(
        state="published" if live else "scheduled",
        published_at=first_at,
        updated_at=None if is_told else last_at,
        goes_live_at=waiting.goes_live_at if waiting else None,
        updates=tuple(sorted(updates)),
    )


def _write_picture(root: Path, image: Image) -> None:
    try:
        with default_storage.open(str(image.file)) as file:
            (root / pictures.name_of(image)).write_bytes(file.read())
    except FileNotFoundError:
        raise NotExported(
            _("The file for the image “%(name)s” is missing from media storage.")
            % {"name": image.file}
        ) from None


def _write_list(path: Path, entries: Iterable[dict[str, Any]]) -> None:
    text = json.dumps(list(entries), ensure_ascii=False, indent=2, sort_keys=True)
    path.write_bytes(f"{text}\n".encode())
