"""What programs that export bibliographies do in ways of their own."""

from django.utils import timezone

from articles.models import Reference
from articles.references import importing
from articles.references.styles import ama
from tests.articles.references.test_bibliography_exports import entries, opened


def printed(name: str, number: int) -> str:
    """The entry of this number as AMA prints it, from the journal on."""
    csl = entries(name)[number].csl
    return ama.full_entry(csl).split(ama.plain_title(csl), 1)[1].lstrip(". ")


def test_the_same_paper_from_two_programs_is_one_source(db):
    for name in ("zotero.ris", "endnote_databases.ris"):
        importing.take_in(opened(name), lambda line: importing.Twin.FILL, at=timezone.now())
    page = Reference.objects.get(doi="10.1007/s00277-015-2553-2")
    assert page.csl["URL"] == "https://lens.org/007-189-812-368-705"  # what was first stays
    assert page.csl["title-short"].startswith("Prognostic value")  # what only EndNote says
    assert Reference.objects.count() == 9 + 8 - 1


def test_pubmed_names_bodies_and_cuts_lists_short():
    guideline, consensus, cell, chapter, _online = (e.csl for e in entries("pubmed_2012.nbib"))
    assert guideline["author"][-1] == {"literal": "Guideline Development Group"}
    assert len(guideline["custom"]["nbib"]["FIR"]) == 18
    assert len(consensus["custom"]["nbib"]["CIN"]) == 3
    assert ama.full_entry(consensus).startswith(
        "Nathan DM, Buse JB, Davidson MB, et al; American Diabetes Association; European "
        "Association for Study of Diabetes. Medical management"
    )
    assert cell["author"][-1] == {"literal": "et al."}
    assert ama.full_entry(chapter) == (
        "Riegert-Johnson D, Gleeson FC, Westra W, et al. Peutz-Jeghers Syndrome. In: "
        "Riegert-Johnson DL, Boardman LA, Hefferon T, Roberts M, eds. Cancer Syndromes. National "
        "Center for Biotechnology Information (US); 2009."
    )


def test_a_number_of_the_publisher_is_no_page():
    """Before there is a volume, and where it is Elsevier's; but an article number is one."""
    assert printed("pubmed_2025.nbib", 0) == "Ann Psychiatry Clin Neurosci. 2021;4(1):1042."
    assert printed("pubmed_2025.nbib", 1) == (
        "Wilderness Environ Med. Published online October 7, 2022. doi:10.1016/j.wem.2022.07.008"
    )
    assert printed("pubmed_2019.xml", 0) == (
        "Br J Oral Maxillofac Surg. Published online November 2, 2019. "
        "doi:10.1016/j.bjoms.2019.09.011"
    )


def test_zotero_writes_undefined_for_a_clock():
    assert entries("zotero.ris")[1].csl["issued"] == {"date-parts": [[2019, 10]]}


def test_zotero_keeps_particles_behind_the_given_name():
    csl = entries("zotero.ris")[4].csl
    assert csl["author"][0] == {
        "family": "Doesschate", "given": "T.", "non-dropping-particle": "ten",
    }  # fmt: skip
    assert ama.full_entry(csl).startswith("ten Doesschate T, van der Vaart TW, Damen JAAG, ")


def test_signs_that_latex_names_are_not_lost():
    read = {entry.key: entry.csl for entry in entries("zotero.bib")}
    assert "or of <6 (κ range 0.35–0.78)" in read["botha_reliability_2012"]["abstract"]
    assert "Couples with </=3 cycles" in read["wesselink_age_2017"]["abstract"]
    assert read["zalewski_fdg-pet_2014"]["custom"]["bibtex"]["file"].startswith(
        r"Springer Full Text PDF:C\:\\Users\\reader\\Zotero\\storage\\AHZ9YEKJ\\Zalewski et al."
    )


def test_what_pubmed_shortened_is_printed_in_full():
    read = {entry.key: n for n, entry in enumerate(entries("zotero.bib"))}
    assert printed("zotero.bib", read["craig1381"]).startswith(
        "Med Sci Sports Exerc. 2003;35(8):1381-1395."
    )
    assert printed("zotero.bib", read["bizekis402"]).startswith(
        "Ann Thorac Surg. 2006;82(2):402-406; discussion 406-407."
    )
    cella = entries("zotero.bib")[read["cella570"]].csl
    assert cella["author"][-1] == {"literal": "et al"}


def test_accents_of_better_bibtex_and_mendeley():
    hrv = entries("zotero_better.bib")[0].csl
    assert [name["family"] for name in hrv["author"]][2:] == [
        "Remartínez", "Rovira", "Navarro", "Bailón",
    ]  # fmt: skip
    assert entries("zotero_better.bib")[2].csl["issued"] == {"date-parts": [[2001, 11]]}
    assert entries("zotero_better.bib")[5].csl["ISSN"] == "0010-4825"  # it said isbn
    births = entries("mendeley.bib")[1].csl
    assert [births["author"][n]["family"] for n in (3, 5)] == ["Karlström", "Bäck"]


def test_of_several_addresses_the_first_whole_one_is_the_link():
    normal = entries("mendeley.bib")[3].csl
    assert ama.web_url(normal) == "https://www.ncbi.nlm.nih.gov/pmc/articles/PMC3906784/"
    assert normal["custom"]["bibtex"]["url"].startswith("/pmc/articles/PMC3906784/ /pmc")
    lymphoma = entries("endnote_databases.ris")[2].csl
    assert ama.web_url(lymphoma) == "https://rd.springer.com/article/10.1007/s00277-015-2553-2"
    assert len(lymphoma["custom"]["ris"]["UR"]) == 10


def test_jabref_says_junior_last():
    acne = entries("jabref.bib")[5].csl
    assert acne["author"][0] == {"family": "Fulton", "given": "James E.", "suffix": "Jr."}
    assert printed("jabref.bib", 3).startswith("Journal of Affective Disorders. 2006;92(2-3):149-")
