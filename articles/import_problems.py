"""What stands in the way of an import: in which file, in which line, and what to do."""

import json
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from clinic.lib.nested_json import is_within_bounds

_NEVER_STORED = re.compile("[\x00\ud800-\udfff]")


@dataclass(frozen=True, order=True)
class Problem:
    file: str  # its path inside the folder
    line: int  # from 1
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


class NotImported(Exception):
    """Nothing was changed; `problems` must be mended first."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = sorted(set(problems))
        super().__init__("\n".join(map(str, self.problems)))


@dataclass
class Problems:
    """Collects the problems of one folder."""

    found: list[Problem] = field(default_factory=list)

    def add(self, file: str, line: int, message: Any) -> None:
        self.found.append(Problem(file, max(line, 1), " ".join(str(message).split())))

    def add_invalid(self, file: str, line: int, error: ValidationError) -> None:
        """One problem for each field that a model refused."""
        for name, messages in error.message_dict.items():
            for message in messages:
                self.add(file, line, f"{name}: {message}")

    def stop_if_any(self) -> None:
        """Raise NotImported if there are problems."""
        if self.found:
            raise NotImported(self.found)


def text_of(path: Path, problems: Problems) -> str | None:
    """The text of a file in UTF-8, with or without byte order mark, with Unix line ends.

    None where it is in another encoding; the problem names the line. Raises OSError.
    """
    content = path.read_bytes()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        problems.add(path.name, line, _("This is not UTF-8. Save the file in UTF-8."))
        return None
    if "\x00" in text:
        line = text.count("\n", 0, text.index("\x00")) + 1
        problems.add(path.name, line, _("This line contains a null byte. Remove it."))
        return None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def entries_of(path: Path, problems: Problems) -> Iterator[tuple[int, dict[str, Any]]]:
    """The objects of the list in a JSON file, each with its line. No file: none."""
    text = text_of(path, problems) if path.exists() else None
    if text is None:
        return
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError) as error:
        line = getattr(error, "lineno", 1)
        problems.add(path.name, line, _("This is not JSON: %(why)s") % {"why": error})
        return
    if not isinstance(whole, list):
        problems.add(path.name, 1, _("Expected a list here: [ … ]."))
        return
    decoder, position = json.JSONDecoder(), text.index("[") + 1
    for _entry in whole:
        while text[position] in " \t\n,":
            position += 1
        line = text.count("\n", 0, position) + 1
        entry, position = decoder.raw_decode(text, position)
        if not isinstance(entry, dict):
            problems.add(path.name, line, _("Expected an object here: { … }."))
        elif not is_within_bounds(entry):
            problems.add(path.name, line, _("The entry is nested too deeply, or too long."))
        elif not is_storable(entry):
            problems.add(path.name, line, _("This contains characters that are not allowed."))
        else:
            yield line, entry


def is_storable(value: Any) -> bool:
    """Whether every database can store this: no zero byte, no half of a surrogate pair, no
    number beyond all numbers."""
    if isinstance(value, dict):
        return all(is_storable(key) and is_storable(part) for key, part in value.items())
    if isinstance(value, list):
        return all(map(is_storable, value))
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, str):
        return not _NEVER_STORED.search(value)
    return True


def check_keys(
    entry: dict[str, Any], known: Sequence[str], file: str, line: int, problems: Problems
) -> None:
    """Report keys that nobody would read: a typing error must not lose what stands under it."""
    for key in entry:
        if key not in known:
            problems.add(
                file,
                line,
                _("“%(key)s” is not a valid key here. Valid keys: %(known)s.")
                % {"key": key, "known": ", ".join(known)},
            )
