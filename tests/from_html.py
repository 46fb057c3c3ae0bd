"""The table of cases for HTML and plain text that become the writing format: from_html.toml."""

import tomllib
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Case:
    """HTML, or plain `text`, as a program gives it; what is written for it and what is told."""

    source: str
    name: str
    markdown: str
    html: str = ""
    text: str = ""
    told: list[list[str]] = field(default_factory=list)
    bold_headings: bool = False
    first_note: int = 1
    raises_signs: bool = False


_TABLE = tomllib.loads(Path(__file__).with_suffix(".toml").read_text())
CASES = [Case(**row) for row in _TABLE["html"]]
TEXTS = [Case(**row) for row in _TABLE["text"]]
