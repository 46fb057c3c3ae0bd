"""What is known so far of a pasted reference, the doubts about it, and the people at its start."""

import re
from dataclasses import dataclass, field

from articles.references.formats import names
from articles.references.formats.cleaning import cleaned
from articles.references.formats.entry import Csl
from articles.references.formats.pasted import pieces
from articles.references.formats.pasted.people import editors_in, is_body, people

# What a source of a type hardly ever lacks: absent, it is to be looked for.
_NEEDED = {
    "article-journal": ("author", "title", "container-title", "issued", "volume", "page"),
    "book": ("author", "title", "publisher", "issued"),
    "chapter": ("author", "title", "container-title", "publisher", "issued"),
    "report": ("author", "title", "issued"),
    "document": ("author", "title", "issued"),
}


@dataclass(frozen=True)
class Parsed:
    """A reference taken apart. `unsure`: the CSL fields that a person should check, also those
    that were not found."""

    csl: Csl
    unsure: frozenset[str] = field(default_factory=frozenset)

    @property
    def is_reference(self) -> bool:
        """Whether it reads as one: a title, and what most references have."""
        more = {"author", "editor", "issued", "container-title", "publisher"} & self.csl.keys()
        return bool(self.csl.get("title")) and len(more) > 1


class Draft:
    """The fields found so far and the doubts about them."""

    def __init__(self, found: pieces.Pieces) -> None:
        self.text = found.text
        self.marks = found.marks
        self.csl: Csl = {"type": "document", **found.csl}
        self.unsure: set[str] = set(found.doubts)
        self.lost: set[str] = set()  # what seems to be there and was not found

    def parsed(self) -> Parsed:
        csl = {name: value for name, value in self.csl.items() if value}
        if "preprint" in self.marks and csl["type"] == "article-journal":
            csl["type"] = "article"
        csl.setdefault("title", "")
        csl = cleaned(csl)
        needed = _NEEDED.get(csl["type"], ())
        absent = {name for name in needed if not csl.get(name)}
        absent |= self.lost - csl.keys()
        return Parsed(csl, frozenset(self.unsure & csl.keys() | absent))

    def doubt(self, *names: str) -> None:
        self.unsure.update(names)

    def put(self, name: str, value: str | None) -> None:
        if value := (value or "").strip(" ,;:"):
            self.csl[name] = value

    # The start

    def take_people(self, text: str) -> bool:
        """Take a text as the people, if it can be nothing else."""
        text, is_edited = editors_in(text)
        found = people(text) or people(text.rstrip("."))
        if found:
            self.csl["editor" if is_edited else "author"] = found
        return bool(found)

    def take_people_before_a_body(self, text: str) -> bool:
        """Take "Alpha, A., & STROBE Initiative": people, then words that are no person."""
        front, sign, last = re.sub(
            r"(?:(?<!\s)|(?=,)),?\s*+(?:…|\.\s\.\s\.)\s", ", & ", text
        ).rpartition(", & ")
        if not sign or not self.take_people(front):
            return False
        self.csl["author"] = [*self.csl.get("author", []), names.body(last)]
        self.doubt("author")
        return True

    def take_apa_people(self, text: str) -> bool:
        """Take what stands before "(2020)": people, or a body that nothing but its form shows."""
        if self.take_people(text) or self.take_people_before_a_body(text):
            return True
        if is_body(text):
            self.csl["author"] = [names.body(text.strip().rstrip("."))]
            self.doubt("author")
        return is_body(text)

    def without_people(self, text: str) -> str:
        """Take the people from the start of a text; returns what comes after them."""
        ends = [match.start() for match in re.finditer(r"\.(?=\s|$)|:(?=\s)", text)][:12]
        best = 0
        for end in ends:
            head = text[:end]
            if head.count(" ") > 4 and not re.search(r"[,;]", head):
                break
            found = people(editors_in(head)[0]) or people(editors_in(f"{head}.")[0])
            # "GRADE: an emerging consensus" is a title.
            if found and not (text[end] == ":" and "literal" in found[0]):
                best = end + 1
        if best:
            self.take_people(text[: best - 1])
            return text[best:].strip()
        first = text.split(". ")[0]
        if re.match(r"[^\W\d_a-z][\w’'-]+,? [A-Z]{1,3}[,;. ]", first) and first != text:
            # It begins like people and is not cleanly written.
            rough = re.split(r"\.\s+|(?<=\bal)\s+(?=[A-Z])", text, maxsplit=1)
            if len(rough) == 2 and (found := people(re.sub(r"[.;:]", ",", rough[0]))):
                self.csl["author"] = found
                self.doubt("author", "title")
                return rough[1].strip()
            self.doubt("author", "title")
        return text

    def dated(self, date: str) -> dict[str, object]:
        """Return the date of these words, or the day it appeared online."""
        known = self.csl.get("issued", {})
        found = pieces.day_of(date) or pieces.day_of(date[:4])
        return known if "online" in self.marks and not found else found
