"""Files that show their format themselves, are broken, or are made to do harm."""

import pytest

from articles.references.formats import bibtex, ris
from articles.references.formats.entry import Broken, Entry
from articles.references.formats.reading import (
    MOST_BYTES,
    Unreadable,
    open_bibliography,
)
from tests.articles.references.test_bibliography_reading import FOLDER


@pytest.mark.parametrize(
    ("content", "name", "format_name"),
    [
        (b'[{"title": "A"}]', "", "csl-json"),
        (b"\xef\xbb\xbfTY  - JOUR\r\nTI  - A\r\nER  - \r\n", "a.ris", "ris"),
        ("TY  - JOUR\nTI  - Ä\nER  - \n".encode("utf-16"), "", "ris"),
        (b"PMID- 1\nTI  - A", "", "nbib"),
        (b"text before\n@book{a, title={A}}", "", "bibtex"),
        (b"[1] A pasted list", "", "lines"),
        (b"words", "words.txt", "lines"),
    ],
)
def test_formats_show_themselves(content, name, format_name):
    bibliography = open_bibliography(content, name)
    assert bibliography.format.name == format_name
    assert [type(found) for found in bibliography] == [Entry]


def test_windows_text_is_read_and_told():
    bibliography = open_bibliography("TY  - JOUR\nTI  - Étude\nER  - \n".encode("cp1252"), "a.ris")
    [entry] = bibliography
    assert entry.csl["title"] == "Étude"
    assert "UTF-8" in bibliography.note


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"", ""),
        (b"   \n", "a.bib"),
        (b"PK\x03\x04\x00\x00", "a.docx"),
        (b"words in no format", "a.docx"),
        (b"<?xml version='1.0'?><rss/>", "a.xml"),
        (b"x" * (MOST_BYTES + 1), "a.txt"),
    ],
)
def test_what_is_no_bibliography_is_refused(content, name):
    with pytest.raises(Unreadable):
        open_bibliography(content, name)


@pytest.mark.parametrize(
    "declared",
    [
        '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>',
        '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
    ],
)
def test_entities_in_xml_are_refused(declared):
    articles = "<PubmedArticleSet><PubmedArticle></PubmedArticle></PubmedArticleSet>"
    content = f"<?xml version='1.0'?>{declared}{articles}"
    with pytest.raises(Unreadable, match="entities"):
        list(open_bibliography(content.encode(), "a.xml"))


def test_xml_that_breaks_off_keeps_what_was_whole():
    whole = (FOLDER / "shapes.xml").read_text()
    cut = whole.replace("</PubmedArticleSet>", "<PubmedArticle><Medline")
    found = list(open_bibliography(cut.encode(), "a.xml"))
    assert [type(one) for one in found] == [Entry, Broken]


def test_json_that_breaks_off_keeps_what_was_whole():
    text = '[{"title": "A"},\n{"type": "book"},\n{"title": "B"}\n{"title": "C" "x": 1}]'
    found = list(open_bibliography(text.encode(), "a.json"))
    assert [(type(one), one.line) for one in found] == [
        (Entry, 1), (Broken, 2), (Entry, 3), (Broken, 4),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "@a{" * 30_000,
        "\n@a{a,t={" * 10_000,
        "@a{a, t = a" + " # a" * 30_000,
        "@a{a,author={" + "{" * 30_000 + "}}",
        '@a{a,t="' + '"' * 30_000,
        "@a{a,author={" + " and" * 10_000 + "}}",
        "@a{a,title={" + "\\'" * 3_000 + "}}",
    ],
)
def test_hostile_bibtex_is_told_of(text):
    bibliography = open_bibliography(text.encode(), "a.bib")
    assert sum(getattr(found, "entries", 1) for found in bibliography) >= bibliography.held


def test_readers_name_their_counts():
    assert bibtex.count("@book{a,}\n@string{b={c}}\n@comment{x}\n@misc{c,}") == 2
    assert ris.count("TY  - A\nER  - \nTY  - B") == 2
