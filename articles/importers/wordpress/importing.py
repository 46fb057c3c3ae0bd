"""Taking an export in: each post and page a draft, once."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count

from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from articles.importers.portable import library
from articles.importers.wordpress import site as former
from articles.importers.wordpress.export import Element, Export
from articles.importers.wordpress.site import MediaFolder, Site, Text
from articles.importers.wordpress.text import Draft, Gallery, draft_of
from articles.models import Article, Moved, Topic
from articles.models.choices import Kind
from clinic.lib.fields.reserved_slugs import RESERVED
from clinic.models import Practitioner, Redirect, User
from clinic.site import content_version, redirects

MADE, ALREADY, PASSED_OVER, LEFT_OUT = "created", "already imported", "skipped", "failed"
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
    """What became of one entry of the export; `line` is where it begins, `place` its number among
    the posts and pages."""

    line: int
    place: int
    number: str
    kind: str
    title: str
    former: str
    day: str
    became: str = MADE
    here: str = ""
    notes: list[str] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)  # the entries of its list of references


@dataclass(frozen=True)
class Place:
    """Where a text of the former site stands here, or will."""

    kind: Kind
    slug: str


@dataclass(frozen=True)
class Who:
    """Who somebody of the former site is here: the author that readers see, and the account that
    owns the drafts."""

    author: Practitioner | None = None
    owner: User | None = None


@dataclass(frozen=True)
class Chosen:
    """What of an export is taken: everything, if nobody chose. `kinds` and `states` as WordPress
    names them; `people` by the name shown there: who is not in it is found by their name."""

    kinds: frozenset[str] | None = None
    states: frozenset[str] | None = None
    people: Mapping[str, Who] = field(default_factory=dict)

    def holds(self, item: Element) -> bool:
        """Return whether this entry is taken."""
        kind, state = former.kind_of(item), former.state_of(item)
        return (self.kinds is None or kind in self.kinds) and (
            self.states is None or state in self.states
        )


# Called with what became of an entry and, in the transaction that makes it, its draft.
Record = Callable[[Outcome, Article | None], None]


def take_in(
    export: Export,
    site: Site,
    media: MediaFolder,
    *,
    chosen: Chosen | None = None,
    after: int = 0,
    record: Record = lambda _outcome, _article: None,
) -> Iterator[Outcome]:
    """Make a draft of each post and page that was not moved in before; nothing is published.

    Each is written in a transaction of its own: after a break, run it again, or from the entry
    behind number `after` on.
    """
    known = _imported(site)
    run = _Run(Gallery(site, media), _places(site, known), known, chosen or Chosen(), record)
    place = 0
    for element in export:
        if element.name == "item" and former.kind_of(element) not in former.INTERNAL:
            place += 1
            if place > after:
                yield run.take(element, place)


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
            content_version.raise_version()
    return new


@dataclass
class _Run:
    gallery: Gallery
    places: dict[str, Place]  # by the name of a text
    known: dict[str, Place]
    chosen: Chosen
    record: Record
    texts: dict[str, Text] = field(default_factory=dict)
    made: set[str] = field(default_factory=set)
    people: dict[str, Practitioner | None] = field(default_factory=dict)
    topics: dict[str, Topic] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for person in Practitioner.objects.all():
            name = bare(person.name)
            # Two of one name: a person decides, not the import.
            self.people[name] = None if name in self.people else person
        self.texts = {text.name: text for text in self.gallery.site.texts}
        self.topics = {topic.name.casefold(): topic for topic in Topic.objects.all()}

    def take(self, item: Element, place: int) -> Outcome:
        outcome = Outcome(
            line=item.line,
            place=place,
            number=item.get("wp:post_id"),
            kind=former.kind_of(item),
            title=former.plain(item.get("title")),
            former=item.get("link"),
            day=former.day_of(item),
            comments=list(_comments(item)),
        )
        name = former.name_of(item)
        if outcome.kind not in former.KINDS:
            outcome.became = LEFT_OUT
            why = _("“%(kind)s” is neither a post nor a page.") % {"kind": outcome.kind}
            outcome.notes.append(why)
        elif item.get("wp:status") in former.DISCARDED:
            outcome.became = PASSED_OVER
            outcome.notes.append(_("It was in the trash, or never saved, on the old site."))
        elif not self.chosen.holds(item):
            outcome.became = PASSED_OVER
            outcome.notes.append(_("It was not chosen for the import."))
        elif name in self.made:
            outcome.became = LEFT_OUT
            outcome.notes.append(
                _("An earlier entry in this file has the same number, date and title.")
            )
        elif former.is_too_long(item):
            outcome.became = LEFT_OUT
            outcome.notes.append(_("Its HTML is too long for one article. Copy its text by hand."))
        elif name in self.known:
            outcome.became, outcome.here = ALREADY, self._address(name)
        else:
            self._make(item, name, outcome)
        if outcome.became != MADE:
            self.record(outcome, None)
        return outcome

    def _make(self, item: Element, name: str, outcome: Outcome) -> None:
        draft = draft_of(item, gallery=self.gallery, link_to=self._link)
        place = self.places[name]
        article = Article(
            kind=place.kind,
            slug=place.slug,
            title=draft.title,
            summary=draft.summary,
            body=draft.body,
            hero=draft.hero,
            author=self._author(draft),
            owner=self.chosen.people.get(draft.author, Who()).owner,
            seo_title=draft.seo_title,
            seo_description=draft.seo_description,
        )
        try:
            article.clean_fields(exclude={"hero", "author", "reviewer", "owner"})
        except ValidationError as error:
            outcome.became = LEFT_OUT
            outcome.notes += [*error.messages, *draft.notes]
            return
        outcome.here = self._address(name)
        outcome.sources = draft.sources
        try:
            with transaction.atomic():
                article.save()
                Moved.objects.create(article=article, guid=former.guid_of(item), name=name)
                article.topics.set(self._topics(draft))
                self._redirect(article, draft)
                self._tell_apart(item, name, draft, outcome)
                self.record(outcome, article)
                content_version.raise_version()
        except (IntegrityError, DataError, ValueError):
            # Another draft got the slug at this moment, or a text has what no database stores.
            outcome.became, outcome.here, outcome.notes = LEFT_OUT, "", []
            outcome.notes.append(_("It could not be saved. Import the file again to retry."))
            return
        self.made.add(name)

    def _tell_apart(self, item: Element, name: str, draft: Draft, outcome: Outcome) -> None:
        """Tell what of an entry has no place here."""
        if above := self.gallery.site.above(self.texts[name]):
            draft.notes.append(
                _("Its parent page was “%(title)s”. Pages have no parents here; its old address "
                  "redirects to it.") % {"title": above.title}
            )  # fmt: skip
        if pings := len(item.all("wp:comment")) - len(outcome.comments):
            skipped = ngettext(
                "%(n)d unapproved or spam comment was skipped.",
                "%(n)d unapproved or spam comments were skipped.",
                pings,
            )
            draft.notes.append(skipped % {"n": pings})
        if count := len(outcome.comments):
            kept = ngettext(
                "Its %(n)d comment is in the report only.",
                "Its %(n)d comments are in the report only.",
                count,
            )
            draft.notes.append(kept % {"n": count})
        outcome.notes += dict.fromkeys(draft.notes)

    def _address(self, name: str) -> str:
        place = self.places[name]
        return redirects.path_of(place.kind, place.slug)

    def _link(self, path: str) -> str | None:
        by_address = self.gallery.site.by_address
        bare = path.rstrip("/")
        name = by_address.get(path) or by_address.get(bare) or by_address.get(f"{bare}/")
        place = self.places.get(name or "")
        return f"{place.kind}:{place.slug}" if place else None

    def _author(self, draft: Draft) -> Practitioner | None:
        if draft.author in self.chosen.people:
            found = self.chosen.people[draft.author].author
        else:
            found = self.people.get(bare(draft.author)) if draft.author else None
        if draft.author and found is None:
            draft.notes.append(
                _("Its author, %(name)s, is not a practitioner on this site.")
                % {"name": draft.author}
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
            if path == redirects.path_of(article.kind, article.slug):
                continue
            past, is_new = Redirect.objects.get_or_create(
                path=path, defaults={"kind": article.kind, "object_id": article.pk}
            )
            if not is_new and (past.kind, past.object_id) != (article.kind, article.pk):
                draft.notes.append(
                    _("Its old address %(path)s already redirects to something else.")
                    % {"path": path}
                )


def _imported(site: Site) -> dict[str, Place]:
    """Where each text that was imported before is now, by its name."""
    by_name: dict[str, Place] = {}
    by_guid: dict[str, list[tuple[str, Place]]] = {}
    rows = Moved.objects.select_related("article")
    for moved in rows.only("guid", "name", "article__kind", "article__slug"):
        place = Place(Kind(moved.article.kind), moved.article.slug)
        by_name[moved.name] = place
        by_guid.setdefault(moved.guid, []).append((moved.name, place))
    found: dict[str, Place] = {}
    seen: set[str] = set()
    for text in site.texts:
        is_first = text.guid not in seen
        seen.add(text.guid)
        if text.name in by_name:
            found[text.name] = by_name[text.name]
            continue
        for name, place in by_guid.get(text.guid, ()):
            # Its title or date changed; or it was imported when the first of a GUID was.
            if name.startswith(f"{text.number} ") or (not name and is_first):
                found[text.name] = place
    return found


def _places(site: Site, here: dict[str, Place]) -> dict[str, Place]:
    """Where each text will be, so that texts can link to later ones. No slug that is taken, or once
    was, is given again."""
    taken = {(kind, slug) for kind, slug in Article.objects.values_list("kind", "slug")}
    past = set(Redirect.objects.values_list("path", flat=True))
    places: dict[str, Place] = {}
    for text in site.texts:
        if text.name in places or text.kind not in former.KINDS:
            continue
        if text.name in here:
            places[text.name] = here[text.name]
            continue
        kind = former.KINDS[text.kind]
        slug = next(
            word
            for word in _words(text, site.above(text))
            if word not in RESERVED
            and (kind, word) not in taken
            and redirects.path_of(kind, word) not in past
        )
        taken.add((kind, slug))
        places[text.name] = Place(kind, slug)
    return places


def _words(text: Text, above: Text | None) -> Iterator[str]:
    """Slugs for a text, the best first: its own, with that of the page above it, with a
    number."""
    yield text.slug
    if above:
        yield f"{above.slug}-{text.slug}"[:70].strip("-")
    for number in count(2):
        yield f"{text.slug}-{number}"


def bare(name: str) -> str:
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
