"""Each format is read whole: every field has a place, and what could not be read is told.

The files shapes.* are made by hand: they hold what no export of a program shows together.
"""

import json
from pathlib import Path

import pytest

from articles.references import identifiers
from articles.references.formats import dates, latex, names, nbib, plain, ris
from articles.references.formats.entry import Broken, Entry
from articles.references.formats.reading import (
    Bibliography,
    open_bibliography,
)

FOLDER = Path(__file__).parent / "bibliographies"


def opened(name: str) -> Bibliography:
    return open_bibliography((FOLDER / name).read_bytes(), name)


def entries(name: str) -> list[Entry]:
    return [found for found in opened(name) if isinstance(found, Entry)]


def problems(name: str) -> list[Broken]:
    return [found for found in opened(name) if isinstance(found, Broken)]


def test_bibtex():
    chys = entries("shapes.bib")[0]
    assert (chys.key, chys.line, chys.fields) == ("chys_clinical_2023", 4, 18)
    assert chys.csl == {
        "type": "article-journal",
        "title": "Clinical Effectiveness of Dry Needling and VO<sub>2</sub> in "
        "<i>Homo sapiens</i>: 50% & more – “why”",
        "volume": "12",
        "ISSN": "2077-0383",
        "URL": "https://www.example.org/2077-0383/12/3/1205",
        "DOI": "10.3390/jcm12031205",
        "abstract": "An abstract with naïve accents.",
        "language": "en",
        "issue": "3",
        "accessed": {"date-parts": [[2026, 3, 5]]},
        "container-title": "Journal of Clinical Medicine",
        "author": [
            {"family": "Chys", "given": "Marjolein"},
            {"family": "Müller", "given": "Jörg"},
            {"family": "Berg", "given": "Jan", "non-dropping-particle": "van der"},
            {"family": "Nagy-Kovács", "given": "Ádám"},
            {"literal": "World Health Organization"},
            {"family": "King", "given": "Martin", "suffix": "Jr."},
            {"literal": "others"},
        ],
        "issued": {"date-parts": [[2023, 2]]},
        "note": "Number: 3",
        "keyword": "dry needling, pain",
        "page": "1205-1210",
        "custom": {
            "bibtex": {
                "copyright": "http://creativecommons.org/licenses/by/3.0/",
                "file": "Full Text:files/2/chys.pdf:application/pdf",
            }
        },
    }
    assert chys.aside == ("copyright", "file")


@pytest.mark.parametrize(
    ("archive", "number", "field"),
    [
        ("pubmed", "36769852", "PMID"),
        ("pmid", "36769852", "PMID"),
        ("pmcid", "PMC9917679", "PMCID"),
    ],
)
def test_bibtex_numbers_of_archives(archive: str, number: str, field: str):
    source = f"@article{{a, title = {{T}}, eprint = {{{number}}}, eprinttype = {{{archive}}}}}"
    [found] = open_bibliography(source.encode(), "a.bib")
    assert isinstance(found, Entry)
    assert (found.csl[field], found.aside) == (number, ())


def test_bibtex_follows_crossref_and_joins_subtitles():
    by_key = {entry.key: entry.csl for entry in entries("shapes.bib")}
    assert by_key["kid"] == {
        "type": "paper-conference",
        "title": "Early walking",
        "author": [{"family": "Doe", "given": "Jane"}],
        "page": "1-2",
        "container-title": "Proceedings of Walking",
        "publisher": "Lark Press",
        "issued": {"date-parts": [[1999]]},
    }
    assert by_key["good"]["title"] == "Good after bad: A lesson"
    assert by_key["good"]["issued"] == {"date-parts": [[2001, 5, 6]]}
    assert by_key["good"]["number-of-pages"] == "300"


def test_an_unbalanced_entry_is_told_and_spoils_no_other():
    bibliography = opened("shapes.bib")
    assert bibliography.held == 5
    assert [entry.key for entry in entries("shapes.bib")] == [
        "chys_clinical_2023", "kid", "par", "good",
    ]  # fmt: skip
    [problem] = problems("shapes.bib")
    assert problem.line == 33
    assert "brace" in problem.why


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (r"{\'E}tude", "Étude"),
        (r"\'{e}t\'e", "été"),
        (r"{\"\i}", "ï"),
        (r"\c{c}a \v{s} {\o} {\ss} {\L}{\'o}d{\'z}", "ça š ø ß Łódź"),
        (r"$\alpha$-blocker", "α-blocker"),
        (r"CO$_2$ and m$^{2}$", "CO<sub>2</sub> and m<sup>2</sup>"),
        (r"p $<$ 0.05", "p < 0.05"),
        (r"p {\textless} 0.05 \textbar{} \mbox{x}\newline y", "p < 0.05 | x y"),
        (r"100% sure & 5 # more", "100% sure & 5 # more"),
        (r"costs \$5", "costs $5"),
        (r"\emph{in \textbf{very} vivo}", "<i>in <b>very</b> vivo</i>"),
        (r"x~y --- z", "x y — z"),
        (r"\unknown{kept}", "kept"),
        ("{" * 5000 + "deep" + "}" * 5000, "deep"),
        ("\\a{" * 3000 + "x", None),
    ],
)
def test_latex(raw, text):
    if text is None:
        assert isinstance(latex.decode(raw), str)
    else:
        assert latex.decode(raw) == text


def test_ris():
    hu, chapter, odd = entries("shapes.ris")
    assert hu.key == "42"
    assert hu.fields == 27
    assert hu.csl == {
        "type": "article-journal",
        "author": [
            {"family": "Hu", "given": "Han-Tong"},
            {"family": "Gao", "given": "Hong"},
            {"family": "King", "given": "Martin", "suffix": "Jr."},
            {"literal": "Dry Needling Group"},
        ],
        "title": "Is dry needling effective for low back pain?",
        "container-title": "Medicine",
        "container-title-short": "Medicine (Baltimore)",
        "issued": {"date-parts": [[2018, 6, 29]]},
        "page": "e11225",
        "volume": "97",
        "issue": "26",
        "ISSN": "1536-5964",
        "DOI": "10.1097/MD.0000000000011225",
        "PMID": "29952980",
        "PMCID": "PMC6039647",
        "source": "PubMed",
        "keyword": "Dry Needling; Low Back Pain/*therapy",
        "abstract": "First line of the abstract and its second line.",
        "language": "eng",
        "note": "A note",
        "URL": "https://example.org/hu",
        "custom": {"ris": {"DP": ["NLM"], "L1": ["internal-pdf://hu.pdf"]}},
    }
    assert chapter.csl == {
        "type": "chapter",
        "author": [{"family": "Doe", "given": "Jane"}],
        "editor": [{"family": "Roe", "given": "Richard"}],
        "title": "A chapter",
        "container-title": "The whole book",
        "edition": "3rd",
        "publisher": "Lark Press",
        "publisher-place": "London",
        "issued": {"date-parts": [[2004]]},
        "accessed": {"date-parts": [[2026, 3, 5]]},
        "page": "585-606",
        "ISBN": "978-0-00-000000-2",
    }
    assert odd.csl["custom"] == {"ris": {"TY": ["XYZZ"]}}
    assert not problems("shapes.ris")


def test_a_ris_record_without_its_type_is_told_and_spoils_no_other():
    lost, whole = ris.read("TI  - Lost\nAU  - Ok, Ada\n\nTY  - BOOK\nTI  - Whole\nER  - ")
    assert isinstance(lost, Broken)
    assert isinstance(whole, Entry)
    assert whole.csl == {"type": "book", "title": "Whole"}


def test_nbib():
    [chys] = entries("shapes.nbib")
    assert chys.csl["title"].endswith("Musculoskeletal Pain-An Umbrella Review")
    assert chys.csl["author"] == [
        {"family": "Chys", "given": "Marjolein"},
        {"family": "Kindt", "given": "Wouter"},
        {"literal": "The Pain Group"},
    ]
    assert chys.csl["DOI"] == "10.3390/jcm12031205"
    assert chys.csl["PMID"] == "36769853"
    assert chys.csl["issued"] == {"date-parts": [[2023, 2, 2]]}
    assert chys.csl["container-title-short"] == "J Clin Med"
    assert chys.csl["language"] == "en"
    assert chys.csl["custom"]["kind"] == "Review"
    assert set(chys.aside) == {"OWN", "LID", "AUID", "AD", "PT", "SO"}


def test_nbib_initials_without_full_names():
    text = "PMID- 1\nTI  - T.\nAU  - King ML Jr\nAU  - van der Berg J\nCN  - Group\n"
    [entry] = nbib.read(text)
    assert entry.csl["author"] == [
        {"family": "King", "given": "ML", "suffix": "Jr"},
        {"family": "van der Berg", "given": "J"},
        {"literal": "Group"},
    ]


def test_pubmed_xml():
    [hu] = entries("shapes.xml")
    assert hu.line == 4
    assert hu.csl["title"] == "Is dry needling <i>effective</i> for CO<sub>2</sub>?"
    assert hu.csl["author"] == [{"family": "Hu", "given": "Hai-Tao"}, {"literal": "Group X"}]
    assert hu.csl["abstract"] == "BACKGROUND: Abc\nRESULTS: Def"
    assert hu.csl["PMCID"] == "PMC6039647"
    assert hu.csl["custom"]["kind"] == "Systematic review"
    assert hu.csl["custom"]["pubmed"]["AffiliationInfo/Affiliation"] == ["Wenling"]
    assert "ReferenceList" in hu.aside


@pytest.mark.parametrize("name", ["shapes.bib", "shapes.ris", "shapes.nbib", "shapes.xml"])
def test_every_word_of_a_file_lands_somewhere(name):
    """Of each value the longest run of letters or digits stands in the entries again."""
    landed = json.dumps([entry.csl for entry in entries(name)], ensure_ascii=False)
    for raw in VALUES[name]:
        assert raw in landed, raw


VALUES = {
    "shapes.bib": ["2077-0383", "creativecommons", "chys.pdf", "1205-1210", "Number: 3", "pain"],
    "shapes.ris": ["internal-pdf", "PMC6039647", "NLM", "therapy", "second line", "606"],
    "shapes.nbib": ["0000-0003-1", "Ghent", "J Clin Med. 2023 Feb 2", "2077-0383"],
    "shapes.xml": ["Wenling", "e11225", "1536-5964", "Meta-Analysis", "2018"],
}


def test_pasted_lines():
    found = list(
        plain.read("10.3390/jcm12031205\n\nPMID: 29952980\nOk A. Walking. doi:10.1000/x.\n2023")
    )
    assert [entry.line for entry in found] == [1, 3, 4, 5]
    assert [entry.csl.get("DOI") for entry in found] == [
        "10.3390/jcm12031205", None, "10.1000/x", None,
    ]  # fmt: skip
    assert found[1].csl["PMID"] == "29952980"
    assert found[1].key == "pmid29952980"
    assert found[2].csl["title"] == "Ok A. Walking. doi:10.1000/x."
    assert "PMID" not in found[3].csl  # a year


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("2023 Feb 2", {"date-parts": [[2023, 2, 2]]}),
        ("2023/02/02/", {"date-parts": [[2023, 2, 2]]}),
        ("2023///", {"date-parts": [[2023]]}),
        ("2018 Jul-Aug", {"date-parts": [[2018, 7], [2018, 8]]}),
        ("2018 Dec-2019 Jan", {"date-parts": [[2018, 12], [2019, 1]]}),
        ("2019 Spring", {"date-parts": [[2019]], "season": 1}),
        ("1999/2001", {"date-parts": [[1999], [2001]]}),
        ("Nov./2001", {"date-parts": [[2001, 11]]}),
        ("Apr 2019", {"date-parts": [[2019, 4]]}),
        ("Lent 2019", {"literal": "Lent 2019"}),
        ("2019/10//undefined", {"date-parts": [[2019, 10]]}),
        ("in press", {"literal": "in press"}),
        ("2023-13", {"date-parts": [[2023]]}),
        ("", {}),
    ],
)
def test_dates(text, date):
    assert dates.parse(text) == date


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("King, Martin L., Jr.", {"family": "King", "given": "Martin L.", "suffix": "Jr."}),
        ("al, et", {"literal": "et al"}),
        ("Veer, Emil ter", {"family": "Veer", "given": "Emil", "non-dropping-particle": "ter"}),
        ("hooks, bell noor", {"family": "hooks", "given": "bell noor"}),
        ("Organisation,", {"literal": "Organisation"}),
    ],
)
def test_names_before_a_comma(text, name):
    assert names.from_commas(text) == name


def test_endnote_names_a_journal_of_pubmed_the_other_way_round():
    text = "TY  - JOUR\nTI  - T\nDP  - NLM\nJ2  - BMJ (Clinical research ed.)\nT2  - Bmj\nER  - \n"
    [entry] = ris.read(text)
    assert entry.csl["container-title"] == "BMJ (Clinical research ed.)"
    assert entry.csl["container-title-short"] == "Bmj"


def test_endnote_says_the_day_without_its_year():
    [page] = ris.read("TY  - JOUR\nTI  - T\nPY  - 2021\nDA  - Mar 29\nER  - \n")
    assert page.csl["issued"] == {"date-parts": [[2021, 3, 29]]}
    [page] = ris.read("TY  - JOUR\nTI  - T\nPY  - 2021\nDA  - Michaelmas\nER  - \n")
    assert page.csl["issued"] == {"date-parts": [[2021]]}
    assert page.csl["custom"] == {"ris": {"DA": ["Michaelmas"]}}


def test_serial_numbers():
    assert identifiers.issns("1552-6259 (Electronic) 0003-497x 15526259") == "1552-6259, 0003-497X"
    assert identifiers.issns("none") == "none"


def test_a_doi_ends_where_the_sentence_does():
    assert identifiers.doi_in("(see doi:10.1000/a(b)c).") == "10.1000/a(b)c"
    assert identifiers.doi_in("https://doi.org/10.1000/x;") == "10.1000/x"
    assert identifiers.bare_doi("10.1000/x y") == ""
