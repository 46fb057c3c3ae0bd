"""What a reader hands on: entries, and what stood in the way of one."""

from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any

Csl = dict[str, Any]


@dataclass(frozen=True)
class Entry:
    """One source as CSL-JSON, without `id`. `key`: what its file calls it, if anything.

    `fields` counts what the reader saw in the file; `aside` names those of them that CSL-JSON has
    no field for: they are kept in `custom`.
    """

    line: int  # from 1
    csl: Csl
    key: str = ""
    fields: int = 0
    aside: tuple[str, ...] = ()
    note: str = ""  # what a reader of the report should know of this entry


@dataclass(frozen=True)
class Broken:
    """An entry, or the rest of a file, that could not be read. `entries`: how many are lost."""

    line: int
    why: str
    entries: int = 1


def put(csl: Csl, name: str, value: str) -> bool:
    """Set a text field that is not set yet. False if it holds something else already."""
    if not value or csl.get(name) == value:
        return True
    if name in csl:
        return False
    csl[name] = value
    return True


def put_aside(csl: Csl, kind: str, left: Mapping[str, Any]) -> tuple[str, ...]:
    """Keep under `custom` what has no field of its own; returns the names of what was kept."""
    if left:
        custom: MutableMapping[str, Any] = csl.setdefault("custom", {})
        custom[kind] = dict(left)
    return tuple(left)
