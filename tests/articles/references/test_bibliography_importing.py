"""Bibliographies in the library: added, filled in, merged, written out and read back."""

import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st

from articles.importers.portable.library import as_entry
from articles.models import Citation, Reference
from articles.references import importing
from articles.references.citation_keys import Keys
from articles.references.duplicates import duplicates
from articles.references.formats import writing
from articles.references.formats.entry import Entry
from articles.references.formats.reading import open_bibliography
from articles.references.importing import Twin
from articles.references.merging import merge
from articles.references.styles import ama

FOLDER = Path(__file__).parent / "bibliographies"
HU = {"type": "article-journal", "title": "Needles", "DOI": "10.1000/Needles"}


def take(text: str, act: Twin = Twin.FILL, *, at) -> importing.Report:
    return importing.take_in(open_bibliography(text.encode(), ""), lambda line: act, at=at)


def as_json(*entries: dict) -> str:
    return json.dumps(list(entries))


def test_keys_are_readable_and_unique():
    keys = Keys(["chys2023"])
    chys = {"author": [{"family": "Chys"}], "issued": {"date-parts": [[2023]]}}
    assert keys.make(chys) == "chys2023a"
    assert keys.make(chys) == "chys2023b"
    assert keys.make(chys, "mine") == "mine"
    assert keys.make(chys, "mine") == "mine-a"
    assert keys.make(chys, "Not A Key") == "chys2023c"
    assert keys.make({"author": [{"family": "Østergård"}]}) == "ostergard"
    assert keys.make({"author": [{"family": "王"}], "title": "The needle works"}) == "needleworks"
    assert keys.make({}) == "source"


def test_a_source_that_is_there_is_filled_in_and_keeps_its_own(db, noon):
    first = take(as_json({**HU, "volume": "1"}), at=noon)
    again = take(as_json({**HU, "DOI": "10.1000/needles", "volume": "2", "page": "7"}), at=noon)
    [needles] = Reference.objects.all()
    assert (first.added, again.filled) == (["needles"], ["needles"])
    assert (needles.csl["volume"], needles.csl["page"]) == ("1", "7")
    assert take(as_json({**HU, "page": "7"}), at=noon).already == ["needles"]


def test_what_is_there_may_be_left_or_added(db, noon):
    take(as_json(HU), at=noon)
    assert take(as_json({**HU, "page": "7"}), Twin.LEAVE, at=noon).already == ["needles"]
    assert take(as_json({**HU, "page": "7"}), Twin.ADD, at=noon).added == ["needles-a"]
    assert Reference.objects.count() == 2
    assert [row.key for row in duplicates()[0].references] == ["needles", "needles-a"]


def test_two_dois_are_two_sources_whatever_their_titles_say(db, noon):
    take(as_json(HU, {**HU, "DOI": "10.1000/other"}), at=noon)
    assert Reference.objects.count() == 2
    assert duplicates() == []


def test_twins_within_one_file_become_one(db, noon):
    report = take(as_json(HU, {**HU, "page": "7"}), at=noon)
    assert (report.added, report.filled) == (["needles"], ["needles"])
    assert Reference.objects.get().csl["page"] == "7"


def test_a_stub_is_completed_by_a_whole_entry(db, noon):
    report = take("10.1000/needles\nOk A. Walking. Lark Press; 1999.", at=noon)
    assert report.waiting == 1
    stub = Reference.objects.get(doi="10.1000/needles")
    assert stub.lookup_due_at == noon
    take(as_json({**HU, "volume": "1"}), at=noon)
    stub.refresh_from_db()
    assert (stub.title, stub.csl["volume"], stub.lookup_due_at) == ("Needles", "1", None)
    walking = Reference.objects.get(title="Walking")
    assert ama.format_plain(walking.csl) == "Ok A. Walking. Lark Press; 1999."
    assert take("10.1000/needles", at=noon).already == [stub.key]


def test_broken_entries_stop_no_others(db, noon):
    report = take('[{"title": "A"}, 7, {"title": "B"}]', at=noon)
    assert (len(report.added), len(report.problems)) == (2, 1)
    assert str(report.problems[0]).endswith(":1: Expected an object here: { … }.")


def test_merging_keeps_the_key_as_another_name(db, noon, make_article, editor):
    from articles import publishing

    take(as_json({**HU, "id": "gone"}), at=noon)
    take(as_json({**HU, "id": "stays", "volume": "3"}), Twin.ADD, at=noon)
    gone, stays = Reference.objects.get(key="gone"), Reference.objects.get(key="stays")
    article = make_article(body="Needles work [@gone]. They do [@stays].")
    reason = "Nobody has to sign this."
    edition = publishing.publish(article, by=editor, at=noon, unreviewed_reason=reason)
    before = list(Citation.objects.values_list("reference", "number"))
    merge(stays, [gone])
    stays.refresh_from_db()
    assert list(Citation.objects.values_list("reference", "number")) == before
    assert Reference.objects.by_key(["gone"]) == {"gone": stays}
    assert list(Reference.objects.cited(noon)) == [stays]
    assert not stays.kept_apart
    article.refresh_from_db()
    again = publishing.publish(
        article, by=editor, at=noon, change_note="One source.", unreviewed_reason=reason
    )
    assert [source["key"] for source in again.references] == ["stays"]
    assert [source["key"] for source in edition.references] == ["gone", "stays"]
    with pytest.raises(ValueError, match="already been merged"):
        merge(stays, [gone])


def test_a_merge_fills_in_and_follows_older_merges(db, noon):
    take(as_json({**HU, "id": "a"}), at=noon)
    for key, extra in (("b", {"volume": "1"}), ("c", {"page": "9"})):
        take(as_json({**HU, "id": key, **extra}), Twin.ADD, at=noon)
    a, b, c = Reference.objects.order_by("key")
    merge(b, [a])
    merge(c, [b])
    c.refresh_from_db()
    assert (c.csl["volume"], c.csl["page"]) == ("1", "9")
    assert set(Reference.objects.by_key(["a", "b"]).values()) == {c}
    assert take(as_json(HU), at=noon).already == ["c"]


def run(*args: str) -> int:
    try:
        call_command("import_references", *args)
    except CommandError as error:
        return error.returncode
    return 0


def test_the_command_and_its_exit_codes(db, tmp_path, capsys):
    bib = str(FOLDER / "shapes.bib")
    bad = tmp_path / "bad.bin"
    bad.write_bytes(b"\x00\x01")
    assert run(bib, str(bad)) == 2
    assert run(bib, str(tmp_path / "absent.ris")) == 2
    assert Reference.objects.count() == 0
    assert run(bib) == 1
    assert Reference.objects.count() == 4
    assert "shapes.bib:33: The entry is not closed" in capsys.readouterr().err
    assert run(str(FOLDER / "shapes.nbib")) == 0
    assert Reference.objects.count() == 4  # the same DOI
    assert run("--no-merge", str(FOLDER / "shapes.nbib"), str(FOLDER / "shapes.nbib")) == 0
    assert Reference.objects.count() == 6


def test_a_bomb_changes_nothing(db, tmp_path):
    bomb = tmp_path / "bomb.xml"
    bomb.write_text(
        '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]>'
        "<PubmedArticleSet><PubmedArticle>&b;</PubmedArticle></PubmedArticleSet>"
    )
    assert run(str(FOLDER / "shapes.ris"), str(bomb)) == 2
    assert Reference.objects.count() == 0


def test_the_whole_library_out_and_in_again_loses_nothing(db, tmp_path, noon):
    for name in ("shapes.bib", "shapes.ris", "shapes.nbib", "shapes.xml"):
        bibliography = open_bibliography((FOLDER / name).read_bytes(), name)
        importing.take_in(bibliography, lambda line: Twin.FILL, at=noon)
    take("Ok A. Walking.", at=noon)
    before = [as_entry(reference) for reference in Reference.objects.order_by("key")]
    out = tmp_path / "library.json"
    call_command("export_references", str(out))
    Reference.objects.all().delete()
    assert run(str(out)) == 0
    assert [as_entry(reference) for reference in Reference.objects.order_by("key")] == before
    with pytest.raises(CommandError) as refusal:
        call_command("export_references", str(tmp_path / "library.doc"))
    assert refusal.value.returncode == 2


WHOLE = {
    "id": "king2018",
    "type": "article-journal",
    "title": "Needles & <i>pins</i>: 50% #1 of VO<sub>2</sub> <script>alert(1)</script>",
    "title-short": "Needles",
    "author": [
        {"family": "King", "given": "Martin", "suffix": "Jr."},
        {"family": "Müller", "given": "Jörg"},
        {"literal": "Back and Neck Group"},
    ],
    "container-title": "Journal of Pain and Joy",
    "container-title-short": "J Pain Joy",
    "issued": {"date-parts": [[2018, 6, 29]]},
    "accessed": {"date-parts": [[2026, 3, 5]]},
    "volume": "97",
    "issue": "26",
    "page": "11-22",
    "number": "e7",
    "DOI": "10.1000/x_y(1)",
    "PMID": "29952980",
    "PMCID": "PMC6039647",
    "ISSN": "1536-5964",
    "URL": "https://pain.example/~a_b?c=d&e=f#g",
    "abstract": "All of it.",
    "keyword": "pain; joy",
    "language": "en",
    "note": "A note",
    "publisher": "Lark Press",
    "publisher-place": "London",
}
BOOK = {
    "id": "doe2004",
    "type": "chapter",
    "title": "A chapter",
    "author": [{"family": "Doe", "given": "Jane"}],
    "editor": [{"family": "Roe", "given": "Richard"}],
    "container-title": "The whole book",
    "collection-title": "Series",
    "edition": "3",
    "publisher": "Lark Press",
    "issued": {"date-parts": [[2004]]},
    "page": "585-606",
    "ISBN": "978-0-00-000000-2",
}


@pytest.mark.parametrize("rest", ["others", "et al."])
def test_others_are_nobody_in_ris_and_and_others_in_bibtex(rest):
    names = [{"family": "Tulder", "given": "M", "non-dropping-particle": "van"}, {"literal": rest}]
    source = {"id": "x", "type": "book", "title": "T", "author": names}
    assert "author = {van Tulder, M and others}," in writing.bibtex([source])
    [author] = [x for x in writing.ris_text([source]).splitlines() if x.startswith("AU")]
    assert author == "AU  - van Tulder, M"


@pytest.mark.parametrize("ending", ["json", "bib", "ris"])
@pytest.mark.parametrize("source", [WHOLE, BOOK])
def test_what_is_written_is_read_back_the_same(ending, source):
    text = writing.WRITERS[ending][1]([source])
    [entry] = open_bibliography(text.encode(), f"a.{ending}")
    assert isinstance(entry, Entry)
    assert {**entry.csl, "id": entry.key} == source


@pytest.mark.parametrize("title", ["<b>", "</i> x <i>", "<sub><b>x</sub></b>"])
def test_tags_without_their_other_half_are_text(title):
    source = {"id": "x", "type": "book", "title": f"T {title}", "publisher": "Lark"}
    [entry] = open_bibliography(writing.bibtex([source]).encode(), "a.bib")
    assert isinstance(entry, Entry)
    assert entry.csl["title"] == f"T {title}"


@given(title=st.text(alphabet="aé<>i/sub&%$#_{}\\~^\"' ", min_size=1, max_size=30))
def test_no_title_breaks_out_of_its_field(title):
    for ending in ("bib", "ris"):
        source = {"id": "x", "type": "book", "title": f"T {title}", "publisher": "Lark"}
        text = writing.WRITERS[ending][1]([source])
        [entry] = open_bibliography(text.encode(), f"a.{ending}")
        assert isinstance(entry, Entry)
        assert entry.csl["publisher"] == "Lark"
