"""HTML from anywhere becomes the writing format: what an import finds, what a person pastes.

The same steps, in the same order and by the same names, are in static/js/admin/from-html; one table
of cases, tests/from_html.toml, holds both. tree reads the HTML. normalise brings it into one shape
(with notes, lists, tables and marks), writer and words write it down. Nothing is left out without
being told.

Importers call it. It must not know WordPress, or any model.
"""

from articles.importers.from_html.normalise import normalised
from articles.importers.from_html.told import Surroundings
from articles.importers.from_html.tree import Node, parse
from articles.importers.from_html.writer import Writer

__all__ = ["Surroundings", "markdown_from_html", "markdown_of"]


def markdown_from_html(html: str, around: Surroundings) -> str:
    """Return the Markdown of a piece of HTML, without an empty line around it. Never fails."""
    return markdown_of(parse(html), around)


def markdown_of(root: Node, around: Surroundings) -> str:
    """Return the Markdown of a tree, which is changed on the way."""
    root, notes = normalised(root, around)
    return Writer(around).write(root, notes)
