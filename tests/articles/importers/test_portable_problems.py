"""What stands in the way of an import: told with file and line, and nothing is changed."""

import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from PIL import Image as Pillow

from articles.import_problems import NotImported
from articles.importers.portable import folder
from articles.importers.portable.importing import take_in
from articles.models import Article, Edition, Reference, Topic
from clinic.models import Image, Redirect
from clinic.site.content_version import current_version

AT = datetime(2026, 9, 1, 12, 0, tzinfo=UTC)
GOOD = "---\ntitle: Stairs\ntopics: [Knee]\n---\n\nThe knee carries much.\n"
KEYED = "---\ntitle: Stairs\n{}\n---\n\nThe knee carries much.\n"
SOURCE = {"id": "hu2018", "type": "article-journal", "title": "Needling", "DOI": "10.1097/MD.11225"}


@pytest.fixture(autouse=True)
def _own_media(settings: Any, tmp_path: Any) -> None:
    """Pictures of no other test, and none that another test takes away."""
    settings.MEDIA_ROOT = tmp_path / "own-media"


def png(colour: str = "red") -> bytes:
    out = io.BytesIO()
    Pillow.new("RGB", (30, 20), colour).save(out, "PNG")
    return out.getvalue()


def problems_of(root: Path, files: dict[str, str | bytes]) -> list[str]:
    """The lines that an import with --publish of these files gives."""
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(NotImported) as refusal:
        take_in(folder.read(root, UTC), publish=True, at=AT)
    return list(map(str, refusal.value.problems))


def stored_pictures() -> set[str]:
    return set(default_storage.listdir("images")[1]) if default_storage.exists("images") else set()


def counts() -> tuple[int, ...]:
    return tuple(m.objects.count() for m in (Article, Edition, Reference, Topic, Image, Redirect))


@pytest.mark.parametrize(
    ("front", "line", "told"),
    [
        ("titel: Knees", 3, "“titel” is not a valid key here. Did you mean “title”?"),
        ("wordpress_id: 3", 3, "“wordpress_id” is not a valid key here. Valid keys: title, slug"),
        ("slug: a\nslug: b", 4, "“slug” appears twice here."),
        ("slug: Ankle & foot", 3, "slug: "),
        ("slug: admin", 3, "is reserved for the site’s own pages"),
        ("kind: post", 3, "kind: "),
        ("summary: [a]", 3, "put “['a']” in quotes"),
        ("summary: " + "x" * 601, 3, "not 601"),
        ("certainty: sure", 3, "certainty: "),
        ("author: nobody", 3, "There is no practitioner “nobody”."),
        ("summary: a\nreviewer: nobody", 4, "There is no practitioner “nobody”."),
        ("services: [needles]", 3, "There is no service “needles”."),
        ("services: needles", 3, "enter a list"),
        ("topics: [true]", 3, "put “True” in quotes"),
        ("topics: [" + "x" * 81 + "]", 3, "80"),
        ("related: [nowhere]", 3, "There is no article or page “nowhere”."),
        ("related: ['page:nowhere']", 3, "There is no article or page “page:nowhere”."),
        ("menu: 10", 3, "Only pages"),
        ("kind: page\nmenu: first", 4, "a whole number"),
        ("key_takeaways:\n- 1\n- b", 3, "put “1” in quotes"),
        ("faq:\n- question: Why?", 3, "each entry needs “question” and “answer”"),
        ("faq:\n- {question: Why, anwser: So}", 3, "use only these: question, answer"),
        ("faq: Why?", 3, "enter a list"),
        ("faq:\n- {question: Why, answer: 'So [@nobody2020].'}", 3, "nobody2020"),
        ("key_takeaways: ['So [@nobody2020].']", 3, "nobody2020"),
        ("seo: {titel: a}", 3, "use only these: title, description"),
        ("seo: a", 3, "use only these: title, description"),
        ("seo: {title: " + "x" * 71 + "}", 3, "70"),
        ("state: live", 3, "“live” is not a valid state. Use one of: draft, scheduled, published."),
        ("state: scheduled", 3, "Enter the go-live date under “dates: goes_live”"),
        ("dates: {published: yesterday}", 3, "“yesterday” is not a valid date."),
        ("dates: {published: 2026-13-45}", 2, "is not YAML"),
        ("updates:\n- {date: 2026-01-01}", 3, "each entry needs “date” and “note”"),
        ("summary: a: b", 3, "is not YAML: mapping values are not allowed here."),
        ("summary: 'a", 4, "is not YAML: found unexpected end of stream."),
        ("summary: a\n\tb", 4, "is not YAML"),
        ("summary: \x07", 3, "is not YAML"),
        ('summary: "\\0"', 2, "characters that are not allowed"),
        ('summary: "\\ud800"', 3, "is not YAML: found invalid Unicode"),
        ("topics: &all [*all]", 2, "nested too deeply, or too long"),
        ("hero: media/none.webp", 3, "There is no file “media/none.webp” in the “media” folder."),
        ("hero: media/../stairs.md", 3, "in the “media” folder"),
        ("hero: /etc/hostname", 3, "in the “media” folder"),
        ("redirects: [a/b]", 3, "“a/b” is not a valid slug."),
    ],
)
def test_front_matter(db: None, tmp_path: Path, front: str, line: int, told: str) -> None:
    before = counts()
    found = problems_of(tmp_path, {"stairs.md": KEYED.format(front)})
    assert any(p.startswith(f"stairs.md:{line}: ") and told in p for p in found), found
    assert counts() == before


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("No front matter.\n", "stairs.md:1: There is no front matter."),
        ("---\ntitle: Stairs\n", "stairs.md:1: There is no front matter."),
        ("---\n- a\n---\n", "stairs.md:2: The front matter must be “key: value” lines."),
        ("---\nslug: a\n---\n\nText.\n", "stairs.md:1: title: "),
        ("---\ntitle: A\n---\n", "stairs.md:4: The body is empty."),
        ("---\ntitle: A\n---\n\n\nGood.\n\nBad [@none].\n", "stairs.md:8: "),
        (
            "---\ntitle: A\n---\na\n\n![B](media/../a.png)\n",
            "stairs.md:6: There is no file “media/../a.png”",
        ),
        (
            "---\ntitle: A\n---\na\n![B](media/%2e%2e/a.png)\n",
            "stairs.md:5: There is no file “media/../a.png”",
        ),
        ("---\ntitle: A\n---\n\nGood.\n\nb\x00d\n", "stairs.md:7: This line contains a null byte."),
        ("---\ntitle: A\n---\n\nW\xfcrde\n".encode("latin-1"), "stairs.md:5: This is not UTF-8."),
        (GOOD.encode("utf-16"), "stairs.md:1: This is not UTF-8."),
    ],
)
def test_texts(db: None, tmp_path: Path, text: str | bytes, problem: str) -> None:
    found = problems_of(tmp_path, {"stairs.md": text, "a.png": png()})
    assert len(found) == 1
    assert found[0].startswith(problem)


@pytest.mark.parametrize(
    ("files", "problem"),
    [
        ({"a.live.md": GOOD}, "a.live.md:1: There is no a.md in the same folder."),
        ({"a.md": GOOD, "b.md": KEYED.format("slug: a")}, "b.md:3: a.md has the same slug."),
        (
            {"a.md": GOOD, "a.live.md": KEYED.format("state: draft")},
            "a.live.md:3: “state” is taken from a.md. Change it there.",
        ),
        (
            {"a.md": GOOD, "a.live.md": KEYED.format("kind: page")},
            "a.live.md:3: This is not the same kind as a.md.",
        ),
        (
            {"a.md": GOOD, "a.scheduled.md": GOOD},
            "a.md:1: Enter the go-live date of a.scheduled.md under “dates: goes_live”.",
        ),
        ({"a.md": GOOD, "media.json": "[\n{]"}, "media.json:2: This is not JSON: "),
        ({"a.md": GOOD, "media.json": "{}"}, "media.json:1: Expected a list here"),
        ({"a.md": GOOD, "media.json": "[\n3]"}, "media.json:2: Expected an object here"),
        ({"a.md": GOOD, "topics.json": '[{"name": "\\u0000"}]'}, "topics.json:1: This contains"),
        (
            {"a.md": GOOD, "media.json": '[\n\n{"file": "media/a.png"}]'},
            "media.json:3: There is no file “media/a.png” in the “media” folder.",
        ),
        (
            {"media/a.png": png(), "media.json": '[{"file": "media/a.png", "credits": "me"}]'},
            "media.json:1: “credits” is not a valid key here. Valid keys: file, alt",
        ),
        (
            {"media/a.png": png(), "media.json": '[{"file": "media/a.png", "focal": [2, 0]}]'},
            "media.json:1: focal_x: ",
        ),
        (
            {"a.md": KEYED.format("hero: media/a.png"), "media/a.png": b"<svg onload='x'>"},
            "a.md:3: media/a.png: This file type is not supported.",
        ),
        (
            {"a.md": KEYED.format("hero: media/a.png"), "media/a.png": png()},
            "a.md:3: The hero image has no alt text.",
        ),
        ({"topics.json": '[\n{"name": "Hip"}]'}, "topics.json:2: : "),
        (
            {"topics.json": '[{"name": "Hip", "slug": "hip", "services": ["no"]}]'},
            "topics.json:1: There is no service “no”.",
        ),
        (
            {"topics.json": '[{"name": "A", "slug": "a"}, {"name": "A", "slug": "b"}]'},
            "topics.json:1: b: ",
        ),
        (
            {"topics.json": '[{"name": "A", "slug": "a", "place": "tail"}]'},
            "topics.json:1: a: ",
        ),
        ({"references.json": '[\n{"title": "Needling"}]'}, "references.json:2: key: "),
        ({"references.json": '[{"id": "A b", "title": "N"}]'}, "references.json:1: key: Lowercase"),
        (
            {"references.json": json.dumps([SOURCE, {**SOURCE, "id": "other"}])},
            "references.json:1: This source is already in the library as “hu2018”.",
        ),
    ],
)
def test_folders(db: None, tmp_path: Path, files: dict[str, str | bytes], problem: str) -> None:
    before, pictures = counts(), stored_pictures()
    found = problems_of(tmp_path, files)
    assert any(p.startswith(problem) for p in found), found
    assert counts() == before
    assert stored_pictures() == pictures


def test_another_doi_under_a_key_of_ours(chys: Any, tmp_path: Path) -> None:
    other = json.dumps([{**SOURCE, "id": "chys2023"}])
    assert problems_of(tmp_path, {"references.json": other}) == [
        "references.json:1: “chys2023” is already the key of another source: Clinical "
        "Effectiveness of Dry Needling. Use a different key."
    ]


def test_a_doi_of_ours_under_another_key(chys: Any, tmp_path: Path) -> None:
    other = json.dumps([{**SOURCE, "DOI": "https://doi.org/" + chys.doi.upper()}])
    assert problems_of(tmp_path, {"references.json": other}) == [
        "references.json:1: This source is already in the library as “chys2023”. "
        "Cite it with that key."
    ]


def test_an_address_that_another_text_had(db: None, tmp_path: Path) -> None:
    Redirect.objects.create(path="/articles/stairs/", to_path="/articles/knees/")
    found = problems_of(tmp_path, {"stairs.md": KEYED.format("slug: stairs")})
    assert [p.split("“")[0] for p in found] == ["stairs.md:3: "]


def test_a_link_cannot_lead_out_of_the_folder(db: None, tmp_path: Path) -> None:
    (tmp_path / "secret.png").write_bytes(png())
    root = tmp_path / "folder"
    (root / "media").mkdir(parents=True)
    (root / "media" / "a.png").symlink_to(tmp_path / "secret.png")
    found = problems_of(root, {"a.md": KEYED.format("hero: media/a.png")})
    assert found == ["a.md:3: There is no file “media/a.png” in the “media” folder."]


def test_a_fault_in_the_last_file_leaves_nothing_of_the_others(db: None, tmp_path: Path) -> None:
    before, pictures, version = counts(), stored_pictures(), current_version()
    found = problems_of(
        tmp_path,
        {
            "a.md": GOOD + "\n![Red](media/fault.png)\n\n[@hu2018]\n",
            "b.md": KEYED.format("redirects: [bb]"),
            "references.json": json.dumps([SOURCE]),
            "media/fault.png": png("salmon"),
            "z.md": GOOD + "\nSo it is [@none2020].\n",
        },
    )
    assert [p.split(": ")[0] for p in found] == ["z.md:8"]
    assert counts() == before
    assert stored_pictures() == pictures
    assert current_version() == version


def test_a_picture_that_was_there_before_a_fault_stays(db: None, tmp_path: Path) -> None:
    good = {"a.md": GOOD + "\n![Red](media/kept.png)\n", "media/kept.png": png("plum")}
    for name, content in good.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    take_in(folder.read(tmp_path, UTC), publish=True, at=AT)
    problems_of(tmp_path, {"b.md": GOOD + "\n[@none2020]\n"})
    assert default_storage.exists(Image.objects.get().file.name)


def test_the_command_tells_a_line_for_each(
    db: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.md").write_text(KEYED.format("author: nobody"))
    (tmp_path / "b.md").write_text("Nothing")
    with pytest.raises(CommandError) as refusal:
        call_command("import_articles", tmp_path)
    assert refusal.value.returncode == 1
    assert capsys.readouterr().err.startswith("b.md:1: There is no front matter.")
