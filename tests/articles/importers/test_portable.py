"""Portable content: out of one site, into another, and the same again."""

import io
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection
from hypothesis import example, given
from hypothesis import strategies as st
from PIL import Image as Pillow

from articles import demo, publishing
from articles.import_problems import Problems
from articles.importers.portable import exporting, folder
from articles.importers.portable.files import File, Publication, dump, parse
from articles.importers.portable.importing import Report, take_in
from articles.importers.portable.texts import (
    PortableText,
    of_article,
    of_edition,
    plain_lines,
    trimmed,
)
from articles.models import Article, Edition, Reference, Review, Topic
from clinic import pictures
from clinic.lib.database import guards
from clinic.models import Image, Redirect

AT = datetime(2026, 9, 1, 12, 0, tzinfo=UTC)
TEXT = "---\ntitle: Stairs\n---\n\nThe knee carries more than the whole body.\n"


def picture(colour: str = "red", kind: str = "PNG") -> bytes:
    out = io.BytesIO()
    Pillow.new("RGB", (30, 20), colour).save(out, kind)
    return out.getvalue()


def fill(root: Path, files: dict[str, str | bytes]) -> Path:
    """A folder of these files, by their paths in it."""
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return root


def bring(root: Path, *, publish: bool = True, at: datetime = AT) -> Report:
    return take_in(folder.read(root, UTC), publish=publish, at=at)


def tree(root: Path) -> dict[str, bytes]:
    return {str(p.relative_to(root)): p.read_bytes() for p in root.rglob("*") if p.is_file()}


def export(root: Path, *, at: datetime = AT) -> dict[str, bytes]:
    root.mkdir()
    exporting.write(root, at=at)
    return tree(root)


def wipe() -> None:
    """Leave nothing that a folder holds; people and services stay."""
    names = list(Image.objects.values_list("file", flat=True))
    with guards.stand_aside(connection):
        demo.remove()
        Redirect.objects.all().delete()
        Image.objects.all().delete()
    for name in names:
        default_storage.delete(name)


@pytest.fixture
def site(
    make_article: Callable[..., Any], chys: Any, knee: Any, ines: Any, needling: Any
) -> dict[str, Any]:
    """Texts in every state, with all that a text can have."""
    knee.introduction = 'What a knee *likes*: "movement".\n\n---\n\nAnd rest.'
    knee.save()
    knee.services.add(needling)
    hero = pictures.add(picture("teal", "WEBP"), stem="hero", alt="A knee on a step: close.")
    Image.objects.filter(pk=hero.pk).update(focal_x=0.25, consent_note="Drawn; nobody is shown.")
    shown = pictures.add(picture("navy", "JPEG"), stem="two words", alt="Steps")
    first = make_article(
        title="“Stairs”: yes – or 'no'? 🦵",
        slug="stairs",
        summary='A "colon": here\r\nand a # sign',
        takeaways="Start low: 2 kg\n- not a list\n*Go* slowly 🐢",
        body=(
            "    code first\r\n\r\nThen[^a] [@chys2023, p. 3].\r\n\r\n---\r\n\r\n"
            f"![Steps](/media/{shown.file.name} \"Caption: 'one'\")\r\n\r\n[^a]: A note.\r\n\r\n"
        ),
        questions=[("Does it: hurt?", "---\n\nYes: `# no`."), ("And then?", "  Indented.\n\nEnd.")],
        topics=[knee],
        services=[needling],
        hero=hero,
        author=ines,
        certainty="fair",
        seo_title="@stairs",
        seo_description="yes",
    )
    edition = publishing.publish(first, by=None, at=AT - timedelta(days=90))
    page = make_article(
        kind="page", title="Stairs page", slug="stairs", menu_order=15, reviewer=ines
    )
    ahead = make_article(title="Ahead", slug="was-behind")
    ahead.related.add(first)
    ahead.related.add(page)
    publishing.publish(ahead, by=None, at=AT - timedelta(days=60))
    ahead.slug, ahead.revision = "ahead", 1
    ahead.save()
    publishing.publish(ahead, by=None, at=AT - timedelta(days=50), change_note="A new name: ahead.")
    coming = AT + timedelta(days=9, microseconds=7)
    ahead.body, ahead.revision = "What will be said.", 2
    ahead.save()
    publishing.publish(ahead, by=None, at=AT, goes_live_at=coming, change_note="More.")
    ahead.body, ahead.revision = "What may be said.", 3
    ahead.save()
    only_later = make_article(title="Later", slug="later")
    publishing.publish(only_later, by=None, at=AT, goes_live_at=coming)
    gone = make_article(title="Gone", slug="gone")
    publishing.publish(gone, by=None, at=AT - timedelta(days=3))
    publishing.withdraw(gone, by=None, at=AT - timedelta(days=1))
    twice = make_article(title="Twice", slug="twice")
    publishing.publish(twice, by=None, at=AT - timedelta(days=30))
    publishing.publish(twice, by=None, at=AT - timedelta(days=20))
    return {"first": first, "edition": edition, "ahead": ahead}


def test_what_was_exported_and_imported_is_exported_the_same(
    site: dict[str, Any], tmp_path: Path
) -> None:
    before = export(tmp_path / "a")
    assert export(tmp_path / "again") == before
    assert {name for name in before if name.endswith(".md")} == {
        "ahead.md", "ahead.live.md", "ahead.scheduled.md", "gone.md", "later.md", "privacy.md",
        "stairs.md", "stairs.page.md", "twice.md",
    }  # fmt: skip
    pictures_before = list(Image.objects.values("file", "sha256", "focal_x", "consent_note"))
    wipe()
    assert Article.objects.count() == 1
    assert not Image.objects.exists()

    report = bring(tmp_path / "a")

    assert export(tmp_path / "b") == before
    assert report.made == 6
    assert list(Image.objects.values("file", "sha256", "focal_x", "consent_note")) == (
        pictures_before
    )
    article = Article.objects.get(kind="article", slug="stairs")
    assert article.summary == 'A "colon": here\nand a # sign'
    assert article.body.startswith("    code first\n\nThen")
    live = Edition.objects.live(AT).get(article=article)
    assert live.content_hash == site["edition"].content_hash
    assert live.goes_live_at == site["edition"].goes_live_at
    assert not Review.objects.exists()


def test_what_is_public_stays_so_where_the_manuscript_is_ahead(
    site: dict[str, Any], tmp_path: Path
) -> None:
    export(tmp_path / "a")
    wipe()
    bring(tmp_path / "a")
    ahead = Article.objects.with_state(AT).get(slug="ahead")
    assert ahead.body == "What may be said."
    assert ahead.edition_revision != ahead.revision
    assert [(e.slug, e.change_note) for e in ahead.editions.order_by("number")] == [
        ("ahead", ""),
        ("ahead", "A new name: ahead."),
        ("ahead", "More."),
    ]
    assert Edition.objects.waiting(AT).get(article=ahead).body == "What will be said."
    assert Redirect.objects.get(path="/articles/was-behind/").object_id == ahead.pk
    assert [a.title for a in Article.objects.filter(related_from=ahead).order_by("kind")] == [
        "“Stairs”: yes – or 'no'? 🦵",
        "Stairs page",
    ]


def test_a_second_import_changes_nothing(site: dict[str, Any], tmp_path: Path) -> None:
    export(tmp_path / "a")
    for at in (AT, AT + timedelta(days=2)):
        report = bring(tmp_path / "a", at=at)
        assert not report.changed
        assert report.unchanged == 7
    assert Edition.objects.filter(article__slug="twice").count() == 2


def test_a_text_that_was_withdrawn_does_not_come_back(site: dict[str, Any], tmp_path: Path) -> None:
    assert b"state: draft" in export(tmp_path / "a")["gone.md"]
    bring(tmp_path / "a")
    assert not Edition.objects.live(AT).filter(slug="gone").exists()


def test_without_publish_only_manuscripts_are_made(db: None, tmp_path: Path) -> None:
    root = fill(tmp_path / "a", {"stairs.md": TEXT, "later.md": TEXT.replace("Stairs", "Later")})
    assert bring(root, publish=False).made == 2
    assert not Edition.objects.filter(article__kind="article").exists()
    assert bring(root).published == 2
    assert Edition.objects.live(AT).filter(article__kind="article").count() == 2


def test_dates_are_those_of_the_file_only_the_first_time(db: None, tmp_path: Path) -> None:
    dated = TEXT.replace("title", "dates: {published: 2026-01-20}\ntitle")
    bring(fill(tmp_path / "a", {"stairs.md": dated}))
    edition = Edition.objects.live(AT).get(slug="stairs")
    assert edition.first_live_at == datetime(2026, 1, 20, 9, tzinfo=UTC)
    changed = dated.replace("whole body", "body, by far").replace(
        "title", "updates:\n- {date: 2026-02-01, note: Corrected.}\ntitle"
    )
    bring(fill(tmp_path / "a", {"stairs.md": changed}))
    edition = Edition.objects.live(AT).get(slug="stairs")
    assert (edition.number, edition.goes_live_at, edition.change_note) == (2, AT, "Corrected.")
    assert edition.first_live_at == datetime(2026, 1, 20, 9, tzinfo=UTC)


def test_a_day_that_is_not_over_yet_counts_as_now(db: None, tmp_path: Path) -> None:
    dated = TEXT.replace("title", "dates: {published: 2026-09-02}\ntitle")
    bring(fill(tmp_path / "a", {"stairs.md": dated}))
    assert Edition.objects.live(AT).get(slug="stairs").goes_live_at == AT


def test_a_scheduled_text_waits_moves_and_goes_live(db: None, tmp_path: Path) -> None:
    def scheduled(day: str) -> Path:
        keys = f"state: scheduled\ndates: {{goes_live: {day}T08:00:00-04:00}}\ntitle"
        return fill(tmp_path / "a", {"stairs.md": TEXT.replace("title", keys)})

    assert bring(scheduled("2026-09-10")).scheduled == 1
    assert not Edition.objects.live(AT).filter(slug="stairs").exists()
    assert not bring(scheduled("2026-09-10")).changed
    assert bring(scheduled("2026-09-12")).scheduled == 1
    waiting = Edition.objects.waiting(AT).get(slug="stairs")
    assert waiting.goes_live_at == datetime(2026, 9, 12, 12, tzinfo=UTC)
    later = datetime(2026, 9, 20, tzinfo=UTC)
    assert not bring(scheduled("2026-09-12"), at=later).changed
    assert Edition.objects.live(later).get(slug="stairs") == waiting


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_encodings_and_line_ends(db: None, tmp_path: Path, encoding: str, line_end: str) -> None:
    source = "---\ntitle: Über\nslug: stairs\n---\n\n    indented\n\nEnd – done.\n"
    bring(fill(tmp_path / "a", {"stairs.md": source.replace("\n", line_end).encode(encoding)}))
    article = Article.objects.get(slug="stairs")
    assert (article.title, article.body) == ("Über", "    indented\n\nEnd – done.")


def test_topics_are_made_and_kept(db: None, knee: Any, tmp_path: Path) -> None:
    text = TEXT.replace("title", "topics: [Knee, Hip, 膝]\ntitle")
    topics = [{"name": "Knee", "slug": "knee", "hint": "Steps", "redirects": ["knees"]}]
    root = fill(tmp_path / "a", {"stairs.md": text, "topics.json": json.dumps(topics)})
    assert bring(root).topics == 3
    names = Topic.objects.order_by("slug").values_list("slug", "name", "hint")
    assert list(names) == [("hip", "Hip", ""), ("knee", "Knee", "Steps"), ("topic", "膝", "")]
    assert Redirect.objects.get(path="/articles/topics/knees/").object_id == knee.pk
    assert not bring(root).changed


def test_a_known_reference_stays_ours(chys: Any, tmp_path: Path) -> None:
    theirs = {"id": "chys2023", "type": "article", "DOI": "10.3390/JCM12031205", "title": "Else"}
    bring(fill(tmp_path / "a", {"stairs.md": TEXT, "references.json": json.dumps([theirs])}))
    assert Reference.objects.get().title == "Clinical Effectiveness of Dry Needling"


def test_pictures_are_made_harmless_and_find_their_place(db: None, tmp_path: Path) -> None:
    media = [{"file": "media/a b.jpg", "alt": "Red", "focal": [0.1, 0.9], "credit": "Drawn"}]
    text = TEXT.replace("title", "hero: media/a b.jpg\ntitle") + "\n![Red](media/a%20b.jpg)\n"
    files = {"stairs.md": text, "media.json": json.dumps(media)}
    photo = picture("red", "JPEG") + b"<script>"
    root = fill(tmp_path / "a", {**files, "media/a b.jpg": photo})
    assert bring(root).pictures == 1
    image = Image.objects.get()
    assert (image.alt, image.focal_x, image.focal_y) == ("Red", 0.1, 0.9)
    with default_storage.open(image.file.name) as file:
        assert b"<script>" not in file.read()
    article = Article.objects.get(slug="stairs")
    assert article.hero == image
    assert f"![Red](/media/{image.file.name})" in article.body
    assert not bring(root).changed


def test_the_database_says_what_the_file_said(site: dict[str, Any]) -> None:
    text = of_article(Article.objects.get(slug="stairs", kind="article"))
    assert of_edition(site["edition"]) == text.public
    problems = Problems()
    again = parse("stairs.md", dump(File("stairs.md", text)), UTC, problems)
    assert problems.found == []
    assert again
    assert again.text == text


WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=60)
ONE_LINE = WORDS.map(lambda text: " ".join(text.split())).filter(bool)


@given(title=ONE_LINE, summary=WORDS, body=WORDS, answer=WORDS.filter(str.strip), line=ONE_LINE)
@example("---", "---\n---", "    a\n\n---\n\n---\nb", "\n  - a: b\n", "- x")
@example("on", "\x85\u2028", "\ufeffa\r\n", "---", "2026-01-01")
def test_every_text_can_be_written_and_read(
    title: str, summary: str, body: str, answer: str, line: str
) -> None:
    text = PortableText(
        kind="article",
        slug="a",
        title=title,
        summary=plain_lines(summary),
        body=trimmed(body),
        faq=((title, trimmed(answer)),),
        takeaways=(line,),
        topics=(line,),
    )
    public = Publication("published", AT, None, None, ((AT, line),))
    problems = Problems()
    read = parse("a.md", dump(File("a.md", text, public, ("b",))), UTC, problems)
    assert read
    assert (read.text, read.publication, read.redirects) == (text, public, ("b",))


def test_commands(db: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = fill(tmp_path / "a", {"stairs.md": TEXT})
    with time_machine.travel(AT, tick=False):
        call_command("import_articles", root, publish=True)
        assert "1 new, 0 updated, 0 unchanged; 1 editions published" in capsys.readouterr().out
        call_command("import_articles", root, publish=True)
        assert "Nothing has changed: 1 articles and pages" in capsys.readouterr().out
        call_command("export_articles", tmp_path / "deep" / "b")
        assert "1 articles, 1 pages, 0 topics" in capsys.readouterr().out
        call_command("rerender")
        assert capsys.readouterr().out == "Editions rendered: 1.\n"  # that of the migration
        call_command("rerender", "--all")
        assert capsys.readouterr().out == "Editions rendered: 2.\n"


@pytest.mark.parametrize("command", ["import_articles", "export_articles"])
def test_bad_arguments(db: None, tmp_path: Path, command: str) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(CommandError) as refusal:
        call_command(command, tmp_path / "file")
    assert refusal.value.returncode == 2


def test_export_refuses_a_folder_that_is_in_use(db: None, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(CommandError, match="not empty") as refusal:
        call_command("export_articles", tmp_path)
    assert refusal.value.returncode == 2
    assert tree(tmp_path) == {"file": b"mine"}


def test_import_refuses_a_folder_without_texts(db: None, tmp_path: Path) -> None:
    for root in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(CommandError) as refusal:
            call_command("import_articles", root)
        assert refusal.value.returncode == 2


def test_export_names_a_picture_that_is_gone(db: None, tmp_path: Path) -> None:
    image = pictures.add(picture("olive"), stem="olive")
    default_storage.delete(image.file.name)
    with pytest.raises(CommandError, match="olive-") as refusal:
        call_command("export_articles", tmp_path / "a")
    assert refusal.value.returncode == 1
