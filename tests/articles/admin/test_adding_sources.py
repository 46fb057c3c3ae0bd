"""Adding a source at the desk as a person does: paste, check, correct, save."""

import json

import httpx
import pytest
from django.urls import reverse

from articles.models import Reference
from articles.references import lookups
from articles.references.columns import columns_of
from articles.references.new_source import find_out
from articles.references.styles import ama

ADD = "/admin/articles/reference/add/"
WALKING = "Ok A, Ng B. Early walking. J Pain. 2020;7(2):11-19. doi:10.1000/walk"


@pytest.fixture
def as_editor(client_as):
    return client_as("Editor")


def posted(page) -> dict:
    """What a browser would send of the form that a page shows."""
    form = page.context["adminform"].form
    data = {}
    for name in form.fields:
        value = form[name].value()
        if name == "source_people":
            for row in value or []:
                for part in ("role", "family", "given", "suffix", "body"):
                    data.setdefault(f"source_people_{part}", []).append(row.get(part, ""))
        elif value not in (None, False):
            data[name] = value
    return data


def test_a_pasted_reference_is_filled_in_checked_and_saved(as_editor):
    page = as_editor.post(ADD, {"fill": "1", "paste": WALKING})
    assert Reference.objects.count() == 0
    assert "Ok A, Ng B. Early walking." in page.text
    assert "lookups are turned off" in page.text
    data = {**posted(page), "source_page": "11-20"}
    assert as_editor.post(ADD, data).status_code == 302
    walking = Reference.objects.get()
    assert (walking.key, walking.doi) == ("ok2020", "10.1000/walk")
    assert ama.full_entry(walking.csl) == WALKING.replace("11-19", "11-20")
    assert walking.lookup_due_at is not None  # it could not be asked


def test_doubtful_fields_are_marked(as_editor):
    page = as_editor.post(ADD, {"fill": "1", "paste": "Ok A. Early walking. J Pain 2020, 7, 11-19"})
    form = page.context["adminform"].form
    assert form.fields["source_volume"].widget.attrs["data-unsure"]
    assert "data-unsure" not in form.fields["source_doi"].widget.attrs
    assert "Check this." in page.text


def test_a_source_that_is_there_is_found_before_it_is_saved(as_editor, chys):
    for text in (chys.doi.upper(), f"https://doi.org/{chys.doi}", ama.full_entry(chys.csl)):
        page = as_editor.post(ADD, {"fill": "1", "paste": text})
        assert page.context["found"].twin == "chys2023"
    data = {"csl": json.dumps({**chys.csl, "DOI": ""}), "key": ""}
    answer = as_editor.post(ADD, data)
    assert "chys2023" in answer.text
    assert Reference.objects.count() == 1
    assert as_editor.post(ADD, {**data, "add_anyway": "on"}).status_code == 302
    assert Reference.objects.filter(kept_apart=True).count() == 1


@pytest.mark.parametrize("text", ["", "\0", "10.1000/none", "36769853", "https://a.example/b"])
def test_what_says_little_offers_the_fields_and_makes_nothing(as_editor, text):
    page = as_editor.post(ADD, {"fill": "1", "paste": text})
    assert page.status_code == 200
    assert page.context["found"].notes
    answer = as_editor.post(ADD, posted(page))
    assert "Enter the title of the source." in answer.text
    assert Reference.objects.count() == 0


def test_the_box_for_experts_is_never_empty(as_editor, chys):
    assert "&quot;type&quot;: &quot;article-journal&quot;" in as_editor.get(ADD).text
    page = as_editor.get(reverse("admin:articles_reference_change", args=[chys.pk]))
    data = {**posted(page), "csl": "null", "source_title": "Another title"}
    as_editor.post(reverse("admin:articles_reference_change", args=[chys.pk]), data)
    chys.refresh_from_db()
    assert chys.csl["title"] == "Another title"


def test_people_are_rows_and_unchanged_names_keep_their_parts(as_editor):
    author = {"family": "Berg", "given": "Jan", "non-dropping-particle": "van der"}
    row = Reference.objects.create(key="a", csl={"type": "book", "title": "T", "author": [author]})
    address = reverse("admin:articles_reference_change", args=[row.pk])
    data = posted(as_editor.get(address))
    assert data["source_people_family"] == ["van der Berg"]
    for part, cell in {
        "role": "editor",
        "family": "",
        "given": "",
        "suffix": "",
        "body": "WHO",
    }.items():
        data[f"source_people_{part}"].append(cell)
    assert as_editor.post(address, data).status_code == 302
    row.refresh_from_db()
    assert (row.csl["author"], row.csl["editor"]) == ([author], [{"literal": "WHO"}])
    data["source_people_given"][1] = "Ada"
    assert "both a person and an organization" in as_editor.post(address, data).text


def test_the_printed_line_follows_the_fields(as_editor, client_as):
    address = "/admin/articles/reference/printed/"
    data = {"source_type": "book", "source_title": "Walking", "source_issued": "2020", "csl": "{"}
    assert as_editor.post(address, data).json() == {"line": "Walking. 2020."}
    assert as_editor.get(address).status_code == 405
    assert client_as("Receptionist").post(address, data).status_code == 403


def client(answer):
    transport = httpx.MockTransport(answer)
    return lambda: lookups.Client(
        "site", "mail@x.example", transport, lambda pause: None, attempts=1
    )


def test_a_doi_is_looked_up(db, settings, noon):
    settings.REFERENCE_LOOKUPS = True
    work = {"type": "journal-article", "title": "Walking &amp; more", "DOI": "10.1000/walk"}
    found = find_out("doi:10.1000/WALK", at=noon, client=client(
        lambda request: httpx.Response(200, json=work)))  # fmt: skip
    assert (found.csl["title"], found.notes, found.ask_later) == ("Walking & more", [], False)
    found = find_out(WALKING, at=noon, client=client(lambda request: httpx.Response(503)))
    assert (found.csl["title"], found.ask_later) == ("Early walking", True)
    assert "is not responding" in found.notes[0]
    found = find_out("10.1000/walk", at=noon, client=client(lambda request: httpx.Response(404)))
    assert "unknown" in found.notes[0]


def test_stubs_are_not_offered_as_citations(as_editor, noon):
    csl = {"type": "document", "title": "10.1000/x", "custom": {"pasted": "10.1000/x"}}
    Reference.objects.create(key="doi-10-1000-x", csl=csl, title="10.1000/x", doi="10.1000/x")
    Reference.objects.create(key="ten2010", csl={"title": "10.1000"}, title="10.1000 steps")
    answer = as_editor.get("/admin/articles/article/suggest/references/?q=10")
    assert [one["value"] for one in answer.json()["found"]] == ["ten2010"]


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("chys2023", "Chys M, De Meulemeester K, De Greef I, et al. Clinical effectiveness of dry "
         "needling in patients with musculoskeletal pain – an umbrella review. Journal of Clinical "
         "Medicine. 2023;12(3):1205."),
        ("chys2023", "Chys, M., et al. (2023). Clinical Effectiveness of Dry-Needling in Patients "
         "with Musculoskeletal Pain: An Umbrella Review. J. Clin. Med., 12(3), 1205."),
        ("chys2023", "doi 10.3390/JCM12031205."),
        ("chys2023", "https://www.mdpi.example/2077-0383/12/3/1205?doi=10.3390%2Fjcm12031205"),
        ("berg2020", "Berg J, Muller K. Knees & hips in co operation. Pain. 2020;1:2."),
        ("berg2020", "van der Berg, J., & Müller, K. (2020). Knees and Hips in Co-operation. "
         "Pain, 1, 2."),
        ("", "Berg J. Knees and hips in co-operation. Pain. 2019;1:2."),
        ("", "Smith J. Knees and hips in co-operation. Pain. 2020;1:2."),
    ],
)  # fmt: skip
def test_the_same_study_is_found_however_it_is_written(db, noon, key, text):
    title = (
        "Clinical Effectiveness of Dry Needling in Patients with Musculoskeletal Pain—An Umbrella "
        "Review"
    )
    people = [{"family": "Chys", "given": "Marjolein"}, {"family": "De Meulemeester", "given": "K"}]
    other = [{"family": "Berg", "given": "Jan", "non-dropping-particle": "van der"}]
    for name, csl in (
        ("chys2023", {"title": title, "author": people, "DOI": "10.3390/jcm12031205",
                      "issued": {"date-parts": [[2023]]}}),
        ("berg2020", {"title": "Knees and hips in co-operation", "author": other,
                      "issued": {"date-parts": [[2020, 5]]}}),
    ):  # fmt: skip
        Reference.objects.create(key=name, csl=csl, **columns_of(csl))
    assert find_out(text, at=noon).twin == key
