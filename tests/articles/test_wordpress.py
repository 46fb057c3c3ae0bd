"""Moving in from WordPress: every entry a draft, once, or a reason why not."""

import csv
import re
from collections.abc import Callable
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.test import Client
from PIL import Image as Pixels

from articles.models import Article, Edition, Topic
from articles.publishing import publish
from clinic.models import Image, Practitioner, Redirect

HEAD = """<?xml version="1.0" encoding="{encoding}"?>
<rss version="2.0" xmlns:excerpt="{http}://wordpress.org/export/{version}/excerpt/"
 xmlns:content="http://purl.org/rss/1.0/modules/content/"
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:wp="{http}://wordpress.org/export/{version}/">
<channel><title>Old clinic</title><link>https://old.example</link>
<wp:wxr_version>{version}</wp:wxr_version><wp:base_blog_url>https://old.example</wp:base_blog_url>
<wp:author><wp:author_id>1</wp:author_id><wp:author_login>ines</wp:author_login>
<wp:author_display_name><![CDATA[Dr. Ines Okafor, PT]]></wp:author_display_name></wp:author>
"""
TAIL = "</channel></rss>\n"
UPLOADS = "https://old.example/wp-content/uploads/2019/05"


def item(number: int = 7, *more: str, kind: str = "post", **fields: str) -> str:
    facts = {
        "title": f"<![CDATA[Text {number}]]>",
        "link": f"https://old.example/2019/05/text-{number}/",
        "guid": f"https://old.example/?p={number}",
        "dc:creator": "<![CDATA[ines]]>",
        "content:encoded": "<![CDATA[Words.]]>",
        "excerpt:encoded": "",
        "wp:post_id": str(number),
        "wp:post_date": "2019-05-06 10:00:00",
        "wp:post_name": f"text-{number}",
        "wp:status": "publish",
        "wp:post_type": kind,
        **{name.replace("__", ":"): value for name, value in fields.items()},
    }
    return f"<item>{''.join(f'<{k}>{v}</{k}>' for k, v in facts.items())}{''.join(more)}</item>\n"


def meta(name: str, value: str) -> str:
    return (
        f"<wp:postmeta><wp:meta_key>{name}</wp:meta_key>"
        f"<wp:meta_value><![CDATA[{value}]]></wp:meta_value></wp:postmeta>"
    )


def comment(number: int, text: str, parent: int = 0, approved: str = "1", kind: str = "") -> str:
    return (
        f"<wp:comment><wp:comment_id>{number}</wp:comment_id><wp:comment_author>Ann"
        f"</wp:comment_author><wp:comment_author_email>ann@patients.example"
        f"</wp:comment_author_email><wp:comment_author_IP>192.0.2.7</wp:comment_author_IP>"
        f"<wp:comment_content><![CDATA[{text}]]></wp:comment_content><wp:comment_approved>"
        f"{approved}</wp:comment_approved><wp:comment_type>{kind}</wp:comment_type>"
        f"<wp:comment_parent>{parent}</wp:comment_parent></wp:comment>"
    )


def attachment(number: int, name: str, alt: str = "") -> str:
    address = f"<wp:attachment_url>{UPLOADS}/{name}</wp:attachment_url>"
    fields = {"kind": "attachment", "wp__status": "inherit"}
    return item(number, address, meta("_wp_attachment_image_alt", alt), **fields)


def export(*items: str, version: str = "1.2", http: str = "http", encoding: str = "UTF-8") -> str:
    return HEAD.format(version=version, http=http, encoding=encoding) + "".join(items) + TAIL


def rows_of(report: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(report.read_text("utf-8-sig"))))


@pytest.fixture
def move_in(db: None, tmp_path: Path) -> Callable[..., Any]:
    """`move_in(text or bytes, **options)`: (what was said, exit code)."""

    def run(content: str | bytes, **options: Any) -> tuple[str, int]:
        file = tmp_path / "old.xml"
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        said = StringIO()
        try:
            call_command("import_wordpress", file, stdout=said, stderr=said, **options)
        except CommandError as error:
            return said.getvalue() + str(error), error.returncode
        return said.getvalue(), 0

    return run


@pytest.fixture
def media(tmp_path: Path) -> Path:
    """A copy of wp-content/uploads with one picture in two sizes, and a file that is none."""
    folder = tmp_path / "uploads" / "2019" / "05"
    folder.mkdir(parents=True)
    for name, width in (("knee.jpg", 60), ("knee-30x20.jpg", 30), ("hero.png", 50)):
        content = BytesIO()
        Pixels.new("RGB", (width, 20), (width, 90, 120)).save(
            content, "PNG" if name.endswith("png") else "JPEG"
        )
        (folder / name).write_bytes(content.getvalue())
    (folder / "broken.jpg").write_bytes(b"no picture")
    return tmp_path / "uploads"


@pytest.mark.parametrize("http", ["http", "https"])
@pytest.mark.parametrize("version", ["1.0", "1.1", "1.2"])
def test_a_post_becomes_a_draft(version: str, http: str, move_in: Any, ines: Any):
    said, code = move_in(export(item(excerpt__encoded="In short."), version=version, http=http))
    assert code == 0, said
    article = Article.objects.get(slug="text-7")
    assert (article.kind, article.title, article.body) == ("article", "Text 7", "Words.")
    assert (article.summary, article.author) == ("In short.", ines)
    assert not Edition.objects.filter(article=article).exists()


def test_a_page_becomes_a_page(move_in: Any):
    before = Edition.objects.count()
    assert move_in(export(item(kind="page")))[1] == 0
    assert Article.objects.get(slug="text-7").kind == "page"
    assert Edition.objects.count() == before


def test_run_twice_changes_nothing(move_in: Any, media: Path):
    category = '<category domain="category" nicename="knee"><![CDATA[Knee]]></category>'
    content = export(item(7, category), item(8))
    move_in(content)
    Article.objects.filter(slug="text-7").update(slug="renamed", title="Ours now")
    models = (Article, Topic, Redirect, Image)
    before = [list(model.objects.values()) for model in models]
    said, code = move_in(content)
    assert (code, "2 there already" in said) == (0, True)
    assert [list(model.objects.values()) for model in models] == before


def test_old_addresses_lead_to_the_text(move_in: Any):
    move_in(export(item(7, meta("_wp_old_slug", "first-name"))))
    article = Article.objects.get(slug="text-7")
    for path in ("/2019/05/text-7/", "/2019/05/first-name/"):
        past = Redirect.objects.get(path=path)
        assert (past.kind, past.object_id) == ("article", article.pk)


def test_addresses_with_numbers_and_feeds_lead_on(move_in: Any, client: Client, noon: Any):
    said, _code = move_in(export(item(7), item(9, kind="page")))
    assert "9 addresses of feeds lead to ours." in said
    with time_machine.travel(noon, tick=False):
        assert client.get("/?p=7").status_code == 200  # a draft is nowhere: the home page
        for slug in ("text-7", "text-9"):
            publish(Article.objects.get(slug=slug), by=None, at=noon)
        for asked, there in {
            "/?p=7": "/articles/text-7/",
            "/?page_id=9": "/text-9/",
            "/?p=9": "/text-9/",
            "/?utm_source=x&p=7": "/articles/text-7/",
            "/feed/": "/articles/feed/",
            "/feed/atom/": "/articles/feed/",
            "/?feed=rss2": "/articles/feed/",
        }.items():
            answer = client.get(asked)
            assert (answer.status_code, answer["Location"]) == (301, there), asked
        for asked in ("/?p=8", "/?p=", "/?p=7\0", "/?p=seven", "/?page=2"):
            assert client.get(asked).status_code == 200, asked


def test_a_site_that_lay_under_a_path(move_in: Any, client: Client, noon: Any):
    content = export(item(7, link="https://old.example/blog/text-7/"))
    move_in(content.replace("<link>https://old.example<", "<link>https://old.example/blog<").replace(
        "_url>https://old.example<", "_url>https://old.example/blog<"))  # fmt: skip
    with time_machine.travel(noon, tick=False):
        publish(Article.objects.get(slug="text-7"), by=None, at=noon)
        for asked in ("/blog/?p=7", "/blog/text-7/"):
            assert client.get(asked)["Location"] == "/articles/text-7/"
        assert client.get("/blog/feed/")["Location"] == "/articles/feed/"


def test_pages_below_pages_keep_their_addresses(move_in: Any):
    def page(number: int, slug: str, path: str, parent: int = 0) -> str:
        return item(
            number,
            kind="page",
            title=slug.title(),
            link=f"https://old.example/{path}/",
            wp__post_name=slug,
            wp__post_parent=str(parent),
        )

    said, code = move_in(
        export(
            page(3, "team", "needling/team", 2),
            page(1, "about-us", "about-us"),
            page(2, "needling", "needling"),
            page(4, "team", "about-us/team", 1),
            page(5, "team", "gone/team", 99),
        )
    )
    assert code == 0, said
    for slug, path in {
        "team": "/needling/team/",
        "about-us-team": "/about-us/team/",
        "team-2": "/gone/team/",
    }.items():
        article = Article.objects.get(kind="page", slug=slug)
        past = Redirect.objects.get(path=path)
        assert (past.kind, past.object_id) == ("page", article.pk)
    assert "It stood below “Needling”" in said
    assert "It stood below “About-Us”" in said


def test_a_gallery_without_numbers_shows_what_was_uploaded_for_its_post(move_in: Any):
    def picture(number: int, name: str, post: int, order: int = 0) -> str:
        place = [
            f"<wp:post_parent>{post}</wp:post_parent>",
            f"<wp:menu_order>{order}</wp:menu_order>",
            f"<wp:attachment_url>{UPLOADS}/{name}</wp:attachment_url>",
        ]
        return item(number, *place, kind="attachment", wp__status="inherit")

    files = [
        picture(21, "b.jpg", 7, 2),
        picture(22, "a.jpg", 7, 1),
        picture(23, "c.jpg", 7, 2),
        picture(24, "leaflet.pdf", 7),
        picture(25, "other.jpg", 8),
    ]
    shown = {
        "[gallery]": "a b c",
        '[gallery columns="2" order="DESC"]': "c b a",
        '[gallery exclude="21"]': "a c",
        '[gallery id="8"]': "other",
        '[gallery ids="25,21"]': "other b",
    }
    for number, (written, names) in enumerate(shown.items()):
        texts = [
            item(7, guid=f"g-{number}", wp__post_name=f"g-{number}", content__encoded=written),
            item(8, guid=f"h-{number}"),
        ]
        move_in(export(*texts, *files))
        body = Article.objects.get(slug=f"g-{number}").body
        assert re.findall(r"/05/(\w+)\.\w+\)", body) == names.split(), written


def test_a_gallery_of_a_post_without_pictures_is_told(move_in: Any):
    said, _code = move_in(export(item(7, content__encoded="[gallery]")))
    assert "the export has none of them" in said


def test_an_address_that_is_taken_gets_a_number(move_in: Any, make_article: Any):
    make_article(slug="text-7")
    Redirect.objects.create(path="/articles/text-8/", to_path="/elsewhere/")
    said, code = move_in(export(item(7), item(8), item(9, wp__post_name="search")))
    assert code == 0, said
    slugs = set(Article.objects.filter(kind="article").values_list("slug", flat=True))
    assert slugs == {"text-7", "text-7-2", "text-8-2", "search-2"}


def test_names_that_are_not_ascii_get_words_that_are(move_in: Any):
    title = "<![CDATA[Rückenschmerz &amp; Übung]]>"
    move_in(export(item(title=title, wp__post_name="r%C3%BCckenschmerz")))
    article = Article.objects.get(slug="ruckenschmerz")
    assert article.title == "Rückenschmerz & Übung"


def test_categories_and_tags_are_topics(move_in: Any, knee: Topic):
    terms = [
        '<category domain="category" nicename="knee"><![CDATA[knee]]></category>',
        '<category domain="post_tag" nicename="run"><![CDATA[Running &amp; jumping]]></category>',
        '<category domain="category" nicename="uncategorized">Uncategorised</category>',
        '<category domain="mood">Glad</category>',
        "<category>knee</category>",
    ]
    said, _code = move_in(export(item(7, *terms)))
    topics = set(Article.objects.get(slug="text-7").topics.values_list("name", flat=True))
    assert topics == {"Knee", "Running & jumping"}
    assert "“mood”: Glad" in said


def test_an_unknown_author_and_one_of_two_is_told(move_in: Any):
    for slug in ("a", "b"):
        Practitioner.objects.create(name="Ines Okafor", slug=slug, role="Physio")
    said, code = move_in(export(item(7), item(8, dc__creator="gone")))
    assert code == 0
    assert "Dr. Ines Okafor, PT, is none" in said
    assert "gone, is none" in said


def test_pictures_come_into_the_library(move_in: Any, media: Path):
    body = (
        f'<![CDATA[<!-- wp:image {{"id":8}} --><figure><img src="{UPLOADS}/knee-30x20.jpg" alt="">'
        f"<figcaption>Mine</figcaption></figure><!-- /wp:image -->"
        f'<img src="{UPLOADS}/none.jpg" alt="None"><img src="{UPLOADS}/broken.jpg">]]>'
    )
    said, code = move_in(
        export(
            item(7, meta("_thumbnail_id", "9"), content__encoded=body),
            attachment(8, "knee-scaled.jpg", "A knee"),
            attachment(9, "hero.png"),
        ),
        media=media,
    )
    assert code == 0, said
    article = Article.objects.get(slug="text-7")
    picture = Image.objects.get(width=60)
    assert picture.alt == "A knee"
    assert f'![A knee](/media/{picture.file} "Mine")' in article.body
    assert f"[None]({UPLOADS}/none.jpg)" in article.body
    assert article.hero == Image.objects.get(width=50)
    for words in ("“none.jpg” is not", "broken.jpg: This is not a picture", "featured picture has"):
        assert words in said


def test_no_picture_is_taken_from_outside_the_folder(move_in: Any, media: Path, tmp_path: Path):
    (media / "out.jpg").symlink_to(tmp_path / "secret.jpg")
    (media / "2019" / "05" / "knee.jpg").rename(tmp_path / "secret.jpg")
    body = f'<![CDATA[<img src="{UPLOADS}/out.jpg"><img src="/../secret.jpg">]]>'
    move_in(export(item(content__encoded=body)), media=media)
    assert not Image.objects.exists()


def test_links_between_texts_are_by_name(move_in: Any):
    body = (
        '<![CDATA[<a href="https://old.example/2019/05/text-8">a</a> <a href="/?page_id=9">b</a> '
        '<a href="http://www.old.example/shop/">c</a> <a href="https://b.example/">d</a>'
        '<a href="#top">e</a>]]>'
    )
    said, _code = move_in(export(item(content__encoded=body), item(8), item(9, kind="page")))
    assert Article.objects.get(slug="text-7").body == (
        "[a](article:text-8) [b](page:text-9) [c](http://www.old.example/shop/) "
        "[d](https://b.example/)e"
    )
    assert "still leads to the former site: http://www.old.example/shop/" in said


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
    assert "It had 2 comments" in said
    assert "192.0.2.7" not in report.read_text()
    assert rows[0]["outcome"] == "made"
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
        (export(item(7), item(8))[:-40], "Was it saved whole?"),
        (export(item(7), item(8)).replace("</item>", "", 1), "not valid XML"),
        ("", "no WordPress export"),
        ("Dear Sir", "not valid XML"),
        ("<rss><channel><item><title>a</title></item></channel></rss>", "no WordPress export"),
        (export(item(7), version="2.0"), "version 2.0"),
        (export(item(7), encoding="klingon"), "“klingon” is not known"),
        (export(item(7), encoding="hex"), "“hex” is not known"),
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
    assert (code, "same name" in said) == (1, True)
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
