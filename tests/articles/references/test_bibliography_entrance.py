"""What programs write oddly is read right in every format, or the report says so."""

import json

import pytest
from django.utils import timezone

from articles.models import Reference, ReferenceNotice
from articles.references import importing
from articles.references.formats import writing
from articles.references.formats.entry import Broken, Entry
from articles.references.formats.reading import open_bibliography
from articles.references.styles import ama, nlm
from articles.references.watch import imported


def read(text: str, name: str = "") -> Entry:
    [found] = open_bibliography(text.encode(), name)
    assert isinstance(found, Entry), found
    return found


def bib(**fields: str) -> str:
    inside = ", ".join(f"{name} = {{{value}}}" for name, value in fields.items())
    return f"@article{{key, {inside}}}"


def ris(*lines: str, kind: str = "JOUR") -> str:
    return "\n".join([f"TY  - {kind}", *lines, "ER  - ", ""])


def nbib(*lines: str) -> str:
    return "\n".join(["PMID- 123456", "TI  - A title.", *lines, ""])


def csl(**fields) -> str:
    return json.dumps([{"type": "article-journal", "title": "T", **fields}])


def enw(*lines: str) -> str:
    return "\n".join(["%0 Journal Article", *lines, ""])


# Entities and tags


@pytest.mark.parametrize(
    ("text", "field", "value"),
    [
        (ris("TI  - T", "JO  - Nutrition &amp; Metabolism"), "container-title",
         "Nutrition & Metabolism"),
        (bib(title="T", journal="Nutrition {\\&}amp$\\mathsemicolon$ Metabolism"),
         "container-title", "Nutrition & Metabolism"),
        (bib(title="T", journal="Nutrition \\&amp; Metabolism"), "container-title",
         "Nutrition & Metabolism"),
        (csl(title="Pain&#x2013;free &#8211; or not"), "title", "Pain–free – or not"),
        (nbib("JT  - Health &amp;amp; Place"), "container-title", "Health & Place"),
        (bib(title="Of $\\less$i$\\greater$Homo$\\less$/i$\\greater$"), "title", "Of <i>Homo</i>"),
        (bib(title="{\\textless}sub{\\textgreater}2{\\textless}/sub{\\textgreater}"), "title",
         "<sub>2</sub>"),
        (ris("TI  - VO&lt;sub&gt;2&lt;/sub&gt; max"), "title", "VO<sub>2</sub> max"),
        (ris("TI  - In <em>vivo</em> <p>and</p> <jats:sup>2</jats:sup>"), "title",
         "In <i>vivo</i> and <sup>2</sup>"),
        (enw("%T Knees &quot;and&quot; hips&nbsp;too"), "title", 'Knees "and" hips too'),
        (csl(publisher="<i>Lark</i> &amp; Sons"), "publisher", "Lark & Sons"),
        (ris("TI  - p &lt; 0.05 & R&D;"), "title", "p < 0.05 & R&D;"),
        (csl(URL="https://a.example/?b=1&amp;copy=2"), "URL", "https://a.example/?b=1&copy=2"),
    ],
)  # fmt: skip
def test_entities_and_tags_are_undone(text, field, value):
    assert read(text).csl[field] == value


def test_names_lose_entities_and_tags():
    entry = read(ris("TI  - T", "AU  - M&uuml;ller, J&ouml;rg", "AU  - <i>Ok</i>, A"))
    assert entry.csl["author"] == [
        {"family": "Müller", "given": "Jörg"},
        {"family": "Ok", "given": "A"},
    ]


def test_italics_in_titles_are_printed():
    source = {"type": "book", "title": "Of <i>Homo &amp; sapiens</i> and <b>us</b>"}
    for style in (ama, nlm):
        assert "Of <i>Homo" in style.format_reference(source)
        assert "<b>" not in style.format_reference(source)


# People

ALPHA_BETA = [{"family": "Alpha", "given": "Ann"}, {"family": "Beta", "given": "Bob"}]
SHORT = [{"family": "Alpha", "given": "A"}, {"family": "Beta", "given": "B"}]
DOTTED = [{"family": "Alpha", "given": "A."}, {"family": "Beta", "given": "J.B."}]


@pytest.mark.parametrize(
    ("text", "people"),
    [
        (bib(title="T", author="Alpha A, Beta B, Gamma CD"),
         [*SHORT, {"family": "Gamma", "given": "CD"}]),
        (bib(title="T", author="Alpha, A.; Beta, J.B."), DOTTED),
        (bib(title="T", author="Alpha, Ann \\& Beta, Bob"), ALPHA_BETA),
        (bib(title="T", author="Alpha, A., Beta, J.B."), DOTTED),
        (bib(title="T", author="Alpha A, Beta B, et al."), [*SHORT, {"literal": "et al"}]),
        (ris("TI  - T", "AU  - Alpha, Ann; Beta, Bob"), ALPHA_BETA),
        (ris("TI  - T", "AU  - Alpha A, Beta B"), SHORT),
        (ris("TI  - T", "AU  - Alpha, Ann and Beta, Bob"), ALPHA_BETA),
        (enw("%T T", "%A Alpha, Ann; Beta, Bob"), ALPHA_BETA),
        (nbib("AU  - Alpha A, Beta B"), SHORT),
        (csl(author=[{"literal": "Alpha, Ann; Beta, Bob"}]), ALPHA_BETA),
        (csl(author=[{"family": "Alpha A, Beta B"}]), SHORT),
        ("PT J\nAU Alpha, Ann; Beta, Bob\nTI T\nER\n", ALPHA_BETA),
    ],
)  # fmt: skip
def test_a_list_of_people_in_one_field(text, people):
    entry = read(text)
    assert entry.csl["author"] == people
    assert "several people" not in entry.note


@pytest.mark.parametrize(
    "author",
    [
        "Smith \\& Nephew", "{World Health Organization}", "King, Martin L., Jr.",
        "van der Berg, Jan",
        "World Health Organization", "Centers for Disease Control {and} Prevention",
        "Lewis Smith, J", "D'Souza, Rita Maria", "Wong Kee Song, Louis M.", "hooks, bell",
    ],
)  # fmt: skip
def test_one_name_stays_one(author):
    entry = read(bib(title="T", author=author))
    assert (len(entry.csl["author"]), entry.note) == (1, "")


@pytest.mark.parametrize(
    "author", ["Ann Alpha, Bob Beta", "Alpha, Beta, Gamma", "A & B, C", "{Alpha A, Beta B}"]
)
def test_what_may_be_several_people_is_told(author):
    assert "looks like several people" in read(bib(title="T", author=author)).note


# Identifiers


@pytest.mark.parametrize(
    ("text", "field", "value"),
    [
        (ris("TI  - T", "UR  - https://doi.org/10.1000/abc"), "DOI", "10.1000/abc"),
        (ris("TI  - T", "L3  - http://dx.doi.org/10.1000/abc"), "DOI", "10.1000/abc"),
        (ris("TI  - T", "N1  - doi: 10.1000/abc."), "DOI", "10.1000/abc"),
        (ris("TI  - T", "UR  - https://w.example/doi/full/10.1000/abc/full?x=1"), "DOI",
         "10.1000/abc"),
        (ris("TI  - T", "UR  - https://a.example/", "UR  - https://doi.org/10.1000/abc"), "DOI",
         "10.1000/abc"),
        (ris("TI  - T", "UR  - https://pubmed.ncbi.nlm.nih.gov/36769853/"), "PMID", "36769853"),
        (bib(title="T", note="PMID: 36769853"), "PMID", "36769853"),
        (bib(title="T", url="http://www.ncbi.nlm.nih.gov/pubmed/36769853"), "PMID", "36769853"),
        (bib(title="T", url="https://www.ncbi.nlm.nih.gov/pmc/articles/PMC9917679/"), "PMCID",
         "PMC9917679"),
        (bib(title="T", url="https://b.example/doi/pdf/10.1000%2Fabc.pdf"), "DOI", "10.1000/abc"),
        (bib(title="T", doi="DOI 10.1000/abc."), "DOI", "10.1000/abc"),
        (csl(URL="https://bmj.example/content/10.1000/abc"), "DOI", "10.1000/abc"),
        (enw("%T T", "%U https://doi.org/10.1000/abc"), "DOI", "10.1000/abc"),
        (csl(PMID="PMID: 36769853"), "PMID", "36769853"),
    ],
)  # fmt: skip
def test_identifiers_land_in_their_field(text, field, value):
    assert read(text).csl[field] == value


@pytest.mark.parametrize(
    "note", ["Comment on doi:10.1000/b", "10.1000/b and 10.1000/c", "Erratum in: PMID: 36769853"]
)
def test_a_note_about_another_source_gives_no_identifier(note):
    assert not {"DOI", "PMID"} & read(ris("TI  - T", f"N1  - {note}")).csl.keys()


# Notices

RETRACTED_IN = "RIN - J Pain. 2021 Mar 5;7(2):9. doi: 10.1000/notice. PMID: 654321"


def xml(kind: str) -> str:
    return (
        "<?xml version='1.0'?><PubmedArticleSet><PubmedArticle><MedlineCitation>"
        "<PMID>123456</PMID><Article><ArticleTitle>A title.</ArticleTitle></Article>"
        f"<CommentsCorrectionsList><CommentsCorrections RefType='{kind}'><RefSource>J Pain. 2021 "
        "Mar 5;7(2):9. doi: 10.1000/notice</RefSource><PMID>654321</PMID></CommentsCorrections>"
        "</CommentsCorrectionsList></MedlineCitation></PubmedArticle></PubmedArticleSet>"
    )


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        (nbib("PT  - Journal Article", "PT  - Retracted Publication"), ["retraction"]),
        (nbib("PT  - Retracted Publication", RETRACTED_IN), ["retraction"]),
        (nbib(RETRACTED_IN), ["retraction"]),
        (nbib(RETRACTED_IN.replace("RIN", "EIN")), ["correction"]),
        (nbib(RETRACTED_IN.replace("RIN", "ECI")), ["concern"]),
        (nbib(RETRACTED_IN.replace("RIN", "CRI")), ["correction"]),
        (nbib(RETRACTED_IN.replace("RIN", "CIN")), []),
        (xml("RetractionIn"), ["retraction"]),
        (xml("ErratumIn"), ["correction"]),
        (xml("ExpressionOfConcernIn"), ["concern"]),
        (xml("CommentIn"), []),
        (json.dumps({"status": "ok", "message": {
            "DOI": "10.1000/a", "title": ["T"], "type": "journal-article",
            "updated-by": [{"DOI": "10.1000/notice", "type": "retraction"}]}}), ["retraction"]),
    ],
)  # fmt: skip
def test_an_imported_entry_makes_the_notice_of_the_watch(db, text, kinds):
    importing.take_in(open_bibliography(text.encode(), ""), decide, at=timezone.now())
    assert [notice.kind for notice in ReferenceNotice.objects.all()] == kinds
    importing.take_in(open_bibliography(text.encode(), ""), decide, at=timezone.now())
    assert ReferenceNotice.objects.count() == len(kinds)


def decide(line: int) -> importing.Twin:
    return importing.Twin.FILL


@pytest.mark.parametrize("tag", ["ROF", "EFR", "ECF"])
def test_the_record_of_a_notice_tells_of_the_source_that_it_names(tag):
    [finding] = imported.findings(read(nbib(RETRACTED_IN.replace("RIN", tag))).csl)
    assert (finding.doi, finding.pmid) == ("10.1000/notice", "654321")
    assert str(next(imported.findings(read(nbib(RETRACTED_IN)).csl)).noticed_on) == "2021-03-05"


# Entries that are hardly entries


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("@article{title = {T}, doi = {10.1000/a}}", ""),
        ("@article{, title = {T}}", ""),
        ("@article{Not A Key, title = {T}}", "Not A Key"),
        ("@article{O'Brien(2020), title = {T}}", "O'Brien(2020)"),
        ("@article{müller:2020+, title = {T}}", "müller:2020+"),
        ("@article{10.1000/a(b), title = {T}}", "10.1000/a(b)"),
        ("@article{key title = {T}}", "key"),
        ("@article\n{key, title = {T}}", "key"),
        ("@article(key, title = {T})", "key"),
        ("@ARTICLE{2020, title = {T}}", "2020"),
    ],
)
def test_bibtex_entries_with_odd_keys_are_taken(text, key):
    entry = read(text, "a.bib")
    assert (entry.key, entry.csl["title"]) == (key, "T")


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("@inproceedings{a, booktitle = {Walking}, year = 2020}", "Walking"),
        ("@book{a, booktitle = {Walking}}", "Walking"),
        ("@article{a, journal = {Walking}}", "Walking"),
        ("@misc{a, doi = {10.1000/a}}", "doi:10.1000/a"),
        (ris("AU  - Ok, Ada", "DO  - 10.1000/a"), "doi:10.1000/a"),
        (ris("AU  - Ok, Ada", "JO  - Walking"), "Walking"),
        ("PMID- 123456\nAU  - Ok A\n", "PMID 123456"),
        (json.dumps([{"type": "book", "DOI": "10.1000/a"}]), "doi:10.1000/a"),
        (enw("%A Ok, Ada", "%R 10.1000/a"), "doi:10.1000/a"),
        ("PT J\nAU Ok, A\nSO Walking\nER\n", "Walking"),
    ],
)
def test_an_entry_without_title_gets_what_it_has_and_is_told(text, title):
    entry = read(text)
    assert entry.csl["title"] == title
    assert "no title" in entry.note
    assert ama.format_plain(entry.csl).startswith(title) or entry.csl.get("author")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("@article\n@book{b, title = {T}}", 1),
        ("@book{b, title = {T}}\n@article Needles, 2020", 2),
        ("@book{b, title = {T}}\n@article{c, year = 2020}", 2),
        (ris("TI  - T") + ris("AU  - Ok, Ada"), 4),
        (enw("%T T") + enw("%A Ok, Ada"), 3),
        ('[{"title": "T"},\n{"type": "book", "author": []}]', 2),
    ],
)
def test_what_says_nothing_is_told_with_its_line(text, line):
    found = list(open_bibliography(text.encode(), ""))
    assert [one.line for one in found if isinstance(one, Broken)] == [line]
    assert [one.csl["title"] for one in found if isinstance(one, Entry)] == ["T"]


# Supplements, web pages, reports


@pytest.mark.parametrize(
    ("volume", "issue", "printed"),
    [
        ("35 Suppl 2", "", "35(suppl 2):S1-S10"),
        ("35 Suppl", "", "35(suppl):S1-S10"),
        ("35(Suppl 2)", "", "35(suppl 2):S1-S10"),
        ("35 Supplement 2", "", "35(suppl 2):S1-S10"),
        ("35 Suppl. 2", "4", "35(4 suppl 2):S1-S10"),
        ("35", "suppl_2", "35(suppl 2):S1-S10"),
        ("35", "Supplement 2", "35(suppl 2):S1-S10"),
        ("35", "4 Suppl 2", "35(4 suppl 2):S1-S10"),
        ("35", "4_suppl", "35(4 suppl):S1-S10"),
        ("35", "4 Suppl 2 Pt 1", "35(4 suppl 2 pt 1):S1-S10"),
        ("35 Suppl 2", "Suppl 2", "35(suppl 2):S1-S10"),
        ("35", "4", "35(4):S1-S10"),
    ],
)
def test_supplements(volume, issue, printed):
    fields = [f"VI  - {volume}", f"IP  - {issue}", "PG  - S1-10", "TA  - J Pain", "DP  - 2020"]
    assert ama.format_plain(read(nbib(*fields)).csl) == f"A title. J Pain. 2020;{printed}."


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        (ris("TI  - T", "UR  - https://a.example/", "N1  - Accessed 5 May 2020", kind="ELEC"),
         "T. Accessed May 5, 2020. https://a.example/"),
        (ris("TI  - T", "UR  - https://a.example/", "Y2  - 2020/05/05/", kind="GEN"),
         "T. Accessed May 5, 2020. https://a.example/"),
        ("@misc{a, title={T}, howpublished={\\url{https://a.example/}}, "
         "note={Accessed: 2020-05-05}}",
         "T. Accessed May 5, 2020. https://a.example/"),
        ("@misc{a, title={T}, url={https://a.example/}, note={[Accessed May 5, 2020]}}",
         "T. Accessed May 5, 2020. https://a.example/"),
        ("@online{a, title={T}, url={https://a.example/}, lastchecked={5 May 2020}}",
         "T. Accessed May 5, 2020. https://a.example/"),
        ("@online{a, title={T}, url={https://a.example/}, urldate={2020-05-05}}",
         "T. Accessed May 5, 2020. https://a.example/"),
        ("%0 Web Page\n%T T\n%I Foot Facts\n%U https://a.example/\n%[ May 5, 2020\n",
         "T. Foot Facts. Accessed May 5, 2020. https://a.example/"),
        ("@misc{a, title={T}, url={https://a.example/}, "
         "note={Retrieved on 5 May 2020 from a page}}",
         "T. Accessed May 5, 2020. https://a.example/"),
        ("@techreport{a, title={T}, institution={Lark}, number={R7}, year=2020}",
         "T. Lark; 2020. R7."),
        ("%0 Report\n%T T\n%I Lark\n%D 2020\n%N R7\n", "T. Lark; 2020. R7."),
        (ris("TI  - T", "PB  - Lark", "PY  - 2020", kind="RPRT"), "T. Lark; 2020."),
        ("@phdthesis{a, title={T}, school={Lark}, year=2020}", "T. PhD thesis. Lark; 2020."),
    ],
)  # fmt: skip
def test_web_pages_and_reports(text, printed):
    assert ama.full_entry(read(text).csl) == printed


def test_bibtex_is_written_for_bibtex_and_biber():
    source = {
        "id": "a", "type": "article-journal", "title": "T", "container-title": "J", "volume": "7",
        "issue": "2", "issued": {"date-parts": [[2020, 5, 6]]},
    }  # fmt: skip
    written = writing.bibtex([source])
    for field in ("journal = {J},", "number = {2},", "year = {2020},", "month = may,"):
        assert f"\n  {field}\n" in written
    assert read(written).csl["issued"] == {"date-parts": [[2020, 5, 6]]}


def test_entries_without_key_get_one(db):
    text = "@article{title={Walking}, author={Ok, Ada}, year=2020}\n@article{A b, title={Knees}}"
    importing.take_in(open_bibliography(text.encode(), ""), decide, at=timezone.now())
    assert sorted(Reference.objects.values_list("key", flat=True)) == ["knees", "ok2020"]
