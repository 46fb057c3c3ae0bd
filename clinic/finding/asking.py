"""From what a visitor typed to what is found, best first."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.utils.safestring import SafeString

from clinic import hooks
from clinic.finding import synonyms
from clinic.lib.search import index
from clinic.lib.search.index import Wanted
from clinic.lib.search.scoring import Asked, Row, match, passage, rarity
from clinic.lib.search.snippets import snippet
from clinic.lib.search.spelling import Vocabulary
from clinic.lib.search.words import STOP_WORDS, stem, words
from clinic.models import SearchDocument
from clinic.site import page_context

LONGEST_QUERY = 200  # characters; what follows is not looked at
MOST_WORDS = 12
CANDIDATES = 32  # rows of each kind of match that are scored
MOST_RESULTS = 50
SPARE = 15  # results that may turn out not to be public at this moment
SHORTEST_BEGINNING = 3  # letters of a word that is not finished
# Things that lack some of the words are shown with those that have all from this share of the best.
WORTH_SHOWING = 0.25
KINDS_WITH_LONG_TEXTS = ("edition", "reference")

_QUOTED = re.compile(r'"([^"]+)"|“([^”]+)”')


@dataclass(frozen=True)
class Result:
    url: str  # with the anchor of the passage
    title: str
    kind: str
    kinds: str
    heading: str  # of the passage
    snippet: SafeString


@dataclass(frozen=True)
class Found:
    """A document that was found, and the thing it is of. page: as staff chose, with an anchor."""

    document: int
    thing: hooks.SearchResult
    page: str = ""

    @property
    def kinds(self) -> str:
        return self.thing.kinds or self.thing.kind


@dataclass(frozen=True)
class Answer:
    """corrected: the query as it was understood, where a word was found only with another
    spelling; else empty."""

    found: tuple[Found, ...] = ()
    corrected: str = ""
    asked: tuple[Asked, ...] = ()

    @property
    def results(self) -> list[Result]:
        """All that was found."""
        return self.shown(self.found)

    def shown(self, found: Iterable[Found]) -> list[Result]:
        """Return some of what was found as it is shown, at its passages. One query."""
        chosen = list(found)
        documents = SearchDocument.objects.in_bulk([one.document for one in chosen])
        return [self._shown(one, documents[one.document]) for one in chosen]

    def _shown(self, found: Found, document: SearchDocument) -> Result:
        ways = [way for group in self.asked for way in group.ways]
        phrases: set[tuple[str, ...]] = set()
        for way in ways:
            if not way.prefix:
                phrases |= {way.stems} if way.phrase else {(part,) for part in way.stems}
        beginnings = {way.stems[-1] for way in ways if way.prefix}
        row = Row(*(getattr(document, name) for name in index.FIELDS))
        place = 0 if found.page else passage(row, self.asked)
        anchor, heading, text = document.passages[place]
        url = found.page or found.thing.url
        return Result(
            f"{url}#{anchor}" if anchor and "#" not in url else url,
            found.thing.title,
            found.thing.kind,
            found.kinds,
            heading,
            snippet(text, phrases, beginnings),
        )


@dataclass
class _Query:
    groups: list[list[Wanted]] = field(default_factory=list)
    required: set[int] = field(default_factory=set)  # numbers of groups
    typed: list[str] = field(default_factory=list)  # stems that decide


def answer(query: str, at: datetime) -> Answer:
    """Find what is public now. No query is an error: one without words finds nothing."""
    text = query[:LONGEST_QUERY]
    understood, changed = _understood(text)
    if not understood.groups:
        return Answer()
    rows = page_context.once("search documents", SearchDocument.objects.count)
    counted = index.counts(SearchDocument, understood.groups)
    asked = [
        Asked(tuple(group), rarity(rows, count), number in understood.required)
        for number, (group, count) in enumerate(zip(understood.groups, counted, strict=True))
        if count or number in understood.required
    ]
    found = _ranked(asked, understood, at)
    if page := synonyms.current().pages.get(tuple(stem(word) for word in words(text))):
        first = _pinned(page, at)
        known = {one.document for one in first}
        found = first + [one for one in found if one.document not in known]
    corrected = " ".join(changed.get(word, word) for word in words(text)) if changed else ""
    return Answer(tuple(found), corrected if found else "", tuple(asked))


# -- understanding --------------------------------------------------------------------------------


def _understood(text: str) -> tuple[_Query, dict[str, str]]:
    """Return the groups of a query, and what its misspelt words were taken for."""
    query = _Query()
    for match_ in _QUOTED.finditer(text):
        if phrase := tuple(stem(word) for word in words(match_[1] or match_[2])[:MOST_WORDS]):
            query.required.add(len(query.groups))
            query.groups.append([Wanted(phrase, phrase=True)])
            query.typed += phrase
    given = words(_QUOTED.sub(" ", text))[:MOST_WORDS]
    given, changed, unfinished = _spelt(given)
    known = synonyms.current()
    all_stems = [stem(word) for word in given]
    has_deciding = any(word not in STOP_WORDS for word in given) or bool(query.groups)
    place = 0
    while place < len(given):
        if same := known.longest_at(all_stems, place):
            said = tuple(s for s in same if s not in STOP_WORDS)
            ways = [Wanted(said)] if said else []
            ways += [Wanted(other, phrase=len(other) > 1) for other in known.others[same]]
            query.groups += [ways] if ways else []
            query.typed += same
            place += len(same)
            continue
        if not has_deciding or given[place] not in STOP_WORDS:
            cut = unfinished and place == len(given) - 1
            way = Wanted((given[place],), prefix=True) if cut else Wanted((all_stems[place],))
            query.groups.append([way])
            query.typed.append(all_stems[place])
        place += 1
    return query, changed


def _spelt(given: list[str]) -> tuple[list[str], dict[str, str], bool]:
    """Return the words with those mended that nothing on the site has, which were, and whether the
    last one is only the beginning of a word."""
    lone = _stems_of_synonyms(synonyms.current())
    doubtful = sorted({w for w in given if w not in STOP_WORDS and stem(w) not in lone})
    if not doubtful:
        return given, {}, False
    last = given[-1]
    unfinished = last in doubtful and len(last) >= SHORTEST_BEGINNING
    groups = [[Wanted((stem(word),))] for word in doubtful]
    groups += [[Wanted((last,), prefix=True)]] if unfinished else []
    counted = index.counts(SearchDocument, groups)
    unknown = [word for word, count in zip(doubtful, counted, strict=False) if not count]
    unfinished = unfinished and last in unknown and counted[-1] > 0
    if unfinished:
        unknown.remove(last)
    if not unknown:
        return given, {}, unfinished
    vocabulary = page_context.once("search vocabulary", _vocabulary)
    changed = {word: mended for word in unknown if (mended := _mended(word, vocabulary))}
    spelt = [part for word in given for part in changed.get(word, word).split()]
    return spelt, changed, unfinished


def _mended(word: str, vocabulary: Vocabulary) -> str:
    """Return what a word was meant to be: a word of the synonyms before others, and then the word
    that most pages have."""
    closest = vocabulary.closest(word, 1)
    if not closest and (parts := vocabulary.parts(word)):
        return " ".join(parts)
    closest = (closest or vocabulary.closest(word, 2) or vocabulary.closest(stem(word), 2))[:8]
    if not closest:
        return ""
    common = page_context.once("search synonym words", _synonym_words)
    counted = index.counts(SearchDocument, [[Wanted((stem(near),))] for near in closest])
    ranked = sorted(
        (near not in common, -count, near) for near, count in zip(closest, counted, strict=True)
    )
    return _spoken(ranked[0][2])


def _spoken(found: str) -> str:
    """Return a word of the site, or of its synonyms, that has this stem."""
    for word in page_context.once("search synonym words", _synonym_words):
        if found in (word, stem(word)):
            return word
    ids = index.matching(
        SearchDocument, [[Wanted((stem(found),))]], [index.Look(index.ALL)], most=1
    )
    for row in SearchDocument.objects.filter(pk__in=ids):
        said = [row.title, *(f"{heading} {text}" for _anchor, heading, text in row.passages)]
        for word in words(" ".join(said)):
            if found in (word, stem(word)):
                return word
    return found


def _synonym_words() -> tuple[str, ...]:
    rows = synonyms.SynonymGroup.objects.values_list("words", flat=True)
    return tuple(dict.fromkeys(word for row in rows for word in words(row)))


def _stems_of_synonyms(known: synonyms.Synonyms) -> set[str]:
    return page_context.once(
        "search synonym stems", lambda: {part for phrase in known.others for part in phrase}
    )


def _vocabulary() -> Vocabulary:
    """The words of titles, of short texts and of synonyms, and the stems of headings and topics:
    all but what only long texts have."""
    found = set(_synonym_words()) | _stems_of_synonyms(synonyms.current())
    rows = SearchDocument.objects.values_list("title", "name", "heads", "topic")
    for title, *fields in rows.iterator(chunk_size=2000):
        found.update(words(title))
        for text in fields:
            found.update(text.split())
    short = SearchDocument.objects.exclude(kind__in=KINDS_WITH_LONG_TEXTS)
    for passages, text in short.values_list("passages", "rest"):
        found.update(text.split())
        found.update(word for passage in passages for word in words(" ".join(passage)))
    return Vocabulary(found)


# -- ranking --------------------------------------------------------------------------------------


def _ranked(asked: Sequence[Asked], query: _Query, at: datetime) -> list[Found]:
    groups = [group.ways for group in asked]
    looks = [index.Look(among) for among in (index.NAME, index.HEAD, index.ALL)]
    if len(groups) > 1:
        looks += [index.Look(among, any_of_them=True) for among in (index.NAME, index.HEAD)]
    candidates = index.matching(SearchDocument, groups, looks, most=CANDIDATES)
    if len(groups) > 1 and not candidates:
        looks = [index.Look(index.ALL, any_of_them=True)]
        candidates = index.matching(SearchDocument, groups, looks, most=CANDIDATES)
    scored = []
    fields = ("id", "kind", "object_id", *index.FIELDS)
    for pk, kind, object_id, *stems in SearchDocument.objects.filter(pk__in=candidates).values_list(
        *fields
    ):
        source = hooks.search_sources.get(kind)
        found = source and match(Row(*stems), asked, query.typed)
        if source and found:
            scored.append((found.score * source.rank, found, pk, kind, object_id))
    scored.sort(key=lambda row: (-row[0], row[3], row[4]))
    if any(found.has_all for _score, found, *_rest in scored):
        least = scored[0][0] * WORTH_SHOWING
        scored = [row for row in scored if row[1].has_all or row[0] >= least]
    scored = scored[: MOST_RESULTS + SPARE]
    presented = _presented([(kind, pk) for *_rest, kind, pk in scored], at)
    shown = [row for row in scored if row[3:] in presented][:MOST_RESULTS]
    return [Found(pk, presented[kind, object_id]) for _s, _f, pk, kind, object_id in shown]


def _pinned(page: str, at: datetime) -> list[Found]:
    """Return what staff chose to show first, if it is public."""
    for document in SearchDocument.objects.filter(path=page.partition("#")[0])[:1]:
        key = (document.kind, document.object_id)
        if thing := _presented([key], at).get(key):
            return [Found(document.pk, thing, page)]
    return []


def _presented(
    things: Iterable[tuple[str, int]], at: datetime
) -> dict[tuple[str, int], hooks.SearchResult]:
    ids: dict[str, list[int]] = {}
    for kind, pk in things:
        ids.setdefault(kind, []).append(pk)
    return {
        (kind, pk): result
        for kind, of_kind in ids.items()
        for pk, result in hooks.search_sources[kind].present(of_kind, at).items()
    }
