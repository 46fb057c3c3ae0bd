"""Damaged files of every format: nothing crashes, and every entry is read or named.

`make test-slow` reads 10,000 of each.
"""

import random

import pytest

from articles.models import Reference
from articles.references import importing
from articles.references.citation_keys import Keys
from articles.references.columns import columns_of
from articles.references.formats.entry import Broken
from articles.references.formats.reading import Unreadable, open_bibliography
from articles.references.styles import ama, nlm
from articles.references.watch import imported
from tests.articles.conftest import NOON
from tests.articles.references.test_bibliography_formats import ONE_IN_EACH
from tests.articles.references.test_bibliography_reading import FOLDER

SHAPES = ("shapes.bib", "shapes.ris", "shapes.nbib", "shapes.xml", "zotero.json")
PASTED = """1. Alpha A, Beta JB. Knees and hips. J Pain. 2020;7(2):11-19. doi:10.1000/knees

Gamma, C. (2021). Backs & necks (2nd ed.). Lark Press.
World Health Organization. Physical activity. World Health Organization; 2020.

PMID: 36769852
https://clinic.example/knees
"""
SAMPLES = {name: (FOLDER / name).read_text("utf-8") for name in SHAPES} | ONE_IN_EACH
SAMPLES["pasted.txt"] = PASTED
SIGNS = "{}[]()<>&;,:=@%\"'\\$#-–\n\t\0 é\ufeff\u202e0aZ"


def damaged(text: str, chance: random.Random) -> bytes:
    """Cut, double, swap or put in signs, one to six times; sometimes in another encoding."""
    for _wound in range(chance.randint(1, 6)):
        start = chance.randrange(len(text) + 1)
        end = min(len(text), start + chance.choice((1, 1, 2, 5, 40, 200)))
        piece = text[start:end]
        new = chance.choice((
            "", piece * 2, piece[::-1], piece.swapcase(), chance.choice(SIGNS),
            "".join(chance.choices(SIGNS, k=8)), piece.replace("\n", ""), piece + "\n",
        ))  # fmt: skip
        text = text[:start] + new + text[end:]
    encoding = chance.choice(("utf-8",) * 8 + ("cp1252", "utf-16"))
    return text.encode(encoding, errors="replace")


def read_all(content: bytes, name: str) -> None:
    try:
        bibliography = open_bibliography(content, name)
        found = list(bibliography)
    except Unreadable:
        return
    assert sum(one.entries if isinstance(one, Broken) else 1 for one in found) >= bibliography.held
    for one in found:
        if isinstance(one, Broken):
            assert one.why
            assert one.line >= 1
        else:
            assert ama.full_entry(one.csl).strip()
            assert nlm.full_entry(one.csl).strip()
            assert Keys([]).make(one.csl, one.key)
            columns_of(one.csl)
            list(imported.findings(one.csl))


def damage(name: str, times: int, seed: int) -> None:
    chance = random.Random(seed)
    for n in range(times):
        content = damaged(SAMPLES[name], chance)
        try:
            read_all(content, name)
        except Exception as error:
            raise AssertionError(f"{name}, {n}: {content!r}") from error


@pytest.mark.parametrize("name", SAMPLES)
def test_damaged_files_are_read_or_named(name):
    damage(name, 25, 1)


@pytest.mark.slow
@pytest.mark.parametrize("name", SAMPLES)
def test_ten_thousand_damaged_files_of_each_format(name):
    damage(name, 10_000, 2)


def import_damaged(name: str, times: int, seed: int) -> None:
    """Import damaged files: each entry that was read is in the library, or named in the report."""
    chance, in_library = random.Random(seed), Reference.objects.count()
    for _n in range(times):
        content = damaged(SAMPLES[name], chance)
        try:
            found = list(open_bibliography(content, name))
        except Unreadable:
            continue
        bibliography = open_bibliography(content, name)
        report = importing.take_in(bibliography, lambda line: importing.Twin.FILL, at=NOON)
        told = [report.added, report.filled, report.already, report.problems]
        assert sum(map(len, told)) >= len(found), content
        assert all(problem.message for problem in report.problems), content
        in_library += len(report.added)
        keys = {*report.added, *report.filled, *report.already}
        assert Reference.objects.filter(key__in=keys).count() == len(keys), content
    assert Reference.objects.count() == in_library


@pytest.mark.parametrize("name", SAMPLES)
def test_what_damaged_files_hold_is_imported_or_reported(name, db):
    import_damaged(name, 3, 3)


@pytest.mark.slow
@pytest.mark.parametrize("name", SAMPLES)
def test_a_thousand_damaged_files_of_each_format_are_imported_or_reported(name, db):
    import_damaged(name, 1_000, 4)
