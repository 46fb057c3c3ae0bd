"""One post or page of the former website in the words of this one; nothing is stored yet."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from articles.citations import picture_address
from articles.models.article import Kind
from articles.wordpress.blocks import plain_html
from articles.wordpress.export import Element
from articles.wordpress.markdown import written
from articles.wordpress.site import MediaFolder, Site, addresses_of, fields_of, parts_of, plain
from articles.wordpress.words import Surroundings
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
    paths: list[str] = field(default_factory=list)  # past addresses
    notes: list[str] = field(default_factory=list)


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
            tell(_("The picture “%(name)s” is not in the media folder.") % {"name": name})
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
    kind = Kind.PAGE if item.get("wp:post_type") == "page" else Kind.ARTICLE
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
            draft.notes.append(_("Its featured picture is not in the export."))
        else:
            draft.hero = gallery.take(attached.url, attached.alt, draft.notes.append)
            if draft.hero and not draft.hero.alt:
                draft.notes.append(_("Its featured picture has no alternative text."))
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
    notes = _footnotes(meta.get("footnotes", ""))
    numbers = {name: str(number) for number, name in enumerate(notes, start=1)}
    content = "".join(element.text for element in item.all("content:encoded"))

    def link(address: str) -> str:
        if re.match(r"(?:mailto|tel):", address, re.IGNORECASE):
            return address
        path = site.local(address)
        if path is None or address.startswith("#") or not site.hosts:
            parts = parts_of(address)
            if parts.scheme in ("http", "https") and parts.netloc:
                return address
            tell(_("A link to “%(address)s” was taken out.") % {"address": address[:200]})
            return ""
        if named := link_to(path):
            return named
        whole = address if "://" in address else f"https://{min(site.hosts)}{path}"
        tell(_("A link still leads to the former site: %(address)s") % {"address": whole})
        return whole

    def picture(address: str, alt: str) -> tuple[str, str] | None:
        attached = site.file(address)
        alt = alt or (attached.alt if attached else "")
        image = gallery.take(address, alt, tell)
        if image is None:
            return None
        alt = alt or image.alt
        if not alt:
            tell(_("The picture “%(name)s” has no alternative text.") % {"name": image.file.name})
        return picture_address(image), alt

    around = Surroundings(
        link=link,
        picture=picture,
        note=lambda name: numbers.get(name, name),
        tell=tell,
        keeps_breaks="<!-- wp:" not in content,
    )
    html = plain_html(
        content,
        post=item.get("wp:post_id"),
        attached=site.attached,
        reusable=site.reusable,
        tell=tell,
    )
    draft.body = written(html, around)
    for name, note in notes.items():
        draft.body += f"\n\n[^{numbers[name]}]: {' '.join(written(note, around).split())}"
    excerpt = plain(item.get("excerpt:encoded"))
    if len(excerpt) <= LONGEST_SUMMARY:
        draft.summary = excerpt
    else:
        draft.body = f"{written(excerpt, around)}\n\n{draft.body}"
        tell(_("Its excerpt is too long for “in short”; it stands at the head of the text."))
    if not draft.body.strip():
        tell(_("It has no text."))


def _footnotes(stored: str) -> dict[str, str]:
    """Notes of the block editor by their id, in order."""
    try:
        entries = json.loads(stored or "[]")
    except ValueError:
        return {}
    return {
        str(entry["id"]): str(entry.get("content", ""))
        for entry in (entries if isinstance(entries, list) else [])
        if isinstance(entry, dict) and "id" in entry
    }


def _sort_terms(draft: Draft, item: Element) -> None:
    """Categories and tags are topics; what else it was sorted by is told."""
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
            _("It was sorted by “%(domain)s”: %(names)s.")
            % {"domain": domain, "names": ", ".join(names)}
        )


def _read_state(draft: Draft, item: Element) -> None:
    status, day = item.get("wp:status"), item.get("wp:post_date")
    said = {
        "publish": "",
        "draft": _("It was a draft."),
        "pending": _("It waited for somebody to look it over."),
        "private": _("It was private: only staff could read it."),
        "future": _("It was scheduled for %(day)s.") % {"day": day},
    }.get(status, _("Its state was “%(state)s”.") % {"state": status})
    if said:
        draft.notes.append(said)
    if item.get("wp:post_password"):
        draft.notes.append(_("It could be read with a password only."))


def _read_fields(draft: Draft, meta: dict[str, str]) -> None:
    """Titles and descriptions for search engines are taken over; other fields are told."""
    for names, most, own in (
        (_SEO_TITLES, 70, "seo_title"),
        (_SEO_DESCRIPTIONS, 170, "seo_description"),
    ):
        value = plain(next((meta[name] for name in names if meta.get(name)), ""))
        if "%" in value:
            draft.notes.append(
                _("For search engines it had a pattern: %(value)s") % {"value": value}
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
