"""Taking an export in: each post and page a draft, once."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count

from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from articles.models import Article, Moved, Topic
from articles.models.article import Kind
from articles.portable import library
from articles.wordpress import site as former
from articles.wordpress.export import Element, Export
from articles.wordpress.site import MediaFolder, Site, Text
from articles.wordpress.text import Draft, Gallery, draft_of
from clinic import addresses, content
from clinic.models import Practitioner, Redirect
from clinic.slugs import RESERVED

MADE, ALREADY, PASSED_OVER, LEFT_OUT = "made", "there already", "passed over", "left out"
FEEDS = (
    *("feed/", "feed/rss/", "feed/rss2/", "feed/rdf/", "feed/atom/"),
    *("?feed=rss", "?feed=rss2", "?feed=rdf", "?feed=atom"),
)
_TITLES = frozenset({"dr", "prof", "mr", "mrs", "ms", "mx"})


@dataclass(frozen=True)
class Comment:
    """What a reader wrote under a text. Addresses of readers are not taken over."""

    number: str
    answers: str  # the number of the comment that it answers, "" for none
    name: str
    day: str
    text: str


@dataclass
class Outcome:
    """What became of one entry of the export; `line` is where it begins."""

    line: int
    number: str
    kind: str
    title: str
    former: str
    day: str
    became: str = MADE
    here: str = ""
    notes: list[str] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)


@dataclass(frozen=True)
class Place:
    """Where a text of the former site stands here, or will."""

    kind: Kind
    slug: str


def take_in(export: Export, site: Site, media: MediaFolder) -> Iterator[Outcome]:
    """Make a draft of each post and page that was not moved in before; nothing is published.

    Each is written in a transaction of its own: after a break, run it again.
    """
    known = set(Moved.objects.values_list("guid", flat=True))
    run = _Run(Gallery(site, media), _places(site), known)
    for element in export:
        if element.name == "item" and element.get("wp:post_type") not in former.INTERNAL:
            yield run.take(element)


def lead_feeds(site: Site) -> int:
    """Lead the addresses of the former site's feeds to ours; returns how many are new.

    Those that WordPress knows (https://wordpress.org/documentation/article/wordpress-feeds/).
    """
    here = reverse("articles:feed")
    new = 0
    with transaction.atomic():
        for ending in FEEDS:
            path = f"{site.base}/{ending}"
            _past, is_new = Redirect.objects.get_or_create(path=path, defaults={"to_path": here})
            new += is_new
        if new:
            content.raise_version()
    return new


@dataclass
class _Run:
    gallery: Gallery
    places: dict[str, Place]  # by guid
    known: set[str]
    texts: dict[str, Text] = field(default_factory=dict)  # by guid
    made: set[str] = field(default_factory=set)
    people: dict[str, Practitioner | None] = field(default_factory=dict)
    topics: dict[str, Topic] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for person in Practitioner.objects.all():
            name = _bare(person.name)
            # Two of one name are told apart by a person, not here.
            self.people[name] = None if name in self.people else person
        self.texts = {text.guid: text for text in self.gallery.site.texts}
        self.topics = {topic.name.casefold(): topic for topic in Topic.objects.all()}

    def take(self, item: Element) -> Outcome:
        outcome = Outcome(
            line=item.line,
            number=item.get("wp:post_id"),
            kind=item.get("wp:post_type"),
            title=former.plain(item.get("title")),
            former=item.get("link"),
            day=item.get("wp:post_date"),
            comments=list(_comments(item)),
        )
        guid = former.guid_of(item)
        if outcome.kind not in former.KINDS:
            outcome.became = LEFT_OUT
            why = _("“%(kind)s” is neither a post nor a page.") % {"kind": outcome.kind}
            outcome.notes.append(why)
        elif item.get("wp:status") in former.DISCARDED:
            outcome.became = PASSED_OVER
            outcome.notes.append(_("It was thrown away, or never saved, on the former site."))
        elif guid in self.made:
            outcome.became = LEFT_OUT
            outcome.notes.append(_("An earlier entry of this file has the same name (guid)."))
        elif guid in self.known:
            outcome.became, outcome.here = ALREADY, self._address(guid)
        else:
            self._make(item, guid, outcome)
        return outcome

    def _make(self, item: Element, guid: str, outcome: Outcome) -> None:
        draft = draft_of(item, gallery=self.gallery, link_to=self._link)
        place = self.places[guid]
        article = Article(
            kind=place.kind,
            slug=place.slug,
            title=draft.title,
            summary=draft.summary,
            body=draft.body,
            hero=draft.hero,
            author=self._author(draft),
            seo_title=draft.seo_title,
            seo_description=draft.seo_description,
        )
        try:
            article.clean_fields(exclude={"hero", "author", "reviewer", "owner"})
        except ValidationError as error:
            outcome.became = LEFT_OUT
            outcome.notes += [*error.messages, *draft.notes]
            return
        with transaction.atomic():
            article.save()
            Moved.objects.create(article=article, guid=guid)
            article.topics.set(self._topics(draft))
            self._redirect(article, draft)
            content.raise_version()
        self.made.add(guid)
        if above := self.gallery.site.above(self.texts[guid]):
            draft.notes.append(
                _("It stood below “%(title)s”. Pages stand side by side here; its former address "
                  "leads to it.") % {"title": above.title}
            )  # fmt: skip
        if pings := len(item.all("wp:comment")) - len(outcome.comments):
            draft.notes.append(
                _("%(n)d comments that were not shown, or came from machines, were left.")
                % {"n": pings}
            )
        if outcome.comments:
            draft.notes.append(
                _("It had %(n)d comments; they are in the report only.")
                % {"n": len(outcome.comments)}
            )
        outcome.here = self._address(guid)
        outcome.notes += dict.fromkeys(draft.notes)

    def _address(self, guid: str) -> str:
        place = self.places[guid]
        return addresses.path_of(place.kind, place.slug)

    def _link(self, path: str) -> str | None:
        by_address = self.gallery.site.by_address
        bare = path.rstrip("/")
        guid = by_address.get(path) or by_address.get(bare) or by_address.get(f"{bare}/")
        place = self.places.get(guid or "")
        return f"{place.kind}:{place.slug}" if place else None

    def _author(self, draft: Draft) -> Practitioner | None:
        found = self.people.get(_bare(draft.author)) if draft.author else None
        if draft.author and found is None:
            draft.notes.append(
                _("Its author, %(name)s, is none of the people here.") % {"name": draft.author}
            )
        return found

    def _topics(self, draft: Draft) -> list[Topic]:
        found = []
        for name in draft.topics:
            topic = self.topics.get(name.casefold())
            if topic is None:
                try:
                    topic = library.make_topic(name)
                except ValidationError as error:
                    draft.notes.append(f"{name}: {' '.join(error.messages)}")
                    continue
                self.topics[name.casefold()] = topic
            found.append(topic)
        return found

    def _redirect(self, article: Article, draft: Draft) -> None:
        for path in draft.paths:
            if path == addresses.path_of(article.kind, article.slug):
                continue
            past, is_new = Redirect.objects.get_or_create(
                path=path, defaults={"kind": article.kind, "object_id": article.pk}
            )
            if not is_new and (past.kind, past.object_id) != (article.kind, article.pk):
                draft.notes.append(
                    _("Its past address %(path)s leads to something else already.") % {"path": path}
                )


def _places(site: Site) -> dict[str, Place]:
    """Where each text will stand, so that texts can link to later ones. No word that is taken, or
    once was, is given again."""
    taken = {(kind, slug) for kind, slug in Article.objects.values_list("kind", "slug")}
    past = set(Redirect.objects.values_list("path", flat=True))
    here = {
        moved.guid: Place(Kind(moved.article.kind), moved.article.slug)
        for moved in Moved.objects.select_related("article").only(
            "guid", "article__kind", "article__slug"
        )
    }
    places: dict[str, Place] = {}
    for text in site.texts:
        if text.guid in places or text.kind not in former.KINDS:
            continue
        if text.guid in here:
            places[text.guid] = here[text.guid]
            continue
        kind = former.KINDS[text.kind]
        slug = next(
            word
            for word in _words(text, site.above(text))
            if word not in RESERVED
            and (kind, word) not in taken
            and addresses.path_of(kind, word) not in past
        )
        taken.add((kind, slug))
        places[text.guid] = Place(kind, slug)
    return places


def _words(text: Text, above: Text | None) -> Iterator[str]:
    """Address words for a text, the best first: its own, with that of the page above it, with a
    number."""
    yield text.slug
    if above:
        yield f"{above.slug}-{text.slug}"[:70].strip("-")
    for number in count(2):
        yield f"{text.slug}-{number}"


def _bare(name: str) -> str:
    """A name by which people are matched: without title and letters after it."""
    words = name.split(",")[0].casefold().replace(".", " ").split()
    return " ".join(word for word in words if word not in _TITLES)


def _comments(item: Element) -> Iterator[Comment]:
    """What people wrote and readers could see, in the order of the export."""
    for comment in item.all("wp:comment"):
        if comment.get("wp:comment_approved") != "1":
            continue
        if comment.get("wp:comment_type") not in ("", "comment"):
            continue
        parent = comment.get("wp:comment_parent")
        yield Comment(
            number=comment.get("wp:comment_id"),
            answers="" if parent == "0" else parent,
            name=former.plain(comment.get("wp:comment_author")),
            day=comment.get("wp:comment_date"),
            text=former.plain(comment.get("wp:comment_content")),
        )
