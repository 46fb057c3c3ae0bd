"""Real references, to the letter, as style guides and journals print them.

references_ama.json names for each its kind, where the expected entry comes from, its CSL-JSON and
the entry; some have the NLM's form too. What AMA sets in italics is not marked there.
"""

import json
from pathlib import Path

import pytest

from articles import ama, nlm

CORPUS = json.loads((Path(__file__).parent / "references_ama.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("source", CORPUS, ids=lambda source: source["ama"][:40])
def test_ama(source):
    assert ama.full_entry(source["csl"]) == source["ama"]


@pytest.mark.parametrize(
    "source", [source for source in CORPUS if "nlm" in source], ids=lambda s: s["nlm"][:40]
)
def test_nlm(source):
    assert nlm.full_entry(source["csl"]) == source["nlm"]


def test_the_corpus_is_wide_enough():
    assert len(CORPUS) >= 60
    assert len({source["kind"] for source in CORPUS}) >= 10
    assert all(source["origin"] for source in CORPUS)


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
