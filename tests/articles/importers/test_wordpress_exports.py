"""Exports of WordPress that are odd, damaged or none: told, or refused with nothing changed."""

import csv
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from articles.models import Article, Moved
from tests.articles.importers.wordpress_exports import export, item, meta


def comment(number: int, text: str, parent: int = 0, approved: str = "1", kind: str = "") -> str:
    return (
        f"<wp:comment><wp:comment_id>{number}</wp:comment_id><wp:comment_author>Ann"
        f"</wp:comment_author><wp:comment_author_email>ann@patients.example"
        f"</wp:comment_author_email><wp:comment_author_IP>192.0.2.7</wp:comment_author_IP>"
        f"<wp:comment_content><![CDATA[{text}]]></wp:comment_content><wp:comment_approved>"
        f"{approved}</wp:comment_approved><wp:comment_type>{kind}</wp:comment_type>"
        f"<wp:comment_parent>{parent}</wp:comment_parent></wp:comment>"
    )


def rows_of(report: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(report.read_text("utf-8-sig"))))


def test_states_and_fields_are_told(move_in: Any):
    said, code = move_in(
        export(
            item(1, wp__status="private"),
            item(2, wp__status="future", wp__post_date="2031-01-02 03:04:05"),
            item(3, wp__post_password="secret"),
            item(4, meta("duration", "30 minutes"), meta("_edit_last", "1")),
            item(5, meta("_yoast_wpseo_title", "For search"), wp__status="draft"),
            item(6, wp__status="trash"),
        )
    )
    assert code == 0
    for words in ("private", "2031-01-02 03:04:05", "password", "“duration”: 30 minutes", "draft"):
        assert words in said
    assert "_edit_last" not in said
    assert Article.objects.get(slug="text-5").seo_title == "For search"
    assert not Article.objects.filter(slug="text-6").exists()


def test_what_is_neither_post_nor_page_is_left_out(move_in: Any):
    said, code = move_in(export(item(7), item(8, kind="product"), item(9, kind="nav_menu_item")))
    assert code == 1
    assert "“product” is neither" in said
    assert "1 × nav_menu_item" in said
    assert "old.xml:10: Text 8" in said


def test_comments_are_kept_in_the_report(move_in: Any, tmp_path: Path):
    comments = [
        comment(1, "=Thank you"),
        comment(2, "<b>Me</b> too", parent=1),
        comment(3, "Cheap!", approved="spam"),
        comment(4, "A link", kind="pingback"),
    ]
    report = tmp_path / "report.csv"
    said, _code = move_in(export(item(7, *comments)), report=report)
    rows = rows_of(report)
    told = [row["what"] for row in rows if row["outcome"] == "comment"]
    assert told == ["1 Ann: =Thank you", "2 → 1 Ann: Me too"]
    assert "Its 2 comments" in said
    assert "192.0.2.7" not in report.read_text()
    assert rows[0]["outcome"] == "created"
    assert rows[0]["here"] == "/articles/text-7/"


def test_cells_are_no_formulas(move_in: Any, tmp_path: Path):
    report = tmp_path / "report.csv"
    move_in(export(item(title="=1+1")), report=report)
    rows = rows_of(report)
    assert rows[0]["title"] == "'=1+1"


def test_notes_of_the_block_editor(move_in: Any):
    body = '<![CDATA[<!-- wp:paragraph --><p>A<sup data-fn="x" class="fn"><a>1</a></sup></p>]]>'
    notes = '[{"id":"x","content":"Said <em>so</em>"}]'
    move_in(export(item(7, meta("footnotes", notes), content__encoded=body)))
    assert Article.objects.get(slug="text-7").body == "A[^1]\n\n[^1]: Said *so*"


@pytest.mark.parametrize(
    ("written", "body"),
    [
        ("One\nline\n\nTwo <em>words</em>\n\n<ul>\n<li>a</li>\n</ul>\nThree",
         "One\\\nline\n\nTwo *words*\n\n- a\n\nThree"),
        ("<!-- wp:heading --><h2>Why</h2><!-- /wp:heading -->\n\nOne\nline\n\nTwo",
         "## Why\n\nOne\\\nline\n\nTwo"),
        ("One<br />\ntwo\n<p>Three\n</p>\n<b>four\n\nfive</b>",
         "One\\\ntwo\n\nThree\n\n**four**\n\n**five**"),
        ("<!-- wp:freeform -->One\n\ntwo<!-- /wp:freeform -->", "One\n\ntwo"),
        ("<!-- wp:html --><p>One\n\ntwo</p><!-- /wp:html -->", "One two"),
        ("<table><tr><td>One\ntwo</td>\n<td>b</td></tr></table>", "| One two | b |\n| --- | --- |"),
        ("<pre>one\n\ntwo</pre>", "```\none\n\ntwo\n```"),
    ],
)  # fmt: skip
def test_classic_text_keeps_its_paragraphs_and_breaks(written: str, body: str, move_in: Any):
    said, code = move_in(export(item(content__encoded=f"<![CDATA[{written}]]>")))
    assert code == 0, said
    assert Article.objects.get(slug="text-7").body == body


@pytest.mark.parametrize(
    ("written", "body"),
    [
        ("<![CDATA[a ]]]]><![CDATA[> b]]>", "a \\]\\]> b"),
        ("<![CDATA[a &nbsp;b &lt;c&gt;]]>", "a b \\<c>"),
        ("a &lt;b&gt;b&lt;/b&gt; &nbsp;&hellip;", "a **b** …"),
        ("<![CDATA[a\x08b\x0b]]>", "ab"),
        ("<![CDATA[<!-- a -->b<!-- wp:paragraph {broken] -->]]>", "b"),
        ("<![CDATA[]]>", ""),
    ],
)
def test_what_exports_do_to_xml(written: str, body: str, move_in: Any):
    said, code = move_in(export(item(content__encoded=written)))
    assert code == 0, said
    assert Article.objects.get(slug="text-7").body == body


@pytest.mark.parametrize(
    ("encoding", "codec"),
    [("UTF-8", "utf-8-sig"), ("ISO-8859-1", "latin-1"), ("UTF-8", "latin-1"),
     ("UTF-16", "utf-16"), ("windows-1252", "cp1252")],
)  # fmt: skip
def test_odd_encodings(encoding: str, codec: str, move_in: Any):
    content = export(item(content__encoded="Für später"), encoding=encoding)
    said, code = move_in(content.encode(codec))
    assert code == 0, said
    assert Article.objects.get(slug="text-7").body == "Für später"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (export(item(7), item(8))[:-40], "Was it saved completely?"),
        (export(item(7), item(8)).replace("</item>", "", 1), "not valid XML"),
        ("", "not a WordPress export"),
        ("Dear Sir", "not valid XML"),
        ("<rss><channel><item><title>a</title></item></channel></rss>", "not a WordPress export"),
        (export(item(7), version="2.0"), "version 2.0"),
        (export(item(7), encoding="klingon"), "“klingon” is not supported"),
        (export(item(7), encoding="hex"), "“hex” is not supported"),
        (
            export(item(7)).replace("<rss", '<!DOCTYPE rss [<!ENTITY a "b">]><rss'),
            "declares a document type",
        ),
    ],
)
def test_what_cannot_be_read_changes_nothing(content: str, why: str, move_in: Any):
    before = Article.objects.count()
    said, code = move_in(content)
    assert (code, why in said) == (2, True), said
    assert Article.objects.count() == before


def test_folders_and_files_that_are_not_there(move_in: Any, tmp_path: Path):
    assert move_in(export(item()), media=tmp_path / "none")[1] == 2
    assert move_in(export(item()), report=tmp_path / "none" / "a.csv")[1] == 2
    with pytest.raises(CommandError) as refused:
        call_command("import_wordpress", tmp_path / "none.xml")
    assert refused.value.returncode == 2
    assert not Article.objects.filter(slug="text-7").exists()


def test_a_title_with_signs_of_html(move_in: Any):
    move_in(export(item(7, title="<![CDATA[Less &lt;pain&gt; &amp; <em>more</em> 5 < 6]]>")))
    assert Article.objects.get(slug="text-7").title == "Less <pain> & more 5 < 6"


def test_half_a_character_at_the_end(move_in: Any):
    said, code = move_in(export(item()).encode("utf-16")[:-45])
    assert code == 2, said


def test_a_title_that_is_too_long_or_missing(move_in: Any):
    _said, code = move_in(export(item(7, title="Long " * 60), item(8, title="")))
    assert code == 0
    assert len(Article.objects.get(slug="text-7").title) <= 140
    assert Article.objects.get(slug="text-8").title == "Without a title (8)"


def test_two_entries_of_one_name(move_in: Any):
    said, code = move_in(export(item(7), item(7)))
    assert (code, "same number, date and title" in said) == (1, True)
    assert Article.objects.filter(slug__startswith="text-7").count() == 1


def test_addresses_that_are_none(move_in: Any):
    body = '<![CDATA[<a href="http://[half">a</a> <img src="http://[half.jpg" alt="b"> <a>c</a>]]>'
    content = export(item(link="http://[half", content__encoded=body))
    said, code = move_in(content.replace("https://old.example</link>", "http://[half</link>", 1))
    assert code == 0, said
    assert "[a](http://[half)" not in Article.objects.get(slug="text-7").body


def test_a_thousand_posts(move_in: Any):
    body = "<![CDATA[<h3>Why</h3>Words and [b]\n\n<ul><li>a</li><li>b</li></ul>]]>"
    before = Article.objects.count()
    said, code = move_in(export(*(item(n, content__encoded=body) for n in range(1, 1001))))
    assert code == 0, said[-300:]
    assert Article.objects.count() == before + 1000
    assert "1000 of 1000" in said


def test_exports_of_other_programs_are_read(move_in: Any):
    """Without namespaces, versions, kinds, states, numbers or dates; under other prefixes."""
    bare = """<rss version="2.0"><channel><title>Old</title><link>https://old.example</link>
    <item><title>Bare</title><link>https://old.example/blog/bare</link><pubDate>Mon, 6 May 2019
    </pubDate><wp:post_name>bare</wp:post_name><description>&lt;p&gt;Words.&lt;/p&gt;</description>
    <itunes:author>Ann</itunes:author></item></channel></rss>"""
    said, code = move_in(bare)
    assert (code, Article.objects.get(slug="bare").body) == (0, "Words."), said
    other = export(item(7, wp__post_name="other"), version="1.3")
    for wp, own in (("wp:", "w:"), ("excerpt:", "e:"), ("content:", "c:")):
        other = other.replace(f"<{wp}", f"<{own}").replace(f"</{wp}", f"</{own}")
        other = other.replace(f"xmlns:{wp[:-1]}=", f"xmlns:{own[:-1]}=")
    said, code = move_in(other)
    assert (code, Article.objects.get(slug="other").body) == (0, "Words."), said


def test_posts_that_share_a_guid_are_all_imported_once(move_in: Any):
    copies = [item(7, guid="same"), item(8, guid="same"), item(9, guid="same", title="Nine")]
    said, code = move_in(export(*copies))
    assert (code, "3 created" in said) == (0, True), said
    renamed = item(8, guid="same", title="Renamed", wp__post_date="2020-01-01 00:00:00")
    moved = item(9, guid="https://new.example/?p=9", title="Nine")
    said, code = move_in(export(copies[0], renamed, moved))
    assert (code, "3 already imported" in said) == (0, True), said


def test_what_was_imported_by_guid_alone_is_not_imported_again(move_in: Any):
    move_in(export(item(7)))
    Moved.objects.update(name="")  # as rows were before the number and date were kept
    said, _code = move_in(export(item(7), item(8, guid="https://old.example/?p=7")))
    assert "1 already imported, 1 created" in said


def test_the_list_of_references_is_offered_as_sources(move_in: Any, tmp_path: Path):
    body = (
        "<![CDATA[<p>It heals.</p><h3>References</h3><ol><li>Ames A. Knees. <em>J Knee</em>. 2019. "
        '<a href="https://doi.org/10.1000/x1">link</a></li><li>Bell B. Hips. 2020.</li></ol>]]>'
    )
    report = tmp_path / "report.csv"
    said, code = move_in(
        export(
            item(7, content__encoded=body),
            item(8, content__encoded="<![CDATA[<h2>Sources</h2><p>Ask us.</p>]]>"),
        ),
        report=report,
    )
    assert (code, said.count("list of references has 2 entries")) == (0, 1), said
    told = [row["what"] for row in rows_of(report) if row["outcome"] == "source"]
    assert told == [
        "Ames A. Knees. J Knee. 2019. link https://doi.org/10.1000/x1",
        "Bell B. Hips. 2020.",
    ]


def test_files_that_are_no_images_are_listed(move_in: Any):
    address = "https://old.example/wp-content/uploads/plan.pdf"
    attached = item(9, f"<wp:attachment_url>{address}</wp:attachment_url>", kind="attachment")
    body = f'<![CDATA[<p><a href="{address}">The plan</a></p>]]>'
    said, _code = move_in(export(item(7, content__encoded=body), attached))
    assert f"old.xml: move this file by hand: {address}" in said
    assert f"Text 7: It links to a file on the old site. Move it by hand: {address}" in said
    assert Article.objects.get(slug="text-7").body == f"[The plan]({address})"


def test_cells_and_headings_keep_what_they_say(move_in: Any):
    body = (
        '<![CDATA[<h2>Why <a href="https://a.example/"><em>so</em></a><sup data-fn="x">1</sup></h2>'
        "<table><tr><th>Week</th><th>Do</th></tr><tr><td>1</td><td><ul><li>walk</li><li>rest</li>"
        "</ul></td></tr></table>]]>"
    )
    notes = '[{"id":"x","content":"Said <em>so</em>"}]'
    move_in(export(item(7, meta("footnotes", notes), content__encoded=body)))
    assert Article.objects.get(slug="text-7").body == (
        "## Why [*so*](https://a.example/)[^1]\n\n| Week | Do |\n| --- | --- |\n| 1 | walk; rest |"
        "\n\n[^1]: Said *so*"
    )
