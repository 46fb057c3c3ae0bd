"""PubMed XML (PubmedArticleSet) as CSL-JSON, an article at a time.

Elements after NLM's PubMed DTD. Entities and external parts are refused by defusedxml; the
document type that PubMed's files name is never fetched.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse
from django.utils.translation import gettext as _

from articles.references.csl import full_ranges
from articles.references.formats import dates, names, pubmed
from articles.references.formats.entry import Broken, Csl, Entry, put, put_aside

DEEPEST = 60  # elements within one another
MOST_ELEMENTS = 100_000  # of one record: an article of thousands of authors has a third of them
_RECORDS = ("PubmedArticle", "PubmedBookArticle")
_START = re.compile(rb"<(?:PubmedArticle|PubmedBookArticle)[\s>]")
_MARKUP = {"i", "b", "sub", "sup"}


class Refused(Exception):
    """The file holds what no bibliography needs and an attack would use."""


def read(content: bytes) -> Iterator[Entry | Broken]:
    """Every article of the file. Raises Refused for entities and the like."""
    lines = _lines(content)
    depth = level = count = 0  # records, and elements, within one another; elements since a record
    parser = iterparse(BytesIO(content), events=("start", "end"))
    try:
        for event, element in parser:
            level += 1 if event == "start" else -1
            count += event == "start"
            if level > DEEPEST or count > MOST_ELEMENTS:
                why = _("An article has too many parts. Nothing after it was read.")
                yield Broken(next(lines, 1), why, 1 + sum(1 for _line in lines))
                return
            if element.tag not in _RECORDS:
                continue
            if event == "start":
                depth += 1
                continue
            depth -= 1
            if depth:
                continue
            line = next(lines, 1)
            yield _entry(element, line)
            element.clear()
            count = 0
    except DefusedXmlException as error:
        raise Refused(type(error).__name__) from error
    except ParseError as error:
        left = 1 + sum(1 for _line in lines)
        yield Broken(error.position[0], f"The XML breaks off here: {error.msg}", left)


def count(content: bytes) -> int:
    """How many articles a file seems to hold, counted without reading them."""
    return len(_START.findall(content))


def _lines(content: bytes) -> Iterator[int]:
    line, counted = 1, 0
    for found in _START.finditer(content):
        line += content.count(b"\n", counted, found.start())
        counted = found.start()
        yield line


def _entry(record: Element, line: int) -> Entry:
    seen = sum(1 for element in record.iter() if (element.text or "").strip())
    body = record.find("MedlineCitation")
    csl = _article(body) if body is not None else _book(record)
    aside: dict[str, Any] = {}
    if updates := _updates(record):
        aside["CommentsCorrections"] = updates
    for identifier in record.iterfind("PubmedData/ArticleIdList/ArticleId"):
        kind, value = identifier.get("IdType", ""), _text(identifier)
        place = {"doi": "DOI", "pmc": "PMCID", "pubmed": "PMID"}.get(kind)
        if not (place and put(csl, place, value)):
            aside.setdefault("ArticleId", []).append(f"{value} [{kind}]")
    for name, values in _rest(record).items():
        aside.setdefault(name, []).extend(values)
    entry = Entry(line, csl, "", seen)
    return replace(entry, aside=put_aside(csl, "pubmed", aside))


def _article(citation: Element) -> Csl:
    kinds = [_text(kind) for kind in citation.iterfind("Article/PublicationTypeList/*")]
    csl: Csl = {"type": pubmed.type_of(kinds, book=False, chapter=False)}
    article = _part(citation, "Article")
    journal, issue = _part(article, "Journal"), _part(article, "Journal/JournalIssue")
    put(csl, "PMID", _take(citation, "PMID"))
    put(csl, "title", pubmed.clean_title(_take(article, "ArticleTitle", rich=True)))
    put(csl, "original-title", pubmed.clean_title(_take(article, "VernacularTitle", rich=True)))
    put(csl, "container-title", _take(journal, "Title"))
    put(csl, "container-title-short", _take(citation, "MedlineJournalInfo/MedlineTA"))
    put(csl, "container-title-short", _take(journal, "ISOAbbreviation"))
    put(csl, "volume", _take(issue, "Volume"))
    put(csl, "issue", _take(issue, "Issue"))
    put(csl, "page", full_ranges(_take(article, "Pagination/MedlinePgn")))
    put(csl, "ISSN", _take(journal, "ISSN"))
    _locations(csl, article)
    _people(csl, article)
    if date := _date(_part(issue, "PubDate")):
        csl["issued"] = date
    put(csl, "language", ", ".join(pubmed.language(_text(e)) for e in article.iterfind("Language")))
    put(csl, "abstract", _abstract(article))
    put(csl, "keyword", "; ".join(map(_text, citation.iterfind("KeywordList/Keyword"))))
    if kind := pubmed.kind_of(kinds):
        csl["custom"] = {"kind": kind}
    for path in ("Language", "Abstract/AbstractText"):
        _drop(article, path)
    _drop(citation, "KeywordList")
    return csl


def _book(record: Element) -> Csl:
    document = _part(record, "BookDocument")
    chapter = pubmed.clean_title(_take(document, "ArticleTitle", rich=True))
    csl: Csl = {"type": "chapter" if chapter else "book"}
    book = _part(document, "Book")
    put(csl, "PMID", _take(document, "PMID"))
    put(csl, "title", chapter)
    put(csl, "container-title" if chapter else "title", _take(book, "BookTitle", rich=True))
    put(csl, "publisher", _take(book, "Publisher/PublisherName"))
    put(csl, "publisher-place", _take(book, "Publisher/PublisherLocation"))
    put(csl, "collection-title", _take(book, "CollectionTitle", rich=True))
    put(csl, "volume", _take(book, "Volume"))
    put(csl, "edition", _take(book, "Edition"))
    put(csl, "ISBN", _take(book, "Isbn"))
    _people(csl, document)
    _people(csl, book)
    if date := _date(_part(book, "PubDate")):
        csl["issued"] = date
    put(csl, "abstract", _abstract(document))
    _drop(document, "Abstract/AbstractText")
    return csl


def _locations(csl: Csl, article: Element) -> None:
    """ELocationID: the DOI, and the publisher's number where there are no pages."""
    for place in list(article.iterfind("ELocationID")):
        name = "DOI" if place.get("EIdType") == "doi" else "number"
        if name == "number" and not pubmed.stands_for_pages(csl, _text(place)):
            continue
        if put(csl, name, _text(place)):
            article.remove(place)


def _people(csl: Csl, parent: Element) -> None:
    for people in list(parent.iterfind("AuthorList")):
        role = "editor" if people.get("Type") == "editors" else "author"
        found = [name for person in people.iterfind("Author") if (name := _person(person))]
        if people.get("CompleteYN") == "N":
            found.append(names.body("others"))
        if found:
            csl.setdefault(role, []).extend(found)


def _person(person: Element) -> names.Name:
    """A name. Its element keeps what is no part of it: affiliations and identifiers."""
    if body := _take(person, "CollectiveName"):
        return names.body(body)
    family, given = _take(person, "LastName"), _take(person, "ForeName")
    initials, suffix = _take(person, "Initials"), _take(person, "Suffix")
    given = given or initials
    return names.person(family, given, suffix) if family else names.body(given) if given else {}


def _date(date: Element) -> dict[str, Any]:
    words = _take(date, "MedlineDate")
    if not words:
        parts = (_take(date, name) for name in ("Year", "Month", "Season", "Day"))
        words = " ".join(filter(None, parts))
        if found := re.fullmatch(r"(\d{4}) (\d{1,2})(?: (\d{1,2}))?", words):
            words = "-".join(filter(None, found.groups()))
    return dates.parse(words)


def _updates(record: Element) -> list[str]:
    """Take what PubMed says of articles about this one: "RetractionIn: J Foo. 2020. PMID: 1"."""
    found = []
    for owner in record.iterfind("MedlineCitation/CommentsCorrectionsList"):
        for update in owner:
            words = [_text(part) for part in update if part.tag != "PMID"]
            words += [f"PMID: {_text(part)}" for part in update if part.tag == "PMID"]
            found.append(f"{update.get('RefType', '')}: {' '.join(words)}")
        owner.clear()
    return found


def _abstract(parent: Element) -> str:
    parts = []
    for text in parent.iterfind("Abstract/AbstractText"):
        label = text.get("Label", "")
        parts.append(f"{label}: {_text(text)}" if label else _text(text))
    return "\n".join(filter(None, parts))


def _rest(record: Element) -> dict[str, list[str]]:
    """What nobody has taken: texts by the name of their element; of reference lists the length."""
    found: dict[str, list[str]] = {}
    for owner in list(record.iter()):
        for references in list(owner.iterfind("ReferenceList")):
            found.setdefault("ReferenceList", []).append(f"{len(references)} entries")
            owner.remove(references)
    for day in record.iterfind("PubmedData/History/PubMedPubDate"):
        parts = "/".join(_text(part) for part in day)
        found.setdefault("History", []).append(f"{parts} [{day.get('PubStatus', '')}]")
    _drop(record, "PubmedData/History")
    _drop(record, "PubmedData/ArticleIdList")
    for parent in record.iter():
        for element in parent:
            if text := " ".join((element.text or "").split()):
                found.setdefault(f"{parent.tag}/{element.tag}", []).append(text)
    return found


def _part(parent: Element, path: str) -> Element:
    found = parent.find(path)
    return found if found is not None else Element("nothing")


def _take(parent: Element, path: str, *, rich: bool = False) -> str:
    """The text of a part, which is taken out: what stays was not read."""
    before, _slash, name = path.rpartition("/")
    owner = parent.find(before) if before else parent
    found = owner.find(name) if owner is not None else None
    if owner is None or found is None:
        return ""
    text = _rich(found) if rich else _text(found)
    owner.remove(found)
    return text


def _drop(parent: Element, path: str) -> None:
    while parent.find(path) is not None:
        _take(parent, path)


def _text(element: Element) -> str:
    return " ".join("".join(element.itertext()).split())


def _rich(element: Element) -> str:
    """The text with its italics, sub- and superscripts."""
    parts = [element.text or ""]
    for child in element:
        inner = _rich(child)
        parts.append(f"<{child.tag}>{inner}</{child.tag}>" if child.tag in _MARKUP else inner)
        parts.append(child.tail or "")
    return " ".join("".join(parts).split())
