"""Moving in from WordPress: every entry a draft, once, at its addresses, with its pictures."""

import re
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.test import Client
from PIL import Image as Pixels

from articles.models import Article, Edition, Topic
from articles.publishing import publish
from clinic.models import Image, Practitioner, Redirect
from tests.articles.importers.wordpress_exports import UPLOADS, export, item, meta


def attachment(number: int, name: str, alt: str = "") -> str:
    address = f"<wp:attachment_url>{UPLOADS}/{name}</wp:attachment_url>"
    fields = {"kind": "attachment", "wp__status": "inherit"}
    return item(number, address, meta("_wp_attachment_image_alt", alt), **fields)


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
    assert (code, "2 already imported" in said) == (0, True)
    assert [list(model.objects.values()) for model in models] == before


def test_old_addresses_lead_to_the_text(move_in: Any):
    move_in(export(item(7, meta("_wp_old_slug", "first-name"))))
    article = Article.objects.get(slug="text-7")
    for path in ("/2019/05/text-7/", "/2019/05/first-name/"):
        past = Redirect.objects.get(path=path)
        assert (past.kind, past.object_id) == ("article", article.pk)


def test_addresses_with_numbers_and_feeds_lead_on(move_in: Any, client: Client, noon: Any):
    said, _code = move_in(export(item(7), item(9, kind="page")))
    assert "9 feed addresses redirect to the new feed." in said
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
        for asked in ("/?p=8", "/?p=", "/?p=seven", "/?page=2"):
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
    assert "Its parent page was “Needling”" in said
    assert "Its parent page was “About-Us”" in said


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
            item(
                7,
                title=f"G {number}",
                guid=f"g-{number}",
                wp__post_name=f"g-{number}",
                content__encoded=written,
            ),
            item(8, title=f"H {number}", guid=f"h-{number}"),
        ]
        move_in(export(*texts, *files))
        body = Article.objects.get(slug=f"g-{number}").body
        assert re.findall(r"/05/(\w+)\.\w+\)", body) == names.split(), written


def test_a_gallery_of_a_post_without_pictures_is_told(move_in: Any):
    said, _code = move_in(export(item(7, content__encoded="[gallery]")))
    assert "none of them are in the export" in said


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
    assert "“mood” terms were: Glad" in said


def test_an_unknown_author_and_one_of_two_is_told(move_in: Any):
    for slug in ("a", "b"):
        Practitioner.objects.create(name="Ines Okafor", slug=slug, role="Physio")
    said, code = move_in(export(item(7), item(8, dc__creator="gone")))
    assert code == 0
    assert "Dr. Ines Okafor, PT, is not a practitioner" in said
    assert "gone, is not a practitioner" in said


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
    for words in ("“none.jpg” is not", "broken.jpg: This file type is not", "featured image has"):
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
    assert "still points to the old site: http://www.old.example/shop/" in said
