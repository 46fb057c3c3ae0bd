"""The reference library at the desk: paste, preview, duplicates, downloads."""

import json

import pytest
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from articles.models import Reference, ReferenceNotice, ReferenceUpload
from articles.publishing import publish, withdraw
from clinic.site import content_version

IMPORT = "/admin/articles/reference/import/"
DUPLICATES = "/admin/articles/reference/duplicates/"
RIS = "TY  - JOUR\nTI  - Needles <script>\nPY  - 2020\nAU  - Ok, Ada\nDO  - 10.1000/n\nER  - \n"


@pytest.fixture
def as_editor(client_as):
    return client_as("Editor")


def test_a_paste_is_shown_then_added(as_editor):
    answer = as_editor.post(IMPORT, {"text": RIS + "TI  - lost\n"})
    preview = answer.url
    page = as_editor.get(preview)
    assert page.context["counts"] == {"new": 1, "there": 0, "broken": 1}
    assert "<script>" not in page.text.split("ok2020")[1][:200]
    assert Reference.objects.count() == 0
    version = content_version.current_version()
    report = as_editor.post(preview).context["report"]
    assert (report.added, len(report.problems)) == (["ok2020"], 1)
    assert content_version.current_version() != version
    assert ReferenceUpload.objects.count() == 0
    assert as_editor.get(preview).status_code == 404


def test_what_is_there_is_merged_by_choice(as_editor):
    as_editor.post(as_editor.post(IMPORT, {"text": RIS}).url)
    more = RIS.replace("PY", "VL  - 7\nPY")
    preview = as_editor.post(IMPORT, {"text": more}).url
    [step] = as_editor.get(preview).context["there"]
    assert (step.twin, step.same) == ("ok2020", "DOI")
    as_editor.post(preview, {"all": "fill", f"line-{step.entry.line}": "leave"})
    assert "volume" not in Reference.objects.get().csl
    as_editor.post(as_editor.post(IMPORT, {"text": more}).url, {"all": "fill"})
    assert Reference.objects.get().csl["volume"] == "7"
    as_editor.post(as_editor.post(IMPORT, {"text": more}).url, {"all": "add"})
    assert Reference.objects.count() == 2


def test_a_file_is_taken_and_old_uploads_go(as_editor, editor):
    old = timezone.now() - timezone.timedelta(days=2)
    ReferenceUpload.objects.create(name="old", content=b"x", by=editor, created_at=old)
    file = SimpleUploadedFile("a.ris", RIS.encode())
    assert as_editor.post(IMPORT, {"file": file}).status_code == 302
    assert [upload.name for upload in ReferenceUpload.objects.all()] == ["a.ris"]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ({"text": " "}, "Paste text or choose a file"),
        ({"file": ("a.bin", b"\x00")}, "not a text file"),
        ({"file": ("a.xml", b"<!DOCTYPE a [<!ENTITY b 'c'>]><PubmedArticle>&b;")}, "entities"),
        ({"text": "x", "file": ("a.ris", b"TY  - JOUR")}, "Paste text or choose a file, not both"),
    ],
)
def test_what_cannot_be_read_is_said_and_the_text_stays(as_editor, data, says):
    if "file" in data:
        data = {**data, "file": SimpleUploadedFile(*data["file"])}
    answer = as_editor.post(IMPORT, data)
    assert answer.status_code == 200
    assert says in answer.text
    assert data.get("text", "").strip() in answer.text


@pytest.mark.parametrize("role", ["Receptionist", "Practitioner"])
def test_others_are_refused(client_as, role):
    other = client_as(role)
    for url in (IMPORT, DUPLICATES, "/admin/articles/reference/references.json"):
        assert other.get(url).status_code == 403


def test_anonymous_visitors_sign_in_first(client, db):
    for url in (IMPORT, DUPLICATES, "/admin/articles/reference/references.json"):
        assert client.get(url).status_code == 302


def test_an_upload_is_shown_to_its_owner_only(client_as, as_editor):
    preview = as_editor.post(IMPORT, {"text": RIS}).url
    assert client_as("Author").get(preview).status_code == 404


@pytest.fixture
def twins(db):
    csl = {"type": "book", "title": "Needles", "DOI": "10.1000/n"}
    return [
        Reference.objects.create(
            key=key, csl=csl, title="Needles", doi="10.1000/n", kept_apart=key == "two"
        )
        for key in ("one", "two")
    ]


def test_duplicates_are_shown_and_made_one(as_editor, twins):
    one, two = twins
    [group] = as_editor.get(DUPLICATES).context["groups"]
    assert (group.references, group.reasons) == (twins, ["DOI", "title, year and first author"])
    assert "The same DOI, title" in as_editor.get(DUPLICATES).text
    answer = as_editor.post(DUPLICATES, {"of": [one.pk, two.pk], "keep": two.pk}, follow=True)
    assert "Merged into two." in answer.text
    one.refresh_from_db()
    assert one.merged_into == two
    assert as_editor.get(DUPLICATES).context["groups"] == []
    again = as_editor.post(DUPLICATES, {"of": [one.pk, two.pk], "keep": two.pk}, follow=True)
    assert "already been merged" in again.text
    listed = as_editor.get(reverse("admin:articles_reference_changelist") + "?q=one")
    assert [row.key for row in listed.context["cl"].result_list] == ["two"]


def test_authors_see_duplicates_but_do_not_merge(client_as, twins):
    author = client_as("Author")
    assert author.get(DUPLICATES).status_code == 200
    data = {"of": [row.pk for row in twins], "keep": twins[0].pk}
    assert author.post(DUPLICATES, data).status_code == 403


def test_the_list_finds_what_is_missing(as_editor, chys, twins):
    url = reverse("admin:articles_reference_changelist")

    def keys(query: str) -> list[str]:
        return [row.key for row in as_editor.get(url + query).context["cl"].result_list]

    assert keys("?missing=pmid") == ["chys2023", "one", "two"]
    assert keys("?missing=doi") == []
    assert keys("?missing=use") == ["chys2023", "one", "two"]
    assert keys("?q=2023") == ["chys2023"]


def test_downloads(as_editor, chys, twins, make_article):
    article = make_article(body="As shown [@chys2023].")
    base = "/admin/articles/reference/references"
    whole = json.loads(as_editor.get(f"{base}.json").content)
    assert [entry["id"] for entry in whole] == ["chys2023", "one", "two"]
    one = as_editor.get(f"{base}.bib?key=chys2023")
    assert one["Content-Disposition"] == 'attachment; filename="chys2023.bib"'
    assert one.text.count("@") == 1
    cited = as_editor.get(f"{base}.ris?article={article.pk}").text
    assert cited.count("TY  - ") == 1
    for wrong in (f"{base}.doc", f"{base}.json?key=nobody", f"{base}.json?article=0"):
        assert as_editor.get(wrong).status_code == 404


def test_the_page_of_a_reference(as_editor, chys):
    page = as_editor.get(reverse("admin:articles_reference_change", args=[chys.pk])).text
    assert "references.bib?key=chys2023" in page
    assert "Not cited by any edition." in page


@pytest.fixture
def merged(make_article):
    """`new2020`, into which `old2020` was merged: two texts cite the old key, one of them both."""
    new = Reference.objects.create(key="new2020", title="N", csl={"type": "book", "title": "N"})
    old = Reference.objects.create(key="old2020", title="N", csl={"type": "book", "title": "N"})
    for slug, body in (("first", "So [@old2020]."), ("both", "So [@old2020; @new2020].")):
        publish(make_article(slug=slug, title=slug, body=body), by=None, at=timezone.now())
    old.merged_into = new
    old.save()
    return new


def test_the_list_counts_each_article_once_by_whichever_key(merged, as_editor):
    [row] = as_editor.get("/admin/articles/reference/").context["cl"].result_list
    assert (row.key, row.articles) == ("new2020", 2)


def test_the_page_of_a_source_says_where_it_is_used_and_what_became_of_it(merged, as_editor):
    address = reverse("admin:articles_reference_change", args=[merged.pk])
    withdraw(merged.merged.get().citations.get(edition__slug="first").edition.article, by=None,
             at=timezone.now())  # fmt: skip
    notice = ReferenceNotice.objects.create(
        reference=merged.merged.get(), kind="retraction", source="Crossref", found_at=timezone.now()
    )
    page = as_editor.get(address).content.decode()
    assert reverse("admin:articles_referencenotice_change", args=[notice.pk]) in page
    assert ">Retraction</a>" in page
    assert page.index(">both</a> · live") < page.index(">first</a> · only in editions that are not")
    assert "old2020" in page
    assert "  &quot;title&quot;: &quot;N&quot;" in page  # a field a line


def test_who_may_only_look_sees_the_page_too(merged, client, make_user):
    reader = make_user()
    reader.user_permissions.add(Permission.objects.get(codename="view_reference"))
    client.force_login(reader, "django.contrib.auth.backends.ModelBackend")
    page = client.get(reverse("admin:articles_reference_change", args=[merged.pk]))
    assert page.status_code == 200
    assert "old2020" in page.content.decode()


def test_a_new_source_is_used_nowhere_yet(as_editor):
    page = as_editor.get("/admin/articles/reference/add/").content.decode()
    assert "id_csl" in page
