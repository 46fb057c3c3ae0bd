"""Reading a folder of portable content, before anything is changed: files, references, pictures."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import tzinfo
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from django.utils.translation import gettext as _

from articles.import_problems import Problems, check_keys, entries_of, text_of
from articles.importers.portable.files import KEYS_OF_MANUSCRIPT, File, parse
from articles.importers.portable.texts import PICTURE

KEYS_OF_PICTURE = ("file", "alt", "credit", "licence", "consent_note", "focal", "sha256")
VARIANTS = ("live", "scheduled")


@dataclass(frozen=True)
class Picture:
    """A picture of the folder and what media.json says of it."""

    name: str  # media/x.webp
    path: Path
    file: str  # where a problem with it is reported: media.json, or the file that shows it
    line: int
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Entry:
    """An article or page: its manuscript and, where they differ, what is or will be public."""

    manuscript: File
    live: File | None = None
    scheduled: File | None = None

    @property
    def files(self) -> tuple[File, ...]:
        return tuple(filter(None, (self.manuscript, self.live, self.scheduled)))


@dataclass(frozen=True)
class Folder:
    entries: tuple[Entry, ...]
    references: tuple[tuple[int, dict[str, Any]], ...]  # (line, CSL-JSON)
    topics: tuple[tuple[int, dict[str, Any]], ...]  # (line, as in topics.json)
    pictures: dict[str, Picture]  # by name
    problems: Problems


def read(root: Path, zone: tzinfo) -> Folder:
    """Read all files of a folder; what is wrong with them is in `problems`.

    `zone` is that of dates and times without one. Raises OSError if something cannot be opened.
    """
    problems = Problems()
    parsed = {}
    for path in sorted(root.iterdir()):
        if path.suffix == ".md" and not path.name.startswith("."):
            source = text_of(path, problems)
            file = None if source is None else parse(path.name, source, zone, problems)
            if file:
                parsed[path.name.removesuffix(".md")] = file
    entries = tuple(_entries(parsed, problems))
    return Folder(
        entries,
        tuple(entries_of(root / "references.json", problems)),
        tuple(entries_of(root / "topics.json", problems)),
        _pictures(root, entries, problems),
        problems,
    )


def _entries(parsed: dict[str, File], problems: Problems) -> Iterator[Entry]:
    seen: dict[tuple[str, str], str] = {}
    manuscripts = {stem: f for stem, f in parsed.items() if not stem.endswith(_endings())}
    for stem, file in parsed.items():
        if stem not in manuscripts:
            base, _dot, _variant = stem.rpartition(".")
            if base not in manuscripts:
                problems.add(
                    file.name,
                    1,
                    _("There is no %(name)s in the same folder.") % {"name": f"{base}.md"},
                )
            else:
                _check_variant(file, manuscripts[base], problems)
    for stem, manuscript in manuscripts.items():
        entry = Entry(manuscript, *(parsed.get(f"{stem}.{variant}") for variant in VARIANTS))
        for kind, slug in {(file.text.kind, file.text.slug) for file in entry.files}:
            other = seen.setdefault((kind, slug), manuscript.name)
            if other != manuscript.name:
                problems.add(
                    manuscript.name,
                    manuscript.line("slug"),
                    _("%(other)s has the same slug.") % {"other": other},
                )
        if entry.scheduled and not manuscript.publication.goes_live_at:
            problems.add(
                manuscript.name,
                manuscript.line("dates"),
                _("Enter the go-live date of %(file)s under “dates: goes_live”.")
                % {"file": entry.scheduled.name},
            )
        yield entry


def _endings() -> tuple[str, ...]:
    return tuple(f".{variant}" for variant in VARIANTS)


def _check_variant(file: File, manuscript: File, problems: Problems) -> None:
    """What is not of the text itself is read from the manuscript: here it may only repeat it."""
    theirs, ours = _facts_of(file), _facts_of(manuscript)
    for key in KEYS_OF_MANUSCRIPT:
        if key in file.lines and theirs[key] != ours[key]:
            problems.add(
                file.name,
                file.line(key),
                _("“%(key)s” is taken from %(name)s. Change it there.")
                % {"key": key, "name": manuscript.name},
            )
    if file.text.kind != manuscript.text.kind:
        problems.add(
            file.name,
            file.line("kind"),
            _("This is not the same kind as %(name)s.") % {"name": manuscript.name},
        )


def _facts_of(file: File) -> dict[str, Any]:
    public = file.publication
    return {
        "reviewer": file.text.reviewer,
        "menu": (file.text.menu, file.text.menu_below),
        "state": public.state,
        "dates": (public.published_at, public.updated_at, public.goes_live_at),
        "updates": public.updates,
        "redirects": file.redirects,
    }


def _pictures(root: Path, entries: tuple[Entry, ...], problems: Problems) -> dict[str, Picture]:
    """Those that media.json describes, and those that a text shows."""
    pictures: dict[str, Picture] = {}

    def found(name: Any, file: str, line: int, facts: dict[str, Any]) -> None:
        path = _inside(root, name)
        if path is None:
            message = _("There is no file “%(name)s” in the “media” folder.") % {"name": name}
            problems.add(file, line, message)
        elif name in pictures and facts:
            problems.add(file, line, _("“%(name)s” appears twice here.") % {"name": name})
        else:
            pictures.setdefault(name, Picture(name, path, file, line, facts))

    for line, entry in entries_of(root / "media.json", problems):
        check_keys(entry, KEYS_OF_PICTURE, "media.json", line, problems)
        found(entry.get("file"), "media.json", line, entry)
    for file in (file for entry in entries for file in entry.files):
        if file.text.hero:
            found(file.text.hero, file.name, file.line("hero"), {})
        for key, name, below in _shown(file):
            found(name, file.name, file.line(key) + below, {})
    return pictures


def _shown(file: File) -> Iterator[tuple[str, str, int]]:
    """(key, name, lines below the key) of each picture of the folder that the file's text shows."""
    parts = [("body", file.text.body)]
    parts += [("key_takeaways", line) for line in file.text.takeaways]
    parts += [("faq", answer) for _question, answer in file.text.faq]
    for key, words in parts:
        for match in PICTURE.finditer(words):
            if not match[2].startswith("/"):
                below = words.count("\n", 0, match.start(2)) if key == "body" else 0
                yield key, unquote(match[2]), below


def _inside(root: Path, name: Any) -> Path | None:
    """The file of this name under media/, if it is there; a name cannot lead out of it."""
    if not isinstance(name, str) or not name.startswith("media/") or "\x00" in name:
        return None
    media = (root / "media").resolve()
    path = (root / name).resolve()
    return path if path.is_relative_to(media) and path.is_file() else None
