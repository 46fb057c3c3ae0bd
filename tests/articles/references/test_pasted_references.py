"""References that people paste are taken apart, and what is doubtful is marked."""

import random
import time

import pytest

from articles.models import Reference
from articles.references import importing
from articles.references.formats.pasted.parsing import parse
from articles.references.formats.reading import open_bibliography
from articles.references.styles import ama
from tests.articles.references import pasted_kinds
from tests.articles.references.pasted_lines import clean_lines, damaged_lines, found_in

CHYS = (
    "Chys M, De Meulemeester K, De Greef I, et al. Clinical effectiveness of dry needling. J Clin "
    "Med. 2023;12(3):1205. doi:10.3390/jcm12031205"
)


def measured(lines, fields_of=found_in):
    """Count the fields: (right, right and marked, wrong, wrong and marked)."""
    right = right_marked = wrong = wrong_marked = 0
    for line in lines:
        parsed = parse(line.text)
        found = fields_of(parsed.csl)
        for name, value in line.fields.items():
            if not value and not found[name]:
                continue
            marked = name in parsed.unsure
            if found[name] == value:
                right, right_marked = right + 1, right_marked + marked
            else:
                wrong, wrong_marked = wrong + 1, wrong_marked + marked
    return right, right_marked, wrong, wrong_marked


def test_clean_lines_are_taken_apart():
    lines = clean_lines()
    assert len(lines) >= 500
    assert {line.style for line in lines} == {"ama", "nlm", "pubmed", "apa", "vancouver"}
    right, right_marked, wrong, wrong_marked = measured(lines)
    assert right / (right + wrong) >= 0.98
    assert wrong_marked >= 0.95 * wrong
    assert right_marked <= 0.03 * right


def test_damaged_lines_are_taken_apart_or_marked():
    right, right_marked, wrong, wrong_marked = measured(damaged_lines(1))
    assert right / (right + wrong) >= 0.95
    assert wrong_marked >= 0.95 * wrong
    assert right_marked <= 0.10 * right


def test_clean_lines_of_other_kinds_are_taken_apart():
    lines = pasted_kinds.clean_lines()
    for kind in pasted_kinds.KINDS:
        own = [line for of, line in lines if of == kind]
        assert len(own) >= 80
        assert {line.style for line in own} == {"ama", "nlm", "apa", "vancouver"}
        right, _marked, wrong, _told = measured(own, pasted_kinds.fields_of)
        assert right / (right + wrong) >= 0.95, kind
    everything = [line for _kind, line in lines]
    right, right_marked, wrong, wrong_marked = measured(everything, pasted_kinds.fields_of)
    assert right / (right + wrong) >= 0.98
    assert wrong_marked >= 0.95 * wrong
    assert right_marked <= 0.10 * right


def test_damaged_lines_of_other_kinds_are_taken_apart_or_marked():
    lines = [line for _kind, line in pasted_kinds.damaged_lines(1)]
    right, right_marked, wrong, wrong_marked = measured(lines, pasted_kinds.fields_of)
    assert right / (right + wrong) >= 0.95
    assert wrong_marked >= 0.95 * wrong
    assert right_marked <= 0.10 * right


@pytest.mark.parametrize(
    ("text", "csl"),
    [
        (
            "Larkmoor Health Board. (2014). Back pain at work. Larkmoor Health Board.",
            {"type": "report", "publisher": "Larkmoor Health Board", "title": "Back pain at work"},
        ),
        (
            "Living with pain. (2020, May 5). Moving Well. https://www.moving.example/pain",
            {"type": "webpage", "container-title": "Moving Well", "title": "Living with pain"},
        ),
        (
            "Alder M. Knees. In: de Wit J, editor. On Joints, Oslo: Norden; 2015, p. 9–11.",
            {"type": "chapter", "container-title": "On Joints", "page": "9-11"},
        ),
        (
            "Alder, M. (2015). Knees. In J. de Wit & O. T. Hollis (Eds.), Joints (2nd ed., "
            "pp. 9–11). Norden.",
            {"type": "chapter", "container-title": "Joints", "edition": "2", "publisher": "Norden"},
        ),
        (
            "Board of Pain. Backs. Board of Pain; 2022. Report No.: BP/22-7.",
            {"type": "report", "number": "BP/22-7", "title": "Backs"},
        ),
    ],
)
def test_forms_of_other_kinds(text, csl):
    found = parse(text).csl
    assert {name: found.get(name) for name in csl} == csl


@pytest.mark.parametrize(
    ("text", "printed", "kind"),
    [
        (CHYS, CHYS, "article-journal"),
        ("Magee DJ. Orthopedic Physical Assessment. 6th ed. Elsevier; 2014.",
         "Magee DJ. Orthopedic Physical Assessment. 6th ed. Elsevier; 2014.", "book"),
        ("World Health Organization. Physical activity. Geneva: World Health Organization; 2020.",
         "World Health Organization. Physical activity. World Health Organization; 2020.", "book"),
        ("Riegert-Johnson D, Westra W. Peutz-Jeghers. In: Riegert-Johnson DL, Roberts M, eds. "
         "Cancer Syndromes. Lark Press; 2009:7-9.",
         "Riegert-Johnson D, Westra W. Peutz-Jeghers. In: Riegert-Johnson DL, Roberts M, eds. "
         "Cancer Syndromes. Lark Press; 2009:7-9.", "chapter"),
        ("Low back pain. Foot Facts. May 5, 2020. Accessed May 6, 2021. https://foot.example/x",
         "Low back pain. Foot Facts. May 5, 2020. Accessed May 6, 2021. https://foot.example/x",
         "webpage"),
        ("Chys, M. (2023). Dry needling (2nd ed.). Lark Press.",
         "Chys M. Dry needling. 2nd ed. Lark Press; 2023.", "book"),
    ],
)  # fmt: skip
def test_kinds_of_sources(text, printed, kind):
    csl = parse(text).csl
    assert (ama.full_entry(csl), csl["type"]) == (printed, kind)


def test_what_is_no_reference_is_none():
    for text in ("", "2023", "Thank you for the good talk about knees.", "—", "10.1000/x"):
        assert not parse(text).is_reference


def test_no_text_breaks_or_holds_the_parser():
    chance = random.Random(3)
    signs = "AaBb.,;:()[]&-–0123 \n\"'<>/"
    texts = ["".join(chance.choices(signs, k=chance.randint(1, 300))) for _n in range(60)]
    texts += [sign * 4_000 for sign in ("A ", "A, ", "a. ", "2020;", "(", "10.1000/(", "A A, ")]
    texts += ["A B, " * 800 + "(2020). T. J, 1(2), 3", "Aa " * 1300, "2020;1:" + "1, 2" * 900]
    for text in texts:
        started = time.process_time()
        parse(text)
        assert time.process_time() - started < 2, text[:40]


def test_pasted_lines_are_imported_as_sources(db, noon):
    lines = (
        f"1. {CHYS}",
        "Ok A. Early walking after a sprain. J Pain 2020, 7, 11-19",
        "Thank you for the good talk.",
    )
    bibliography = open_bibliography("\n".join(lines).encode(), "")
    report = importing.take_in(bibliography, lambda line: importing.Twin.FILL, at=noon)
    assert report.added == ["chys2023", "ok2020", "thankgood"]
    chys, ok, _stub = Reference.objects.order_by("key")
    assert (ama.full_entry(chys.csl), chys.lookup_due_at) == (CHYS, noon)
    assert ok.lookup_due_at is None
    check, stub = (str(note) for note in report.notes)
    assert "Check: " in check
    assert "volume" in check
    assert "thankgood: saved as pasted; complete its details" in stub
