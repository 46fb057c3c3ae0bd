"""Exports that were made to do harm, or that a program wrote in an odd way, and what becomes of
them: a sentence, and a worker that goes on with its emails."""

import io
import time
from pathlib import Path
from typing import Any

import pytest

from articles.importers.wordpress import archive, export, site
from articles.importers.wordpress.archive import MediaArchive
from articles.models import Article, Moved, SiteImport
from clinic.models import Redirect
from tests.articles.importers.test_moving import State, begun, editor, taken, zipped
from tests.articles.importers.wordpress_exports import export as whole
from tests.articles.importers.wordpress_exports import item

__all__ = ["editor"]  # the fixture

pytestmark = pytest.mark.database
PATIENCE = 60  # seconds; it took minutes, and takes a few seconds


def became(row: SiteImport) -> list[str]:
    return list(row.lines.values_list("became", flat=True))


@pytest.mark.parametrize(
    ("limit", "most", "inside", "said"),
    [
        ("LONGEST_LINE", 3_000, f"<a>{'x' * 4_000}</a>", "a line of more than 3000 characters"),
        ("MOST_PARTS", 500, "<a/>" * 600, "too many parts"),
        ("LONGEST_ENTRY", 3_000, "<a>xxxxx</a>\n" * 700, "an entry of more than 3000 characters"),
        ("LONGEST_ENTRY", 3_000, f'<a b="{"x" * 4_000}"/>', "an entry of more than 3000"),
        ("DEEPEST", 50, "<a>" * 60 + "</a>" * 60, "too many parts"),
    ],
)
def test_an_entry_has_bounds(
    editor: Any, noon: Any, monkeypatch: Any, limit: str, most: int, inside: str, said: str
):
    monkeypatch.setattr(export, limit, most)
    row = begun(editor, noon, f"<item>{inside}</item>")
    assert (row.state, said in row.problem) == (State.FAILED, True), row.problem


def test_so_do_all_entries(editor: Any, noon: Any, monkeypatch: Any):
    monkeypatch.setattr(export, "MOST_ENTRIES", 100)
    assert "more than 100 entries" in begun(editor, noon, "<item/>" * 101).problem


@pytest.mark.parametrize("encoding", ["undefined", "idna", "rot13", "hex", "unicode_escape"])
def test_an_encoding_that_is_none(editor: Any, noon: Any, encoding: str):
    content = whole(item(7, title=r"\ud800 \x00")).replace("UTF-8", encoding).encode()
    row = begun(editor, noon, content=content)
    assert row.state == State.READY or "is not supported" in row.problem, row.problem


@pytest.mark.parametrize("mark", ["utf-16", "utf-8"])
def test_all_of_it_in_one_line(editor: Any, noon: Any, mark: str):
    content = whole(item(7), item(8), item(9)).replace("\n", " ").encode(mark)
    row = taken(begun(editor, noon, content=content), editor, noon)
    assert (row.state, row.problem, became(row)) == (State.DONE, "", ["created"] * 3)


def test_a_number_without_end(editor: Any, noon: Any):
    huge = {"wp__post_type": "attachment", "wp__menu_order": "9" * 5_000}
    gallery = item(7, content__encoded="[gallery]")
    row = begun(editor, noon, item("9" * 5_000, **huge), gallery)
    assert became(taken(row, editor, noon)) == ["created"]


def test_a_zero_byte_stops_nothing(editor: Any, noon: Any):
    raw = "[raw_html]PGEgaHJlZj0iaHR0cHM6Ly9vbGQuZXhhbXBsZS8AYSI+YQBiPC9hPg==[/raw_html]"
    odd = item(7, link="https://old.example/a%00b/", content__encoded=raw)
    row = taken(begun(editor, noon, odd, item(8)), editor, noon)
    assert row.state == State.DONE
    assert became(row)[1] == "created"
    assert not any("\0" in past.path for past in Redirect.objects.all())


def test_a_slug_that_was_taken_at_this_moment(editor: Any, noon: Any, monkeypatch: Any):
    def takes(article: Article, **_options: Any) -> None:
        Article.objects.bulk_create([Article(kind=article.kind, slug=article.slug, title="Ours")])
        save(article)

    row, save = begun(editor, noon, item(7), item(8)), Article.save
    monkeypatch.setattr(Article, "save", takes)
    row = taken(row, editor, noon)
    assert (row.state, became(row)) == (State.DONE, ["failed"] * 2)
    assert "Import the file again" in row.lines.first().notes[0]
    assert not Moved.objects.exists()


def test_html_that_is_too_long_for_an_article(editor: Any, noon: Any, monkeypatch: Any):
    monkeypatch.setattr(site, "LONGEST_TEXT", 100)
    row = begun(editor, noon, item(7, content__encoded="x" * 101), item(8, content__encoded="x"))
    assert became(taken(row, editor, noon)) == ["failed", "created"]


def test_pictures_fill_no_disk(tmp_path: Path, monkeypatch: Any):
    monkeypatch.setattr(archive, "MOST_UNPACKED", 1_500)
    names = {f"{name}_dot_jpg": b"\0" * 1_000 for name in "ab"}
    media = MediaArchive([archive.opened(io.BytesIO(zipped(**names)))], tmp_path)
    assert [bool(media.find(f"/{name}.jpg")) for name in "aba"] == [True, False, True]


@pytest.mark.parametrize(
    "html",
    [
        "<table><tr>" + "<td>a" * 9_000 + "<tr><td>b" * 900,
        "<table>" + '<tr><td colspan="100" rowspan="100">a' * 4_000,
        "[gallery]" * 5_000,
        '<img src="https://old.example' + "/a" * 140_000 + '.png">',
        "[caption]" * 30_000,
        "<a" * 9_000,
    ],
    ids=["wide table", "spans", "galleries", "a path", "captions", "links"],
)
def test_no_text_holds_the_worker_for_long(editor: Any, noon: Any, html: str):
    pictures = [
        item(
            number,
            kind="attachment",
            wp__attachment_url=f"https://old.example/{number}.png",
            wp__post_parent="7",
        )
        for number in range(100, 1_100)
    ]
    row = begun(editor, noon, *pictures, item(7, content__encoded=f"<![CDATA[{html}]]>"))
    begun_at = time.thread_time()
    taken(row, editor, noon)
    assert time.thread_time() - begun_at < PATIENCE
