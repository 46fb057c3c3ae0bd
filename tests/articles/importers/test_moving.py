"""Importing a website from the dashboard: uploaded, read by the worker, chosen from, taken in."""

import io
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image as Pixels

from articles.importers import moving
from articles.importers.wordpress import archive
from articles.importers.wordpress.archive import MediaArchive
from articles.importers.wordpress.export import Unreadable
from articles.models import Article, SiteImport, SiteImportFile
from clinic import hooks
from clinic.models import Image
from clinic.operations.backups import backup
from tests.articles.importers.wordpress_exports import UPLOADS, export, item

State = SiteImport.State
START = reverse("admin:articles_article_import_site")


@pytest.fixture
def editor(make_user: Any) -> Any:
    return make_user("Editor", username="mara")


def zipped(**files: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in files.items():
            made.writestr(name.replace("__", "/").replace("_dot_", "."), content)
    return out.getvalue()


def picture() -> bytes:
    out = io.BytesIO()
    Pixels.new("RGB", (60, 40), (10, 120, 200)).save(out, "JPEG")
    return out.getvalue()


def begun(by: Any, at: Any, *items: str, content: bytes | None = None) -> SiteImport:
    """An import that the worker has read."""
    given = export(*items).encode() if content is None else content
    row = moving.begin(given, "old.xml", by=by, at=at)
    moving.work(at)
    row.refresh_from_db()
    return row


def taken(row: SiteImport, by: Any, at: Any, **chosen: Any) -> SiteImport:
    """The same, after somebody chose and the worker took it in."""
    everything = {"kinds": ["post", "page"], "states": ["publish", "draft"], "people": {}}
    assert moving.choose(row, {**everything, **chosen}, by=by)
    for _slice in range(20):
        moving.work(at)
    row.refresh_from_db()
    return row


def test_what_is_there_is_counted_before_anything_is_made(editor: Any, noon: Any):
    row = begun(
        editor,
        noon,
        item(7),
        item(8, wp__status="draft"),
        item(9, kind="page"),
        item(10, kind="product"),
        item(11, kind="revision"),
    )
    assert row.state == State.READY
    assert row.found["kinds"] == {
        "page": {"publish": 1},
        "post": {"draft": 1, "publish": 1},
        "product": {"publish": 1},
    }
    assert row.found["authors"] == {"Dr. Ines Okafor, PT": 4}
    assert row.found["skipped"] == {"revision": 1}
    assert not Article.objects.filter(slug__startswith="text-").exists()


def test_only_what_was_chosen_is_taken_by_whom_it_was_said(editor: Any, noon: Any, ines: Any):
    row = begun(editor, noon, item(7), item(8, wp__status="draft"), item(9, kind="page"))
    who = {"Dr. Ines Okafor, PT": {"author": ines.pk, "owner": editor.pk}}
    taken(row, editor, noon, kinds=["post"], states=["publish"], people=who)
    assert row.state == State.DONE
    made = Article.objects.get(slug="text-7")
    assert (made.author, made.owner) == (ines, editor)
    assert not Article.objects.filter(slug__in=["text-8", "text-9"]).exists()
    became = [(line.became, line.article) for line in row.lines.all()]
    assert became == [("created", made), ("skipped", None), ("skipped", None)]
    assert "not chosen" in row.lines.all()[1].notes[0]
    assert not row.files.exists()


def test_nobody_is_nobody_even_if_the_name_is_known(editor: Any, noon: Any, ines: Any):
    who = {"Dr. Ines Okafor, PT": {"author": None, "owner": None}}
    taken(begun(editor, noon, item(7)), editor, noon, people=who)
    assert Article.objects.get(slug="text-7").author is None


def test_twice_makes_nothing_twice_and_links_to_the_draft(editor: Any, noon: Any):
    taken(begun(editor, noon, item(7)), editor, noon)
    again = taken(begun(editor, noon, item(7)), editor, noon)
    made = Article.objects.get(slug="text-7")
    assert [(line.became, line.article) for line in again.lines.all()] == [
        ("already imported", made)
    ]
    assert again.found["already"] == 1


def test_no_worker_finds_an_import_without_its_file(
    editor: Any, noon: Any, monkeypatch: pytest.MonkeyPatch
):
    def fail(*_: Any, **__: Any) -> None:
        raise OSError("The disk is full.")

    monkeypatch.setattr(SiteImportFile, "save", fail)
    with pytest.raises(OSError, match="disk"):
        moving.begin(export(item(7)).encode(), "old.xml", by=editor, at=noon)
    assert not SiteImport.objects.exists()


def test_no_entry_is_too_long_for_the_report(editor: Any, noon: Any):
    long = item(7, title="T" * 2_000, link=f"https://old.example/{'a' * 2_000}/")
    row = taken(begun(editor, noon, long, item(8)), editor, noon)
    assert row.state == SiteImport.State.DONE
    [first, second] = row.lines.all()
    assert (len(first.title), len(first.former)) == (300, 500)
    assert second.became == "created"


def test_it_goes_on_where_it_stopped(editor: Any, noon: Any, monkeypatch: pytest.MonkeyPatch):
    row = begun(editor, noon, item(7), item(8), item(9))
    assert moving.choose(row, {"kinds": ["post"], "states": ["publish"]}, by=editor)
    monkeypatch.setattr(moving, "SLICE", -1.0)  # one entry at a time
    for done in (1, 2, 3):
        moving.work(noon)
        assert row.lines.count() == done
    moving.work(noon)
    row.refresh_from_db()
    assert row.state == State.DONE
    assert {line.became for line in row.lines.all()} == {"created"}


def test_two_workers_do_not_take_one_import(editor: Any, noon: Any):
    row = moving.begin(export(item(7)).encode(), "old.xml", by=editor, at=noon)
    SiteImport.objects.filter(pk=row.pk).update(leased_until=noon + moving.LEASE)
    moving.work(noon + timedelta(seconds=1))
    row.refresh_from_db()
    assert row.state == State.READING
    moving.work(noon + moving.LEASE + timedelta(seconds=1))  # its worker was killed
    row.refresh_from_db()
    assert row.state == State.READY


def test_pictures_come_from_zip_files(editor: Any, noon: Any):
    words = f'<![CDATA[<p>A</p><img src="{UPLOADS}/knee.jpg" alt="A knee">]]>'
    row = begun(editor, noon, item(7, content__encoded=words))
    content = zipped(uploads__2019__05__knee_dot_jpg=picture())
    moving.add_pictures(row, content, "uploads.zip", by=editor)
    taken(row, editor, noon)
    assert Image.objects.get().alt == "A knee"
    assert Image.objects.get().address in Article.objects.get(slug="text-7").body


def test_no_more_is_unpacked_than_the_site_would_take(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    content = zipped(a_dot_jpg=b"\0" * 50_000, up__etc_dot_png=b"x", notes_dot_php=b"<?php")
    monkeypatch.setattr(archive, "LARGEST_PICTURE", 1000)
    media = MediaArchive([archive.opened(io.BytesIO(content))], tmp_path)
    found = media.find("https://old.example/a.jpg")
    assert found.stat().st_size == 1001  # which no door of the library takes
    assert media.find("notes.php") is None
    assert found.parent == tmp_path
    monkeypatch.setattr(archive, "MOST_MEMBERS", 2)
    with pytest.raises(Unreadable, match="more than 2 files"):
        archive.opened(io.BytesIO(content))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"no export", "not valid XML"),
        (b'<!DOCTYPE x [<!ENTITY a "b">]><rss/>', "document type"),
        (zipped(a_dot_xml=b"x", b_dot_xml=b"y"), "2 XML files"),
        (b"PK\x03\x04 no zip", "not a zip file"),
        (zipped(a_dot_xml=b" " * 3_000_000), "larger than"),
    ],
)
def test_what_cannot_be_read_is_told(
    editor: Any, noon: Any, content: bytes, said: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(archive, "LARGEST_EXPORT", 2 * 1024 * 1024)
    row = begun(editor, noon, content=content)
    assert row.state == State.FAILED
    assert said in row.problem
    assert not row.files.exists()


def test_a_zipped_export_is_read(editor: Any, noon: Any):
    row = begun(editor, noon, content=zipped(old_dot_xml=export(item(7)).encode()))
    assert row.state == State.READY


def test_what_nobody_went_on_with_is_deleted_and_reports_stay(editor: Any, noon: Any):
    done = taken(begun(editor, noon, item(7)), editor, noon)
    left = begun(editor, noon, item(8))
    moving.forget(noon + moving.KEPT_FOR - timedelta(minutes=1))
    assert SiteImport.objects.filter(pk=left.pk).exists()
    moving.forget(noon + moving.KEPT_FOR + timedelta(minutes=1))
    assert list(SiteImport.objects.all()) == [done]
    assert not SiteImportFile.objects.exists()


def test_uploads_are_in_no_backup_and_reports_are():
    carried = {model._meta.label for model in backup.carried()}
    assert "articles.SiteImportFile" in hooks.passing - carried
    assert {"articles.SiteImport", "articles.SiteImportLine"} <= carried


def test_an_import_without_its_files_says_so(editor: Any, noon: Any):
    row = begun(editor, noon, item(7))
    row.files.all().delete()  # as a restore does
    assert taken(row, editor, noon).state == State.FAILED


def test_an_error_that_nobody_expected_ends_the_import_and_is_logged(
    editor: Any, noon: Any, monkeypatch: pytest.MonkeyPatch, client_as: Any
):
    row = begun(editor, noon, item(7), item(8))
    moving.choose(row, {"kinds": ["post"], "states": ["publish"]}, by=editor)
    monkeypatch.setattr(moving, "SLICE", -1.0)
    moving.work(noon)
    monkeypatch.setattr(moving.importing, "take_in", lambda *a, **k: 1 / 0)
    with pytest.raises(ZeroDivisionError):  # which the worker logs
        moving.work(noon)
    row.refresh_from_db()
    assert row.state == State.FAILED
    shown = client_as("Manager").get(reverse("admin:articles_article_import", args=[row.pk]))
    assert "1 of 2" in shown.content.decode()
    moving.work(noon)  # and does not try again


# -- in the dashboard -----------------------------------------------------------------------------


def test_an_editor_goes_through_all_steps(client_as: Any, noon: Any, ines: Any):
    client = client_as("Editor")
    file = SimpleUploadedFile("old.xml", export(item(7), item(8, kind="page")).encode())
    page = client.post(START, {"export": file}, follow=True)
    assert "Reading the export" in page.content.decode()
    moving.work(noon)
    here = page.redirect_chain[-1][0]
    shown = client.get(here).content.decode()
    assert "Posts: 1" in shown
    assert f'value="{ines.pk}"' in shown
    chosen = {"kinds": ["post", "page"], "states": ["publish"], "author-0": str(ines.pk)}
    assert "0 of 2 posts and pages" in client.post(here, chosen, follow=True).content.decode()
    moving.work(noon)
    shown = client.get(here).content.decode()
    made = Article.objects.get(slug="text-7")
    assert reverse("admin:articles_article_change", args=[made.pk]) in shown
    row = SiteImport.objects.get()
    line = row.lines.get(article=made)
    done = reverse("admin:articles_article_import_done", args=[row.pk, line.line])
    shown = client.post(done, {"done": ""}, follow=True).content.decode()
    assert "Text 7" not in shown
    assert "Text 7" in client.get(f"{here}?show=all").content.decode()
    client.post(reverse("admin:articles_article_import_delete", args=[row.pk]))
    assert not SiteImport.objects.exists()
    assert Article.objects.filter(pk=made.pk).exists()


def test_nothing_chosen_changes_nothing(client_as: Any, editor: Any, noon: Any):
    row = begun(editor, noon, item(7))
    here = reverse("admin:articles_article_import", args=[row.pk])
    assert "at least one" in client_as("Manager").post(here, {}, follow=True).content.decode()
    row.refresh_from_db()
    assert row.state == State.READY


@pytest.mark.parametrize("role", ["Author", "Clinical reviewer", "Receptionist"])
def test_who_may_not_publish_may_not_import(
    role: str, client_as: Any, editor: Any, make_user: Any, noon: Any
):
    row = begun(editor, noon, item(7))
    client = client_as(role)
    assert client.get(START).status_code == 403
    for name in ("import", "import_pictures", "import_delete"):
        page = reverse(f"admin:articles_article_{name}", args=[row.pk])
        assert client.post(page).status_code == 403
    with pytest.raises(PermissionDenied):
        moving.begin(b"", "x", by=make_user(role, username="somebody"), at=noon)
    assert SiteImport.objects.get().state == State.READY
