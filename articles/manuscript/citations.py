"""Citations of a text: which sources it names, in which order, and where.

`Citations` is the resolver that clinic.lib.markdown asks while it renders one text after another
of an edition (takeaways, body, answers); numbers run through all of them by first appearance.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from articles.models import Reference
from articles.references import machine_readable, styles
from articles.references.styles import ama
from clinic import hooks
from clinic.lib.markdown import CiteItem
from clinic.models import Image
from clinic.site import data_blocks

# Generous: whatever the renderer could take for a key.
KEY = re.compile(r"@([A-Za-z0-9_][A-Za-z0-9_:.#$%&\-+?<>~/]*)")
PICTURE = re.compile(rf"\(\s*<?({Image.FOLDER}[^\s)>]+)")


@dataclass(frozen=True)
class Source:
    """A reference as a text uses it; an edition keeps it so (`Edition.references`)."""

    id: int
    key: str
    csl: Mapping[str, Any]
    doi: str = ""
    pmid: str = ""
    kind: str = ""
    plain: str = ""

    @classmethod
    def of(cls, reference: Reference) -> "Source":
        return cls(
            reference.pk,
            reference.key,
            reference.csl,
            reference.doi,
            reference.pmid,
            reference.kind,
            reference.plain,
        )

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "key": self.key,
            "csl": dict(self.csl),
            "doi": self.doi,
            "pmid": self.pmid,
            "kind": self.kind,
            "plain": self.plain,
        }


MOST_LINKS = 500  # different ones of a text that are looked up: any further name is not known
LONGEST_SENTENCE = 2_000  # characters that are kept of the sentence around a citation


@dataclass(frozen=True)
class Use:
    """One place where a source is cited. `anchor` is the id of that place in the page."""

    source: Source
    number: int
    locator: str
    prefix: str
    suffix: str
    sentence: str
    anchor: str


@dataclass
class Citations:
    """Resolver of one text. `library`: the sources by key; `at` decides which names are found."""

    library: Mapping[str, Source]
    at: datetime
    pictures: Mapping[str, Image] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)
    times: Counter[int] = field(default_factory=Counter)  # how often each number was cited
    uses: list[Use] = field(default_factory=list)
    image_ids: set[int] = field(default_factory=set)
    links: dict[tuple[str, str], dict[str, Any] | None] = field(default_factory=dict)  # looked up

    @property
    def schemes(self) -> frozenset[str]:
        return frozenset(hooks.named) | {"book", "reference", "show"}

    def known(self, key: str) -> bool:
        return key in self.library

    def cite(
        self, items: Sequence[CiteItem], *, narrative: bool, line: int, sentence: str
    ) -> dict[str, Any] | None:
        if not all(item.key in self.library for item in items):
            return None
        sentence = self._with_names(sentence[:LONGEST_SENTENCE])
        shown = []
        for item in items:
            source = self.library[item.key]
            number = self.numbers.setdefault(source.key, len(self.numbers) + 1)
            self.times[number] += 1
            anchor = f"cite-{number}-{self.times[number]}"
            self.uses.append(
                Use(source, number, item.locator, item.prefix, item.suffix, sentence, anchor)
            )
            shown.append(
                {
                    "number": number,
                    "key": source.key,
                    "name": ama.short_name(source.csl),
                    "locator": item.locator,
                    "prefix": item.prefix,
                    "suffix": item.suffix,
                    "anchor": anchor,
                }
            )
        mark = {"kind": "cite", "narrative": narrative, "items": shown}
        # What the plain text (search, counts) says in place of a citation that is read aloud.
        return {**mark, "text": shown[0]["name"]} if narrative else mark

    def _with_names(self, sentence: str) -> str:
        """The sentence as it reads: a narrative `@chys2023` is "Chys et al., 2023"."""

        def name(match: re.Match[str]) -> str:
            source = self.library.get(match[1])
            return ama.short_name(source.csl) if source else match[0]

        return KEY.sub(name, sentence)

    def link(self, scheme: str, name: str) -> dict[str, Any] | None:
        if (scheme, name) not in self.links:
            if len(self.links) >= MOST_LINKS:
                return None
            self.links[scheme, name] = self._link(scheme, name)
        mark = self.links[scheme, name]
        return dict(mark) if mark else None

    def _link(self, scheme: str, name: str) -> dict[str, Any] | None:
        if scheme == "book":
            service = hooks.named["service"].find(name) if name else None
            if name and service is None:
                return None
            return {"kind": "link", "to": "book", "id": service}
        if scheme == "show":
            return {"kind": "show", "name": name} if name in data_blocks.TEMPLATES else None
        if scheme == "reference":
            source = self.library.get(name) or next(
                map(Source.of, Reference.objects.by_key([name]).values()), None
            )
            return {"kind": "link", "to": "reference", "id": source.id} if source else None
        found = hooks.named[scheme].find(name) if scheme in hooks.named else None
        return {"kind": "link", "to": scheme, "id": found} if found else None

    def image(self, src: str) -> dict[str, Any] | None:
        picture = self.pictures.get(src)
        if picture is None:
            return None
        self.image_ids.add(picture.pk)
        return {"kind": "image", "id": picture.pk}

    def sources(self, style: str) -> list[dict[str, Any]]:
        """The list of references as the page shows it, by number, printed in this style."""
        by_number: dict[int, list[Use]] = {}
        for use in self.uses:
            by_number.setdefault(use.number, []).append(use)
        return [_listed(number, uses, style) for number, uses in sorted(by_number.items())]


def _listed(number: int, uses: Sequence[Use], style: str) -> dict[str, Any]:
    """A source as the page shows it, and as machines read it there: nothing of it is made again
    when the page is."""
    source = uses[0].source
    shown = {
        "number": number,
        "id": f"ref-{number}",
        "key": source.key,
        "csl": dict(source.csl),
        "name": ama.short_name(source.csl),
        "entry": str(styles.printed(source.csl, style)),
        "doi": source.doi,
        "doi_url": ama.doi_url({"DOI": source.doi}),
        "pmid": source.pmid,
        "pmid_url": ama.pmid_url({"PMID": source.pmid}),
        "url": "" if source.doi else ama.web_url(source.csl),
        "kind": source.kind,
        "plain": source.plain,
        "places": [use.anchor for use in uses],
    }
    return shown | {
        "coins": str(machine_readable.coins(source.csl)),
        "highwire": machine_readable.highwire(source.csl),
        "schema": machine_readable.of_source(shown),
    }


def library_for(texts: Iterable[str]) -> dict[str, Source]:
    """The sources of the library that these texts may cite. One query."""
    keys = set()
    for found in (match for text in texts for match in KEY.findall(text)):
        keys.add(found)
        keys.add(found.rstrip(":.#$%&-+?<>~/"))
    return {key: Source.of(found) for key, found in Reference.objects.by_key(keys).items()}


def library_from(stored: Iterable[Mapping[str, Any]]) -> dict[str, Source]:
    """The sources as an edition kept them."""
    return {entry["key"]: Source(**entry) for entry in stored}


def pictures_for(texts: Iterable[str]) -> dict[str, Image]:
    """Our pictures that these texts show, by their address. One query."""
    addresses = {address for text in texts for address in PICTURE.findall(text)}
    if not addresses:
        return {}
    names = {address.removeprefix(Image.FOLDER): address for address in addresses}
    return {names[image.file.name]: image for image in Image.objects.filter(file__in=list(names))}
