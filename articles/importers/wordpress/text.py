"""One post or page of the former website in the words of this one; nothing is stored yet."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from html import escape

from django.utils.translation import gettext as _

from articles.importers.from_html import Surroundings, markdown_from_html, markdown_of
from articles.importers.from_html.told import sentence
from articles.importers.from_html.tree import parse
from articles.importers.wordpress import classic, source_list
from articles.importers.wordpress.blocks import plain_html
from articles.importers.wordpress.export import Element
from articles.importers.wordpress.site import (
    MediaFolder,
    Site,
    addresses_of,
    fields_of,
    kind_of,
    parts_of,
    plain,
)
from articles.models.choices import Kind
from clinic import pictures
from clinic.lib import images
from clinic.models import Image

LONGEST_TITLE, LONGEST_SUMMARY, LONGEST_ALT = 140, 600, 250
# WordPress's fields for its own use, and those of ours that are read by name.
_OWN_FIELDS = re.compile(
    r"_(?:edit_|wp_|oembed_|thumbnail_id$|encloseme$|pingme$|yoast_wpseo_|rank_math_|dp_original"
    r"|menu_item_|additional_settings$|primary_category$|jetpack_|publicize_)|footnotes$|rank_math_"
)
_SEO_TITLES = ("_yoast_wpseo_title", "rank_math_title", "_aioseo_title")
_SEO_DESCRIPTIONS = ("_yoast_wpseo_metadesc", "rank_math_description", "_aioseo_description")
FILE = re.compile(r"\.(?:pdf|docx?|xlsx?|pptx?|odt|ods|zip|epub|mp3|m4a|mp4|mov)$", re.IGNORECASE)
# "Uncategorized" and its like is what WordPress gives to posts that have no category.
_NO_TOPIC = frozenset({"uncategorized", "uncategorised"})


@dataclass
class Draft:
    """What a post or page becomes, and what of it was lost or is doubtful."""

    title: str
    kind: Kind
    body: str = ""
    summary: str = ""
    hero: Image | None = None
    author: str = ""  # the name shown on the former site
    topics: list[str] = field(default_factory=list)
    seo_title: str = ""
    seo_description: str = ""
    paths: list[str] = field(default_factory=list)  # redirects
    notes: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)  # documents that it links to
    sources: list[str] = field(default_factory=list)  # the entries of its list of references


@dataclass
class Gallery:
    """Pictures of the former site, each taken into the library when it is first shown."""

    site: Site
    media: MediaFolder
    _known: dict[str, Image | str] = field(default_factory=dict)

    def take(self, address: str, alt: str, tell: Callable[[str], None]) -> Image | None:
        """The library's picture for an address; None, and told, where there is none.

        Decodes and writes files: call it outside a transaction.
        """
        path = self.media.find(address)
        if path is None:
            name = address.rsplit("/", 1)[-1][:120]
            tell(_("The image “%(name)s” is not in the media folder.") % {"name": name})
            return None
        if str(path) not in self._known:
            try:
                found: Image | str = pictures.add(path, alt=alt[:LONGEST_ALT])
            except images.Refused as refusal:
                found = str(refusal)
            except OSError as error:
                found = error.strerror or str(error)
            self._known[str(path)] = found
        found = self._known[str(path)]
        if isinstance(found, str):
            tell(f"{path.name}: {found}")
            return None
        return found


def draft_of(item: Element, *, gallery: Gallery, link_to: Callable[[str], str | None]) -> Draft:
    """The item as a draft. `link_to(path)`: the named link to what stood there, None for nothing
    that was moved."""
    kind = Kind.PAGE if kind_of(item) == "page" else Kind.ARTICLE
    draft = Draft(title=plain(item.get("title")), kind=kind)
    site, meta = gallery.site, dict(fields_of(item))
    if not draft.title:
        draft.title = _("Without a title (%(number)s)") % {"number": item.get("wp:post_id")}
        draft.notes.append(_("It had no title."))
    if len(draft.title) > LONGEST_TITLE:
        draft.notes.append(_("Its title was shortened: %(title)s") % {"title": draft.title})
        draft.title = shortened(draft.title, LONGEST_TITLE)
    _write_body(draft, item, meta, gallery, link_to)
    if number := meta.get("_thumbnail_id", "").strip():
        attached = site.attached.get(number)
        if attached is None:
            draft.notes.append(_("Its featured image is not in the export."))
        else:
            draft.hero = gallery.take(attached.url, attached.alt, draft.notes.append)
            if draft.hero and not draft.hero.alt:
                draft.notes.append(_("Its featured image has no alt text."))
    login = item.get("dc:creator")
    draft.author = site.authors.get(login, login)
    _sort_terms(draft, item)
    _read_state(draft, item)
    _read_fields(draft, meta)
    draft.paths = _past_paths(item, site)
    return draft


def shortened(text: str, most: int) -> str:
    """The first words of a text, and a sign that there were more."""
    if len(text) <= most:
        return text
    return text[: most - 1].rsplit(" ", 1)[0].rstrip(" ,;:.–-") + "…"


def _write_body(
    draft: Draft,
    item: Element,
    meta: dict[str, str],
    gallery: Gallery,
    link_to: Callable[[str], str | None],
) -> None:
    site, tell = gallery.site, draft.notes.append
    content = "".join(element.text for element in item.all("content:encoded"))
    content = content or item.get("description")  # where other programs put it

    def link(address: str) -> str:
        if re.match(r"(?:mailto|tel):", address, re.IGNORECASE):
            return address
        path = site.local(address)
        if path is None or not site.hosts:
            parts = parts_of(address)
            if parts.scheme in ("http", "https") and parts.netloc:
                return address
            return ""
        if named := link_to(path):
            return named
        whole = address if "://" in address else f"https://{min(site.hosts)}{path}"
        if FILE.search(path):
            draft.files.append(whole)
            return whole
        tell(_("A link still points to the old site: %(address)s") % {"address": whole})
        return whole

    def picture(address: str, alt: str) -> tuple[str, str] | None:
        attached = site.file(address)
        alt = alt or (attached.alt if attached else "")
        image = gallery.take(address, alt, tell)
        if image is None:
            return None
        alt = alt or image.alt
        if not alt:
            tell(_("The image “%(name)s” has no alt text.") % {"name": image.file.name})
        return image.address, alt

    def tell_part(kind: str, words: str) -> None:
        if kind != "picture":  # the gallery has said why
            tell(sentence(kind, words))

    around = Surroundings(link=link, picture=picture, tell=tell_part)
    html = plain_html(
        content,
        post=item.get("wp:post_id"),
        attached=site.attached,
        reusable=site.reusable,
        tell=tell,
    )
    tree = parse(html + _footnotes(meta.get("footnotes", "")))
    classic.lines_as_breaks(tree)
    draft.body = markdown_of(tree, around)
    excerpt = plain(item.get("excerpt:encoded"))
    if len(excerpt) <= LONGEST_SUMMARY:
        draft.summary = excerpt
    else:
        draft.body = f"{markdown_from_html(escape(excerpt), around)}\n\n{draft.body}"
        tell(
            _(
                "Its excerpt is too long for “In short”, so it was placed at the start of the "
                "article."
            )
        )
    if not draft.body.strip():
        tell(_("It has no content."))
    for address in dict.fromkeys(draft.files):
        tell(_("It links to a file on the old site. Move it by hand: %(file)s") % {"file": address})
    draft.sources = source_list.entries_of(draft.body)
    if draft.sources:
        tell(
            _(
                "Its list of references has %(n)d entries. To cite them, import them under "
                "References; they are in the report."
            )
            % {"n": len(draft.sources)}
        )


def _footnotes(stored: str) -> str:
    """Notes of the block editor, as the HTML that their pages had."""
    try:
        entries = json.loads(stored or "[]")
    except (ValueError, RecursionError):
        return ""
    return "".join(
        f'<ol><li id="{escape(str(entry["id"]))}">{entry.get("content", "")}</li></ol>'
        for entry in (entries if isinstance(entries, list) else [])
        if isinstance(entry, dict) and "id" in entry
    )


def _sort_terms(draft: Draft, item: Element) -> None:
    """Return the topics from categories and tags; report any other taxonomy."""
    others: dict[str, list[str]] = {}
    for element in item.all("category"):
        name, domain = plain(element.text), element.attributes.get("domain", "category")
        if not name or element.attributes.get("nicename", "").lower() in _NO_TOPIC:
            continue
        if domain not in ("category", "post_tag", "tag"):
            others.setdefault(domain, []).append(name)
        elif name.lower() not in _NO_TOPIC and name not in draft.topics:
            draft.topics.append(name)
    for domain, names in others.items():
        draft.notes.append(
            _("Its “%(domain)s” terms were: %(names)s.")
            % {"domain": domain, "names": ", ".join(names)}
        )


def _read_state(draft: Draft, item: Element) -> None:
    status, day = item.get("wp:status"), item.get("wp:post_date")
    said = {
        "publish": "",
        "": "",  # other programs do not say
        "draft": _("It was a draft."),
        "pending": _("It was pending review."),
        "private": _("It was private."),
        "future": _("It was scheduled for %(day)s.") % {"day": day},
    }.get(status, _("Its status was “%(state)s”.") % {"state": status})
    if said:
        draft.notes.append(said)
    if item.get("wp:post_password"):
        draft.notes.append(_("It was password-protected."))


def _read_fields(draft: Draft, meta: dict[str, str]) -> None:
    """Take over titles and descriptions for search engines; report other fields."""
    for names, most, own in (
        (_SEO_TITLES, 70, "seo_title"),
        (_SEO_DESCRIPTIONS, 170, "seo_description"),
    ):
        value = plain(next((meta[name] for name in names if meta.get(name)), ""))
        if "%" in value:
            draft.notes.append(
                _("Its search engine title or description was a template: %(value)s")
                % {"value": value}
            )
        elif value:
            setattr(draft, own, shortened(value, most))
    for name, value in meta.items():
        if _OWN_FIELDS.match(name) or not value.strip() or value.startswith("field_"):
            continue
        shown = shortened(" ".join(value.split()), 200)
        draft.notes.append(_("Custom field “%(name)s”: %(value)s") % {"name": name, "value": shown})


def _past_paths(item: Element, site: Site) -> list[str]:
    """Where it could be read, and where it could before its address was changed."""
    paths = list(addresses_of(item, site))
    if paths and "?" not in paths[0]:
        head = paths[0].rstrip("/").rpartition("/")[0]
        end = "/" if paths[0].endswith("/") else ""
        for name, value in fields_of(item):
            if name == "_wp_old_slug" and value:
                paths.append(f"{head}/{value}{end}")
    return [path for path in dict.fromkeys(paths) if len(path) <= 400]
