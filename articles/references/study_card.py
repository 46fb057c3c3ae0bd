"""The study card: what a reader without training wants to know of a study, in plain words.

Staff write it. It lies within the reference's CSL-JSON (`custom.study`), so editions keep it as it
was and every way in and out of the library carries it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from articles.models.choices import Certainty

PLACE = "study"  # under `custom`


@dataclass(frozen=True)
class StudyCard:
    """All parts are plain text, "" where nothing was written; `certainty` a value of Certainty.

    `result` as natural frequencies: "Of 100 people who trained, 62 …; of 100 who did not, 45."
    Numbers that share their base are understood best (Gigerenzer et al., BMJ 2003;327:741).
    """

    people: str = ""
    size: str = ""
    comparison: str = ""
    result: str = ""
    certainty: str = ""
    funding: str = ""

    @property
    def certainty_label(self) -> str:
        return str(Certainty(self.certainty).label) if self.certainty else ""


PARTS = tuple(part.name for part in fields(StudyCard))


def card_of(csl: Mapping[str, Any]) -> StudyCard | None:
    """The card of a source, None where nobody wrote one. What is not text is passed over."""
    custom = csl.get("custom")
    kept = custom.get(PLACE) if isinstance(custom, Mapping) else None
    if not isinstance(kept, Mapping):
        return None
    parts = {name: kept[name].strip() for name in PARTS if isinstance(kept.get(name), str)}
    if parts.get("certainty") not in Certainty.values:
        parts.pop("certainty", None)
    return StudyCard(**parts) if any(parts.values()) else None


def with_card(csl: Mapping[str, Any], parts: Mapping[str, str]) -> dict[str, Any]:
    """The source with this card in place of the one that it had; without one if all is empty."""
    kept = csl.get("custom")
    custom = dict(kept) if isinstance(kept, Mapping) else {}
    custom.pop(PLACE, None)
    if card := {name: parts[name] for name in PARTS if parts.get(name)}:
        custom[PLACE] = card
    rest = {name: value for name, value in csl.items() if name != "custom"}
    return {**rest, "custom": custom} if custom else rest
