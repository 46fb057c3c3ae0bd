"""Books, chapters, guidelines, reports and web pages as people paste them, in four styles.

Most are invented, of parts that real references have: bodies as authors, subtitles, places,
editions, page ranges, days of reading; the others are those of the corpora. APA and Vancouver are
printed by citeproc-py (print_lines), AMA and NLM by us. A field counts where the line holds its
value.
"""

import json
import random
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from articles.references.csl import names_of, surname, text_of
from articles.references.styles import ama, nlm
from tests.articles.references.pasted_lines import (
    HERE,
    Csl,
    Line,
    _break_lines,
    _commas,
    _dots_in_names,
    _long_dashes,
    _no_final_dot,
    _number,
    _spaces,
    folded,
    others,
)

_ACCIDENTS = (
    _break_lines, _number, _long_dashes, _no_final_dot, _spaces, _commas, _dots_in_names,
)  # fmt: skip
KINDS = ("book", "chapter", "guideline", "report", "webpage")
OF_EACH = 20
_PEOPLE = (
    ("Alder", "Mira"), ("Brandt-Olsen", "Kai"), ("Castellanos", "Rosa M."), ("de Wit", "Jan"),
    ("Eklund", "Nils P."), ("Farrow", "Edith"), ("Grüneberg", "Ute"), ("Hollis", "Owen T."),
    ("Ibarra", "Luz"), ("Jansson", "Per"), ("Kowalczyk", "Ewa"), ("Lindqvist", "Tomas"),
)  # fmt: skip
_BODIES = (
    "National Institute of Joint Health", "College of Spine Therapists", "Larkmoor Health Board",
    "Council on Safe Exercise", "Agency for Quality of Care", "Northern Alliance for Pain Research",
)  # fmt: skip
_SUBJECTS = (
    "low back pain", "neck pain at work", "frozen shoulder", "knee osteoarthritis",
    "ankle sprains", "tennis elbow", "pelvic floor training", "chronic widespread pain",
    "hand injuries", "falls in older adults",
)  # fmt: skip
_TITLES = {
    "book": ("Understanding {}", "The Physiotherapy of {}", "Managing {}: a practical handbook",
             "Essentials of {}"),
    "chapter": ("Assessment of {}", "Exercise therapy for {}", "When is imaging needed in {}?",
                "Manual treatment of {}: what is known"),
    "guideline": ("Guideline on {}", "Management of {}: clinical practice guideline",
                  "Diagnosis and treatment of {}"),
    "report": ("The burden of {}", "Health services for {}: a national review",
               "Costs of {} in primary care"),
    "webpage": ("Exercises for {}", "What helps against {}?", "Living with {}",
                "Frequently asked questions about {}"),
}  # fmt: skip
_BOOKS = (
    "Handbook of Musculoskeletal Care", "Rehabilitation in Practice",
    "Principles of Manual Therapy",
)  # fmt: skip
_HOUSES = (
    ("Larkspur Press", "Port Ellery"), ("Norden Academic", "Oslo"), ("Millbrook & Sons", "Toronto"),
    ("Westhaven University Press", "Westhaven"), ("Altmark Verlag", "Berlin"),
)  # fmt: skip
_SITES = ("Joint Health Online", "Moving Well", "Patient Guide")


@cache
def made() -> tuple[tuple[str, Csl], ...]:
    """Return the sources by kind, always the same ones."""
    chance = random.Random(11)
    return tuple((kind, _make(kind, n, chance)) for kind in KINDS for n in range(OF_EACH))


def _make(kind: str, number: int, chance: random.Random) -> Csl:
    pattern = _TITLES[kind][number % len(_TITLES[kind])]
    title = pattern.format(_SUBJECTS[number % len(_SUBJECTS)])
    house, town = chance.choice(_HOUSES)
    year = chance.randint(1996, 2026)
    csl: Csl = {"title": title[0].upper() + title[1:], "issued": {"date-parts": [[year]]}}
    names = [{"family": f, "given": g} for f, g in chance.sample(_PEOPLE, chance.randint(1, 4))]
    body = {"literal": chance.choice(_BODIES)}
    slug = "-".join(title.lower().replace("?", "").replace(":", "").split())
    if kind in ("book", "chapter"):
        csl |= {"type": kind, "author": names, "publisher": house, "publisher-place": town}
        if number % 3 == 0:
            csl["edition"] = str(chance.randint(2, 9))
    if kind == "chapter":
        start = chance.randint(1, 400)
        others_ = [p for p in _PEOPLE if p[0] not in {name["family"] for name in names}]
        csl |= {
            "container-title": chance.choice(_BOOKS),
            "editor": [{"family": f, "given": g} for f, g in chance.sample(others_, 2)],
            "page": f"{start}-{start + chance.randint(3, 40)}",
        }
    if kind in ("guideline", "report"):
        author = [body] if number % 4 else names
        csl |= {"type": "report", "author": author}
        csl["publisher"] = chance.choice(_BODIES) if number % 4 == 0 else body["literal"]
        if number % 2:
            csl["URL"] = f"https://{slug[:20].strip('-')}.example/{slug}.pdf"
            csl["accessed"] = {"date-parts": [[year + 1, 5, 6]]}
    if kind == "webpage":
        csl |= {"type": "webpage", "container-title": chance.choice(_SITES)}
        csl["URL"] = f"https://www.moving.example/{slug}"
        csl["accessed"] = {"date-parts": [[year + 1, chance.randint(1, 12), 14]]}
        csl["issued"] = {"date-parts": [[year, chance.randint(1, 12), chance.randint(1, 28)]]}
        if number % 4 == 1:
            csl["author"] = names
        elif number % 4:
            csl["author"] = [body]
    return csl


def of_the_corpora() -> list[tuple[str, Csl]]:
    """Return the real books, chapters, reports and web pages of the two corpora."""
    found: dict[str, Csl] = {}
    for name in ("references_ama.json", "references_nlm.json"):
        for entry in json.loads((HERE / name).read_text("utf-8")):
            csl = entry["csl"]
            if csl["type"] in ("book", "chapter", "report", "webpage") and ama.year(csl):
                found.setdefault(key_of(csl), csl)
    return [(csl["type"], csl) for csl in found.values()]


def clean_lines() -> list[tuple[str, Line]]:
    """Return every source in every style, with its kind."""
    return [(kind, line) for kind, csl in [*made(), *of_the_corpora()] for line in _printed(csl)]


def damaged_lines(seed: int) -> list[tuple[str, Line]]:
    """Return each line once more after one or two accidents that lose nothing."""
    chance = random.Random(seed)
    return [(kind, _damaged(line, chance)) for kind, line in clean_lines()]


def _damaged(line: Line, chance: random.Random) -> Line:
    text, fields = line.text, dict(line.fields)
    for accident in chance.sample(_ACCIDENTS, chance.choice((1, 1, 2))):
        text = accident(text, fields, chance)
    return Line(line.style, text, fields)


def _printed(csl: Csl) -> Iterator[Line]:
    texts = {"ama": ama.full_entry(csl), "nlm": nlm.full_entry(csl)}
    texts |= others().get(key_of(csl), {})
    for style, text in texts.items():
        inside = folded(text)
        fields = {name: value for name, value in fields_of(csl).items() if _is_in(value, inside)}
        if "issued" in fields and "author" not in fields and names_of(csl, "author"):
            continue  # the style has lost its people
        yield Line(style, text, fields)


def key_of(csl: Csl) -> str:
    """Return what the printed lines of a source are stored under."""
    return f"{csl['type']}: {ama.plain_title(csl)}, {ama.year(csl)}"


def _is_in(value: Any, inside: str) -> bool:
    values = value if isinstance(value, list) else [value]
    return bool(value) and all(folded(each) in inside for each in values)


def fields_of(csl: Csl) -> dict[str, Any]:
    """Return what is compared of a source, as `folded` compares it."""
    return {
        "author": [folded(surname(name)) for name in names_of(csl, "author")],
        "editor": [folded(surname(name)) for name in names_of(csl, "editor")],
        "title": folded(ama.plain_title(csl)),
        "issued": ama.year(csl),
        "container-title": folded(text_of(csl, "container-title")),
        "publisher": folded(text_of(csl, "publisher")),
        "edition": re.sub(r"\D", "", text_of(csl, "edition")),
        "page": folded(ama.pages_of(csl)),
        "URL": folded(text_of(csl, "URL")),
    }
