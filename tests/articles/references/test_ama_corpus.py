"""Real references, to the letter, as style guides and journals print them.

references_ama.json and references_nlm.json name for each its kind, its CSL-JSON, the entry, and its
origin. `compared`: the entry was compared to the letter with a copy of what its origin prints. The
others were written from memory of their origin, or after its rules, as it says. What AMA sets in
italics is not marked.
"""

import json
from pathlib import Path

import pytest

from articles.references.styles import ama, nlm

FOLDER = Path(__file__).parent
AMA = json.loads((FOLDER / "references_ama.json").read_text(encoding="utf-8"))
NLM = json.loads((FOLDER / "references_nlm.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("source", AMA, ids=lambda source: source["ama"][:40])
def test_ama(source):
    assert ama.full_entry(source["csl"]) == source["ama"]


@pytest.mark.parametrize("source", NLM, ids=lambda source: source["nlm"][:40])
def test_nlm(source):
    assert nlm.full_entry(source["csl"]) == source["nlm"]


@pytest.mark.parametrize(("corpus", "least"), [(AMA, 60), (NLM, 25)], ids=["AMA", "NLM"])
def test_the_corpora_are_wide_enough(corpus, least):
    assert len(corpus) >= least
    assert len({source["kind"] for source in corpus}) >= 10
    assert all(source["origin"] and source["compared"] in (True, False) for source in corpus)


def test_nlm_web_pages_and_markup():
    source = {
        "type": "webpage",
        "title": "CO<sub>2</sub> & you <script>",
        "container-title": "Foot Facts",
        "issued": {"date-parts": [[2024, 5]]},
        "accessed": {"date-parts": [[2026, 3, 5]]},
        "URL": "https://foot.example/",
    }
    assert nlm.full_entry(source) == (
        "CO2 & you <script> [Internet]. Foot Facts; 2024 May [cited 2026 Mar 5]. "
        "Available from: https://foot.example/"
    )
    assert nlm.format_reference(source).startswith(
        "CO<sub>2</sub> &amp; you &lt;script&gt; [Internet]."
    )


@pytest.mark.parametrize(
    ("days", "words"),
    [
        ([[2002]], "2002"),
        ([[2002, 4], [2002, 4]], "2002 Apr"),
        ([[2002, 4, 3], [2002, 4, 5]], "2002 Apr 3-5"),
        ([[2002, 4, 30], [2002, 5, 2]], "2002 Apr 30-May 2"),
        ([[2002, 12, 30], [2003, 1, 2]], "2002 Dec 30-2003 Jan 2"),
        ([[2002, 13]], "2002"),
        ([], ""),
    ],
)
def test_nlm_days_of_a_meeting(days, words):
    source = {"type": "paper-conference", "title": "T", "event-title": "Meeting"}
    met = f"; {words}" if words else ""
    assert nlm.format_plain({**source, "event-date": {"date-parts": days}}) == (
        f"T. Paper presented at: Meeting{met}."
    )


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("de", " German."),
        ("nb-NO", " Norwegian Bokmal."),
        ("Portuguese", " Portuguese."),
        ("en-US", ""),
        ("English", ""),
        ("eng", ""),
        ("", ""),
    ],
)
def test_nlm_names_a_language_other_than_english(language, said):
    assert nlm.format_plain({"type": "book", "title": "T", "language": language}) == f"T.{said}"


def test_nlm_theses_read_online():
    source = {"type": "thesis", "title": "T", "URL": "https://thesis.example/"}
    assert nlm.format_plain(source) == "T [dissertation on the Internet]."


def test_ama_says_when_an_article_without_doi_was_read_online():
    source = {
        "type": "article-journal",
        "title": "T",
        "container-title": "J",
        "issued": {"date-parts": [[2020]]},
        "volume": "1",
        "accessed": {"date-parts": [[2026, 3, 5]]},
    }
    assert ama.full_entry(source) == "T. J. 2020;1."
    source |= {"URL": "https://journal.example/"}
    assert ama.full_entry(source) == (
        "T. J. 2020;1. Accessed March 5, 2026. https://journal.example/"
    )
    assert ama.full_entry({**source, "DOI": "10.1234/x"}) == "T. J. 2020;1. doi:10.1234/x"


@pytest.mark.parametrize(
    ("pages", "in_ama", "in_nlm"),
    [
        ("475-82", "475-482", "475-82"),
        ("475–482", "475-482", "475-82"),
        ("S93-9", "S93-S99", "S93-9"),
        ("S6-S12", "S6-S12", "S6-12"),
        ("402-6; discussion 406-7", "402-406; discussion 406-407", "402-6; discussion 406-7"),
        ("321-321", "321", "321"),
        ("555.e1-555.e6", "555.e1-555.e6", "555.e1-555.e6"),
        ("667 e1-667 e8", "667 e1-667 e8", "667 e1-667 e8"),
        ("e128-e135", "e128-e135", "e128-35"),
        ("98-103", "98-103", "98-103"),
        ("12-1", "12-1", "12-1"),
        ("1-A2", "1-A2", "1-A2"),
    ],
)
def test_pages_from_one_to_another(pages, in_ama, in_nlm):
    source = {"type": "article-journal", "title": "T", "volume": "1", "page": pages}
    assert ama.format_plain(source) == f"T. 1:{in_ama}."
    assert nlm.format_plain(source) == f"T. 1:{in_nlm}."


def test_a_number_is_no_range_of_pages():
    source = {"type": "article-journal", "title": "T", "volume": "1", "number": "2019-23"}
    assert ama.format_plain(source) == "T. 1:2019-23."


@pytest.mark.parametrize(
    ("series", "said"),
    [
        ({"collection-title": "Knees"}, " Knees."),
        ({"collection-title": "Knees", "collection-number": "12"}, " Knees no. 12."),
        ({"collection-title": "Knees", "collection-number": "vol 3"}, " Knees vol 3."),
        ({"collection-number": "12"}, ""),
    ],
)
def test_ama_series_of_a_report(series, said):
    source = {"type": "report", "title": "T", "number": "R 7", **series}
    assert ama.format_plain(source) == f"T.{said} R 7."


def test_ama_days_of_a_report():
    source = {"type": "report", "title": "T", "issued": {"date-parts": [[2015, 2, 9]]}}
    assert ama.format_plain(source) == "T. February 9, 2015."
    assert ama.format_plain({**source, "publisher": "P"}) == "T. P; 2015."


def test_ama_newspapers():
    source = {"type": "article-newspaper", "title": "T", "container-title": "N", "section": "C"}
    source |= {"issued": {"date-parts": [[2019, 9, 22]]}}
    assert ama.format_plain({**source, "page": "1"}) == "T. N. September 22, 2019:C1."
    assert ama.format_plain({**source, "page": "C1"}) == "T. N. September 22, 2019:C1."
