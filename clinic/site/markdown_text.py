"""The clinic's own texts in Markdown (a service, a biography, the way there) as HTML.

They know links by name and the clinic's emergency numbers. Sources and pictures belong to articles.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from clinic import hooks
from clinic.lib import markdown
from clinic.lib.markdown import CiteItem, Mark
from clinic.models import Service
from clinic.site import page_context
from clinic.site.book_links import book_link

ONLY_IN_ARTICLES = {
    "unknown-citation": _(
        "Citations work only in articles. Here, link to an article instead: article:…"
    ),
    "foreign-image": _("Images work only in articles. Remove this one."),
}


class Names:
    """What the renderer asks (`markdown.Resolver`), where there are only links by name."""

    @property
    def schemes(self) -> frozenset[str]:
        return frozenset(hooks.named) | {"book"}

    def known(self, key: str) -> bool:
        return False

    def cite(
        self, items: Sequence[CiteItem], *, narrative: bool, line: int, sentence: str
    ) -> str | Mark | None:
        return None

    def link(self, scheme: str, name: str) -> Mark | None:
        """What the mark of a named link holds: the kind of thing and its primary key."""
        kind = "service" if scheme == "book" else scheme
        found = hooks.named[kind].find(name) if name and kind in hooks.named else None
        if found is None and (name or scheme != "book"):
            return None
        return {"kind": "link", "to": scheme, "id": found}

    def image(self, src: str) -> Mark | None:
        return None


def problems(text: str) -> list[str]:
    """What must be mended in a text before it can be saved."""
    found = markdown.render(text, resolver=Names()).problems
    return [str(ONLY_IN_ARTICLES.get(p.code, p.message)) for p in found if p.must]


def render(text: str, at: datetime) -> SafeString:
    """A text with its links as they lead now; a link to what is not public is its words alone."""
    rendered = markdown.render(text, resolver=Names())
    wanted: dict[str, set[int]] = defaultdict(set)
    for mark in rendered.marks:
        if mark["kind"] in {"link-open", "booking"} and mark["id"]:
            wanted["service" if mark["to"] == "book" else mark["to"]].add(mark["id"])
    urls = {kind: hooks.named[kind].urls(ids, at) for kind, ids in wanted.items()}
    services = Service.objects.in_bulk(urls.get("service", {}))

    def leads_to(mark: Mark) -> str:
        if mark["to"] == "book":
            return book_link(service=services.get(mark["id"])).url
        return urls[mark["to"]].get(mark["id"], "")

    def draw(mark: Mark) -> str:
        match mark["kind"]:
            case "link-open":
                url = leads_to(mark)
                return format_html('<a href="{}">', url) if url else ""
            case "link-close":
                return "</a>" if leads_to(mark) else ""
            case "booking":
                link = book_link(service=services.get(mark["id"]))
                return render_to_string(
                    "partials/book_button.html", {"link": link, "label": mark["label"]}
                )
            case "emergency-numbers":
                return render_to_string(
                    "partials/emergency_numbers.html", {"clinic": page_context.current().clinic}
                )
        raise ValueError(f"A mark of an unknown kind: {mark['kind']}")

    return markdown.fill(rendered.html, rendered.marks, draw)
