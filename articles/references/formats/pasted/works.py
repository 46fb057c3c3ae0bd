"""Books, chapters, guidelines, reports and web pages: what has no numeration of a journal.

Each style has firm forms ("Title. 2nd ed. Publisher; 2020"). A field that such a form names is
sure; what is left to be guessed is doubted.
"""

import re

from articles.references.formats import names
from articles.references.formats.pasted import pieces
from articles.references.formats.pasted.draft import Draft
from articles.references.formats.pasted.people import is_body, people, turned
from articles.references.formats.pasted.titles import pages, sentences, without_end

_IMPRINT = re.compile(
    rf"(?:^|(?<=;))(?P<publisher>[^;]++);\s?(?P<date>(?:1[89]|20)\d\d{pieces.MONTHS})"
    rf"(?:\s?:\s?(?P<page>{pieces.PAGE}))?[.,]?(?:\s*pp?\.\s*(?P<pages>{pieces.PAGE})\.?)?"
    r"(?:\s+(?:Report No\.?:?\s*)?(?P<number>(?=[^;]*\d)[A-Z](?:[^.;]|\bno\.\s){2,80})\.?)?\s*$"
)
_EDITION = re.compile(r"\(?\b(\d{1,2})(?:st|nd|rd|th) ed(?:ition|n)?\.?\)?,?|\bRev(?:ised)? ed\.?")
# APA: "In O. T. Hollis (Ed.), Handbook (2nd ed., pp. 3-9). Publisher."
_APA_HOST = re.compile(
    r"(?>(?P<title>.+?[.?!])\s+In:?\s+(?P<editors>.+?)\s+\([Ee]ds?\.\),\s+)(?P<book>.+?)"
    rf"(?:\s+\((?P<more>[^()]*?)(?:,?\s*pp?\.\s*(?P<page>{pieces.PAGE}))?\))?\.\s+"
    r"(?P<publisher>[^.]+)\.?$"
)
_DAY_AT_END = re.compile(rf"(?:(?<!\s)|(?=[.;,]))[.;,]?\s*+({pieces.DAY}|\b(?:19|20)\d\d)\.?\s*$")


def read(draft: Draft) -> None:
    """Read what has no numeration: the form of its end says what it is."""
    draft.doubt("type")
    text = draft.without_people(re.sub(r"(?<=\bed\.),", "", draft.text))
    if imprint := _IMPRINT.search(text):
        _read_imprint(draft, text, imprint)
        return
    if "online" in draft.marks:
        draft.csl["type"] = "article-journal"
        read_source(draft, text)
        draft.doubt("title", "container-title", "author")
        return
    day = _DAY_AT_END.search(text)
    if day:
        draft.csl["issued"] = pieces.day_of(day[1])
        text = text[: day.start()]
    text = _without_body(draft, text, "")
    if day and _is_online(draft) and len(sentences(text)) == 2:
        read_source(draft, text)
        return
    if day:
        draft.doubt("issued")
    read_source(draft, text)
    draft.doubt("title", "container-title", "publisher", "author")
    if re.search(r"\d\s?\(\w{1,8}\)|\d[-–]\d", text):
        draft.lost |= {"volume", "issue", "page"}


def read_page(draft: Draft, title: str, rest: str) -> bool:
    """Read "Title. (2020, May 5). Website." with an address; returns whether it is that."""
    if "URL" not in draft.csl or title[-1:] not in ".?!" or len(sentences(rest)) != 1:
        return False
    draft.csl["type"] = "webpage"
    draft.put("title", _title(title))
    draft.put("container-title", rest.rstrip("."))
    return True


def read_chapter(draft: Draft, rest: str) -> bool:
    """Read what APA prints after the year of a chapter; returns whether it is one."""
    host = _APA_HOST.match(rest)
    if host is None:
        return False
    draft.csl["type"] = "chapter"
    draft.put("title", _title(host["title"]))
    draft.put("container-title", host["book"])
    draft.put("page", pages(host["page"]))
    draft.put("publisher", host["publisher"])
    if edition := _EDITION.search(host["more"] or ""):
        draft.put("edition", edition[1])
    draft.csl["editor"] = people(turned(host["editors"])) or people(host["editors"])
    if not draft.csl["editor"]:
        draft.lost.add("editor")
    if "(" in host["title"]:
        draft.doubt("title", "container-title")
    return True


def read_source(draft: Draft, rest: str) -> None:
    """Read "Title. Publisher" or "Title. Website", where no journal is named."""
    edition = _EDITION.search(rest)
    if edition:
        draft.put("edition", edition[1])
        rest = f"{rest[: edition.start()].rstrip(' (,.')}. {rest[edition.end() :].lstrip(' .)')}"
    parts = sentences(rest)
    if not parts:
        return
    source = parts.pop().strip(" .") if len(parts) > 1 else ""
    draft.put("title", _title(" ".join(parts)))
    if len(parts) != 1 or not source:
        draft.doubt("title", "publisher", "container-title")
    last = str(draft.csl.get("title", "")).rpartition(", ")[2].removeprefix("and ")
    if "author" not in draft.csl and names.is_group(last):
        draft.lost.add("author")  # a body's name that was taken for the title
        draft.doubt("title")
    is_publisher = names.is_group(source) or _is_author(draft, source)
    if edition:
        draft.csl["type"] = "book"
        draft.put("publisher", source)
    elif "DOI" in draft.csl or "online" in draft.marks:
        draft.csl["type"] = "article-journal" if source else "document"
        draft.put("container-title", source)
        draft.doubt("container-title", "title")
    elif _is_online(draft) and not is_publisher:
        draft.csl["type"] = "webpage"
        draft.put("container-title", source)
    elif is_publisher:
        draft.csl["type"] = "report"
        draft.put("publisher", source)
        _doubt_publisher(draft, source)
    else:
        draft.csl["type"] = "book" if source else "document"
        draft.put("publisher", source)
        draft.doubt("type")


def _read_imprint(draft: Draft, text: str, imprint: re.Match[str]) -> None:
    """Read "Title. 2nd ed. Place: Publisher; 2020"."""
    draft.csl["type"] = "book"
    draft.csl["issued"] = draft.dated(imprint["date"])
    draft.put("page", pages(imprint["pages"] or imprint["page"]))
    host = re.match(r"(?P<title>.+?[.?!])\s+In:\s+(?P<book>.+)$", text[: imprint.end("publisher")])
    parts = sentences(host["book"] if host else text[: imprint.end("publisher")])
    source = parts.pop() if parts else ""
    has_book = parts and not re.search(r"\beds?\b|\beditors?\b", parts[-1])
    if host and not has_book and (cut := re.match(r"(.+), ([^,:]+: .+)$", source)):
        parts, source = [*parts, cut[1]], cut[2]  # "Handbook, Oslo: Publisher"
    place, colon, name = source.rpartition(": ")
    draft.put("publisher", (name if colon else source).rstrip("."))
    draft.put("publisher-place", place)
    before = " ".join(parts)
    if edition := _EDITION.search(before):
        draft.put("edition", edition[1])
        before = before[: edition.start()].strip()
    if volume := re.search(r"\bVol\.? (\w+)\.?$", before.strip()):
        draft.put("volume", volume[1])
        before = before[: volume.start()].strip()
    if host:
        _read_host(draft, host["title"], before)
        return
    before = _without_body(draft, before, str(draft.csl.get("publisher", "")))
    draft.put("title", _title(before))
    if len(sentences(before)) != 1:
        draft.doubt("title", "publisher", "publisher-place", "author")
    if imprint["number"]:
        draft.csl["type"] = "report"
        draft.put("number", imprint["number"])
    elif not place and "edition" not in draft.csl:
        _settle_publisher(draft)


def _settle_publisher(draft: Draft) -> None:
    """Tell the body that issued a report, or a website, from a publisher of books."""
    publisher = str(draft.csl.get("publisher", ""))
    if names.is_group(publisher) or _is_author(draft, publisher):
        draft.csl["type"] = "report"
        _doubt_publisher(draft, publisher)
    elif _is_online(draft):
        draft.csl["type"] = "webpage"
        draft.put("container-title", publisher)
        draft.csl.pop("publisher", None)


def _read_host(draft: Draft, title: str, book: str) -> None:
    """Read the book of a chapter, with its editors."""
    draft.csl["type"] = "chapter"
    draft.put("title", _title(title))
    if edited := re.match(r"(.+?(?<!\s)),?\s++\b(?:eds?|editors?)\b\.?,?\s+(.+)$", book):
        if found := people(edited[1]):
            draft.csl["editor"] = found
            book = edited[2]
        else:
            draft.doubt("container-title")
            draft.lost.add("editor")
    draft.put("container-title", book.rstrip("."))


def _without_body(draft: Draft, text: str, publisher: str) -> str:
    """Take a body from the start of "Body. Title." where no people were found: surely if it is the
    publisher too."""
    parts = sentences(text)
    if draft.csl.get("author") or draft.csl.get("editor") or len(parts) < 2:
        return text
    first = parts[0].rstrip(".")
    is_publisher = bool(publisher) and first.casefold() == publisher.casefold()
    is_enough = len(parts) > 2 or bool(publisher) or (_is_online(draft) and names.is_group(first))
    if not is_publisher and not (is_body(first) and is_enough):
        return text
    draft.csl["author"] = [names.body(first)]
    if not is_publisher and not names.is_group(first):
        draft.doubt("author", "title")
    return " ".join(parts[1:])


def _doubt_publisher(draft: Draft, publisher: str) -> None:
    """A body whose name stands last may have issued a report, or have the website of a page."""
    if _is_online(draft) and not _is_author(draft, publisher):
        draft.doubt("type", "publisher")
        draft.lost.add("container-title")


def _is_online(draft: Draft) -> bool:
    return bool({"URL", "accessed"} & draft.csl.keys())


def _is_author(draft: Draft, source: str) -> bool:
    authors = draft.csl.get("author") or [{}]
    return bool(source) and authors[0].get("literal", "").casefold() == source.casefold()


def _title(words: str) -> str:
    """A title; citeproc prints a dot after a question mark."""
    return re.sub(r"(?<=[?!])\.$", "", without_end(words))
