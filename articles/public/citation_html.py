"""How a citation stands in the text of a page."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from articles.references import notices

SHORTEST_RANGE = 3  # of numbers that are written "3–5" (AMA 3.6)


def citation(mark: dict[str, Any]) -> SafeString:
    """A citation in the text: the numbers of its sources as links, each with an id to come back
    to, in rising order where no words lead from one to the next. A narrative one has its name
    before it."""
    items = mark["items"]
    if not any(item["prefix"] for item in items):
        items = sorted(items, key=lambda item: item["number"])
    shown = format_html(
        '<span class="cites">{}</span>', format_html_join(", ", "{}", _links(items))
    )
    if mark["narrative"]:
        # Never parted by a line's end.
        return format_html("{}\u00a0{}", mark["items"][0]["name"], shown)
    return shown


def _links(items: Sequence[dict[str, Any]]) -> Iterator[tuple[SafeString]]:
    """Three or more numbers in a row as one link, "3–5", the others alone."""
    for run in _runs(items):
        if len(run) < SHORTEST_RANGE:
            yield from ((_link(item),) for item in run)
            continue
        first, last = run[0], run[-1]
        yield (
            format_html(
                '<a class="cite" href="#ref-{}" id="{}" data-last="{}">'
                '<span class="visually-hidden">{} </span>{}–{}{}</a>',
                first["number"],
                first["anchor"],
                last["number"],
                _("Sources"),
                first["number"],
                last["number"],
                format_html_join("", '<span id="{}"></span>', ((i["anchor"],) for i in run[1:])),
            ),
        )


def _runs(items: Sequence[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """Neighbours whose numbers follow each other and about which no more is said."""
    run: list[dict[str, Any]] = []
    for item in items:
        said = after(item) or item["prefix"] or standing(item)
        if run and (said or item["number"] != run[-1]["number"] + 1):
            yield run
            run = []
        run.append(item)
        if said:
            yield run
            run = []
    if run:
        yield run


def _link(item: dict[str, Any]) -> SafeString:
    return format_html(
        '{}<a class="cite" href="#ref-{}" id="{}"><span class="visually-hidden">{} </span>{}</a>'
        "{}{}",
        f"{item['prefix']} " if item["prefix"] else "",
        item["number"],
        item["anchor"],
        _("Source"),
        item["number"],
        standing(item),
        after(item),
    )


def standing(item: dict[str, Any]) -> SafeString:
    """That the source was retracted, corrected and the like, in a word behind its number."""
    found = notices.of_key(item["key"])
    if not found or not found[0].word:
        return SafeString()
    grave = "" if found[0].is_grave else " mild"
    return format_html(' <span class="cite-status{}">{}</span>', grave, found[0].word)


def after(item: dict[str, Any]) -> SafeString:
    """Locator and suffix of one citation, in small print behind its number."""
    words = ", ".join(filter(None, (item["locator"], item["suffix"])))
    return format_html('<span class="locator"> ({})</span>', words) if words else SafeString()
