"""One file of a folder: front matter in YAML, then the text in Markdown; read and written."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Any

import yaml
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from articles.import_problems import Problems
from articles.importers.portable.front import read
from articles.importers.portable.texts import PortableText, trimmed
from articles.models import Article, Question
from articles.models.choices import Kind

STATES = ("draft", "scheduled", "published")
KEYS = (
    "title",
    "slug",
    "kind",
    "author",
    "reviewer",
    "topics",
    "services",
    "summary",
    "key_takeaways",
    "faq",
    "hero",
    "related",
    "certainty",
    "seo",
    "menu",
    "menu_below",
    "state",
    "dates",
    "updates",
    "redirects",
)
# Of a text that was published: these stand in the manuscript's file.
KEYS_OF_MANUSCRIPT = ("reviewer", "menu", "menu_below", "state", "dates", "updates", "redirects")
KEY_OF_FIELD = {"takeaways": "key_takeaways", "menu_order": "menu", "seo_title": "seo"}
KEY_OF_FIELD["seo_description"] = "seo"


@dataclass(frozen=True)
class Publication:
    """When a text is or was public. `updates`: (moment, note for readers), by moment."""

    state: str = ""
    published_at: datetime | None = None
    updated_at: datetime | None = None
    goes_live_at: datetime | None = None
    updates: tuple[tuple[datetime, str], ...] = ()


@dataclass(frozen=True)
class File:
    """A file as it was read. Pictures are named as in the folder: `media/x.webp`."""

    name: str
    text: PortableText
    publication: Publication = Publication()
    redirects: tuple[str, ...] = ()  # past slugs
    lines: Mapping[str, int] = field(default_factory=dict)  # where each key stands, and "body"

    def line(self, key: str) -> int:
        return self.lines.get(key, 1)


def parse(name: str, source: str, zone: tzinfo, problems: Problems) -> File | None:
    """The file of this name, or None if it cannot be read at all. `zone`: of times without one."""
    front = read(name, source, KEYS, problems)
    if front is None:
        return None
    seo = front.mapping("seo", ("title", "description"))
    dates = front.mapping("dates", ("published", "updated", "goes_live"))
    text = PortableText(
        kind=front.text("kind") or Kind.ARTICLE,
        slug=front.text("slug") or name.split(".")[0],
        title=front.text("title"),
        summary=front.text("summary"),
        takeaways=tuple(" ".join(line.split()) for line in front.texts("key_takeaways")),
        body=front.body,
        faq=tuple(
            (front.string("faq", q), trimmed(front.string("faq", a)))
            for q, a in front.pairs("faq", ("question", "answer"))
        ),
        hero=front.text("hero"),
        author=front.text("author"),
        reviewer=front.text("reviewer"),
        topics=tuple(sorted(set(front.texts("topics")))),
        services=tuple(sorted(set(front.texts("services")))),
        related=tuple(dict.fromkeys(front.texts("related"))),
        certainty=front.text("certainty"),
        seo_title=front.string("seo", seo.get("title")),
        seo_description=front.string("seo", seo.get("description")),
        menu=front.number("menu"),
        menu_below=front.flag("menu_below"),
    )
    publication = Publication(
        state=front.text("state"),
        published_at=front.moment("dates", dates.get("published"), zone),
        updated_at=front.moment("dates", dates.get("updated"), zone),
        goes_live_at=front.moment("dates", dates.get("goes_live"), zone),
        updates=tuple(
            sorted(
                (moment, front.string("updates", note))
                for day, note in front.pairs("updates", ("date", "note"))
                if (moment := front.moment("updates", day, zone))
            )
        ),
    )
    file = File(name, text, publication, tuple(sorted(front.texts("redirects"))), front.lines)
    _check(file, problems)
    return file


def dump(file: File) -> str:
    """The file as text; empty keys are left out. `parse` gives the same again."""
    text, publication = file.text, file.publication
    dates = {
        "published": publication.published_at,
        "updated": publication.updated_at,
        "goes_live": publication.goes_live_at,
    }
    front: dict[str, Any] = {
        "title": text.title,
        "slug": text.slug,
        "kind": text.kind,
        "author": text.author,
        "reviewer": text.reviewer,
        "topics": list(text.topics),
        "services": list(text.services),
        "summary": text.summary,
        "key_takeaways": list(text.takeaways),
        "faq": [{"question": question, "answer": answer} for question, answer in text.faq],
        "hero": text.hero,
        "related": list(text.related),
        "certainty": text.certainty,
        "seo": _filled({"title": text.seo_title, "description": text.seo_description}),
        "menu": text.menu,
        "menu_below": text.menu_below or None,
        "state": publication.state,
        "dates": _filled(dates),
        "updates": [{"date": moment, "note": note} for moment, note in publication.updates],
        "redirects": list(file.redirects),
    }
    written = yaml.dump(
        _filled(front),
        Dumper=_Dumper,
        sort_keys=False,
        allow_unicode=True,
        default_flow_style=False,
        width=10**9,  # one line for each scalar: no line of a value begins at the margin
    )
    return f"---\n{written}---\n\n{text.body}\n"


def _filled(entries: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in entries.items() if value not in ("", None, [], {})}


class _Dumper(yaml.SafeDumper):
    """Several lines stand as such where they come back the same, else in double quotes."""


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = None
    if any(sign in text for sign in "\r\n\x85\u2028\u2029"):
        lines = text.split("\n")
        as_lines = text.isprintable() or all(line.isprintable() for line in lines)
        style = "|" if as_lines and lines[0].strip() == lines[0] != "" and lines[-1] else '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _represent_text)


def _check(file: File, problems: Problems) -> None:
    """What models and states say of the values."""
    text, publication = file.text, file.publication
    article = Article(
        kind=text.kind,
        slug=text.slug,
        title=text.title,
        summary=text.summary,
        certainty=text.certainty,
        seo_title=text.seo_title,
        seo_description=text.seo_description,
        menu_order=text.menu,
    )
    _validate(file, article, ("hero", "author", "reviewer", "owner"), problems)
    for question, answer in text.faq:
        _validate(file, Question(question=question, answer=answer), ("article",), problems, "faq")
    longest = Article._meta.get_field("summary").max_length  # which only forms check
    if longest and len(text.summary) > longest:
        message = _("summary: at most %(most)d characters, not %(now)d.")
        numbers = {"most": longest, "now": len(text.summary)}
        problems.add(file.name, file.line("summary"), message % numbers)
    if text.menu is not None and text.kind != Kind.PAGE:
        problems.add(file.name, file.line("menu"), _("Only pages can be in the menu."))
    if publication.state not in ("", *STATES):
        problems.add(
            file.name,
            file.line("state"),
            _("“%(state)s” is not a valid state. Use one of: %(known)s.")
            % {"state": publication.state, "known": ", ".join(STATES)},
        )
    if publication.state == "scheduled" and not publication.goes_live_at:
        problems.add(
            file.name, file.line("state"), _("Enter the go-live date under “dates: goes_live”.")
        )


def _validate(
    file: File, row: Any, exclude: Iterable[str], problems: Problems, key: str = ""
) -> None:
    try:
        row.clean_fields(exclude=set(exclude))
    except ValidationError as error:
        for name, messages in error.message_dict.items():
            shown = key or KEY_OF_FIELD.get(name, name)
            for message in messages:
                problems.add(file.name, file.line(shown), f"{shown}: {message}")
