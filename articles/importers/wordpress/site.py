"""What must be known of the whole export before its first text is written: one reading of it."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

from django.utils.text import slugify

from articles.importers.from_html.tree import parse
from articles.importers.wordpress.attached import Attached
from articles.importers.wordpress.export import Element
from articles.models.choices import Kind
from clinic.lib.fields.numbers import whole_number

KINDS = {"post": Kind.ARTICLE, "page": Kind.PAGE}
# What WordPress keeps among its posts for its own use.
INTERNAL = frozenset(
    {
        *("attachment", "revision", "nav_menu_item", "custom_css", "customize_changeset"),
        *("oembed_cache", "user_request", "wp_block", "wp_template", "wp_template_part"),
        *("wp_global_styles", "wp_navigation", "wp_font_family", "wp_font_face", "acf-field"),
        *("acf-field-group", "amp_validated_url", "feedback", "wpcf7_contact_form"),
    }
)
LONGEST_TEXT = 300_000  # characters of HTML: an article of ours has at most 100,000
MOST_TAGS = 20_000  # of one text
LONGEST_PATH = 2_000
LONGEST_PLAIN = 20_000  # characters of a title, an excerpt or a comment
DISCARDED = frozenset({"trash", "auto-draft", "inherit"})
_SIZED = re.compile(r"(?:-\d+x\d+|-scaled|-e\d{10,}){1,5}(?=\.\w+$)")


@dataclass(frozen=True)
class Text:
    """A post or page of the old site. `slug`: the slug it would like to have; `parent`: of
    a page that stood below another one, the number of that."""

    name: str  # see `name_of`
    guid: str
    kind: str
    slug: str
    number: str = ""
    parent: str = ""
    title: str = ""
    state: str = ""  # publish, draft, private … as WordPress names them
    author: str = ""  # the name shown there


@dataclass
class Site:
    """The former website as its export shows it."""

    hosts: set[str] = field(default_factory=set)
    base: str = ""  # the path under which it lay, without a stroke at its end
    authors: dict[str, str] = field(default_factory=dict)  # sign-in name: name shown
    attached: dict[str, Attached] = field(default_factory=dict)  # by number
    reusable: dict[str, str] = field(default_factory=dict)
    texts: list["Text"] = field(default_factory=list)
    passed_over: Counter[str] = field(default_factory=Counter)
    by_address: dict[str, str] = field(default_factory=dict)  # path: name of the text there

    @cached_property
    def pages(self) -> Mapping[str, Text]:
        """Pages by their number."""
        return {text.number: text for text in self.texts if text.kind == "page"}

    def above(self, text: Text) -> Text | None:
        """The page below which a page stood."""
        above = self.pages.get(text.parent) if text.kind == "page" else None
        return above if above is not text else None

    @property
    def documents(self) -> list[str]:
        """The addresses of PDFs and other files that are no pictures."""
        return [a.url for a in self.attached.values() if a.url and not a.is_picture]

    @cached_property
    def by_file(self) -> Mapping[str, Attached]:
        """Attachments by the path of their file, without a size in its name."""
        return {full_size(parts_of(a.url).path): a for a in self.attached.values()}

    def local(self, address: str) -> str | None:
        """The path (with `?p=7`, if that is what it is) of an address of the former site; None
        for any other."""
        parts = parts_of(address)
        if parts.scheme not in ("", "http", "https"):
            return None
        if parts.netloc and parts.netloc.lower().removeprefix("www.") not in self.hosts:
            return None
        path = unquote(parts.path) or "/"
        if "\0" in path:
            return None
        number = re.search(r"(?:^|&)((?:p|page_id|attachment_id)=\d+)", parts.query)
        if number and path in ("/", f"{self.base}/"):
            return f"{self.base}/?{number[1]}"
        return path if path.startswith("/") and not path.startswith("//") else None

    def file(self, address: str) -> Attached | None:
        """The attachment that an address shows, in whatever size."""
        return self.by_file.get(full_size(parts_of(address).path))


def survey(elements: Iterable[Element]) -> Site:
    """Read an export once. Raises what reading it raises."""
    site = Site()
    for element in elements:
        match element.name:
            case "link" | "wp:base_site_url" | "wp:base_blog_url":
                parts = parts_of(element.text.strip())
                if parts.netloc:
                    site.hosts.add(parts.netloc.lower().removeprefix("www."))
                    site.base = parts.path.rstrip("/")
            case "wp:author":
                login = element.get("wp:author_login")
                shown = element.get("wp:author_display_name") or " ".join(
                    (element.get("wp:author_first_name"), element.get("wp:author_last_name"))
                )
                site.authors[login] = plain(shown) or login
            case "item":
                _note(site, element)
    return site


def _note(site: Site, item: Element) -> None:
    kind, number = kind_of(item), item.get("wp:post_id")
    if kind == "attachment":
        meta = dict(fields_of(item))
        site.attached[number] = Attached(
            url=item.get("wp:attachment_url") or item.get("guid"),
            title=plain(item.get("title")),
            alt=plain(meta.get("_wp_attachment_image_alt", "")),
            caption=plain(item.get("excerpt:encoded")),
            post=item.get("wp:post_parent"),
            order=whole_number(item.get("wp:menu_order")) or 0,
        )
    elif kind == "wp_block":
        site.reusable[number] = item.get("content:encoded")
    if kind in INTERNAL:
        site.passed_over[kind] += kind != "attachment"
        return
    title = plain(item.get("title"))
    parent = item.get("wp:post_parent")
    name, guid = name_of(item), guid_of(item)
    login = item.get("dc:creator")
    author, state = site.authors.get(login, login), state_of(item)
    slug = slug_of(item, title)
    site.texts.append(Text(name, guid, kind, slug, number, parent, title, state, author))
    for path in addresses_of(item, site):
        site.by_address.setdefault(path, name)


def kind_of(item: Element) -> str:
    """The kind of an entry; a post where the export does not say."""
    return item.get("wp:post_type") or "post"


def state_of(item: Element) -> str:
    """The state of an entry, as WordPress names it; public where the export does not say."""
    return item.get("wp:status") or "publish"


def name_of(item: Element) -> str:
    """Return what tells a text from all others: its number, date and title there."""
    number = item.get("wp:post_id") or item.get("guid") or item.get("link")
    return f"{number} {day_of(item)} {plain(item.get('title'))}"[:400].strip()


def is_too_long(item: Element) -> bool:
    """Whether there is more to take over than an article can hold."""
    names = ("content:encoded", "excerpt:encoded", "description")
    texts = [each.text for name in names for each in item.all(name)]
    texts += [value for _name, value in fields_of(item)]
    length, tags = sum(map(len, texts)), sum(text.count("<") for text in texts)
    return length > LONGEST_TEXT or tags > MOST_TAGS


def day_of(item: Element) -> str:
    """The date of an entry, as the export writes it."""
    return item.get("wp:post_date") or item.get("pubDate")


def guid_of(item: Element) -> str:
    """What the former site called a text for good, also when address and title changed."""
    guid = item.get("guid") or f"{kind_of(item)} {item.get('wp:post_id') or item.get('link')}"
    return guid if len(guid) <= 400 else guid[-400:]


def addresses_of(item: Element, site: Site) -> Iterator[str]:
    """The paths at which it could be read, the one of its page first."""
    for address in (item.get("link"), item.get("guid")):
        path = site.local(address) if address else None
        if path and path not in ("/", f"{site.base}/"):
            yield path
    if number := item.get("wp:post_id"):
        yield f"{site.base}/?p={number}"
        if kind_of(item) == "page":
            yield f"{site.base}/?page_id={number}"


def fields_of(item: Element) -> Iterator[tuple[str, str]]:
    """Its custom fields: name and value."""
    for meta in item.all("wp:postmeta"):
        yield meta.get("wp:meta_key"), meta.get("wp:meta_value")


def slug_of(item: Element, title: str) -> str:
    """A slug of ASCII letters: of its own, else of its title."""
    own = slugify(unquote(item.get("wp:post_name")))
    return (own or slugify(title) or f"text-{item.get('wp:post_id')}")[:70].strip("-")


def parts_of(address: str) -> SplitResult:
    """The parts of an address; of one that cannot be one, its characters as a path."""
    try:
        return urlsplit(address)
    except ValueError:  # such as http://[half
        return SplitResult("", "", address, "", "")


def plain(html: str) -> str:
    """What a short piece of HTML says, in one line."""
    return " ".join(parse(html[:LONGEST_PLAIN]).words.split())


def full_size(path: str) -> str:
    """The path of the picture as it was uploaded: `knee-300x200.jpg` is a copy of `knee.jpg`."""
    return _SIZED.sub("", path)


class MediaFolder:
    """The pictures of the former site: a copy of wp-content/uploads, or a folder of files."""

    def __init__(self, folder: Path | None) -> None:
        self.by_path: dict[str, Path] = {}
        self.by_name: dict[str, list[Path]] = {}
        if folder is None:
            return
        for path in sorted(folder.rglob("*")):
            if path.is_file() and path.resolve().is_relative_to(folder.resolve()):
                self.by_path[path.relative_to(folder).as_posix()] = path
                self.by_name.setdefault(path.name, []).append(path)

    def find(self, address: str) -> Path | None:
        """The file of an address, the largest there is: by its path, else by a name that only one
        file has."""
        path = unquote(parts_of(address).path)
        if len(path) > LONGEST_PATH:
            return None
        for candidate in (full_size(path), path):
            parts = candidate.strip("/").split("/")
            for first in range(len(parts)):
                if found := self.by_path.get("/".join(parts[first:])):
                    return found
            named = self.by_name.get(parts[-1], [])
            if len(named) == 1:
                return named[0]
        return None
