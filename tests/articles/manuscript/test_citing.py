"""How citations stand in the text: numbers, ranges, words before and behind them."""

import pytest

from articles.public.citation_html import citation
from clinic.lib.markdown.citations import parse_group

pytestmark = pytest.mark.django_db


def mark(*numbers: int, narrative: bool = False, **said) -> dict:
    """A group of sources with these numbers; `said`: what is said of the last one."""
    items = [
        {
            "number": number,
            "key": f"key{number}",
            "name": f"Name {number}",
            "locator": "",
            "prefix": "",
            "suffix": "",
            "anchor": f"cite-{number}-1",
        }
        for number in numbers
    ]
    items[-1].update(said)
    return {"kind": "cite", "narrative": narrative, "items": items}


def text_of(html: str) -> str:
    import re

    return re.sub(r"<[^>]+>", "", html).replace("Source ", "").replace("Sources ", "")


@pytest.mark.parametrize(
    ("numbers", "shown"),
    [
        ((1,), "1"),
        ((1, 2), "1, 2"),
        ((3, 4, 5), "3–5"),
        ((1, 3, 4, 5, 7), "1, 3–5, 7"),
        ((5, 3, 4), "3–5"),
        ((2, 1), "1, 2"),
        ((1, 2, 4, 5), "1, 2, 4, 5"),
        ((1, 2, 3, 5, 6, 7), "1–3, 5–7"),
    ],
)
def test_numbers_rise_and_three_in_a_row_are_a_range(numbers, shown):
    assert text_of(citation(mark(*numbers))) == shown


def test_every_place_of_a_range_can_be_come_back_to():
    html = citation(mark(3, 4, 5))
    assert all(html.count(f'id="cite-{number}-1"') == 1 for number in (3, 4, 5))
    assert 'href="#ref-3"' in html
    assert 'data-last="5"' in html


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ({"locator": "p. 3"}, "1, 2, 3 (p. 3)"),
        ({"locator": "Table 2", "suffix": "and more"}, "1, 2, 3 (Table 2, and more)"),
        ({"prefix": "but see"}, "1, 2, but see 3"),
    ],
)
def test_what_is_said_of_a_source_keeps_it_out_of_a_range(said, shown):
    assert text_of(citation(mark(1, 2, 3, **said))) == shown


def test_words_between_sources_keep_their_order():
    assert text_of(citation(mark(4, 2, prefix="but see"))) == "4, but see 2"


def test_a_narrative_citation_has_its_name_before_it():
    assert text_of(citation(mark(2, narrative=True))) == "Name 2\u00a02"


def test_of_several_the_one_that_was_named_gives_the_name():
    found = mark(2, narrative=True)
    found["items"].append({**mark(1)["items"][0], "name": "Somebody else"})
    assert text_of(citation(found)) == "Name 2\u00a01, 2"


def test_what_people_wrote_is_escaped():
    html = citation(mark(1, prefix="<b>", suffix="<i>", narrative=False))
    assert "<b>" not in html
    assert "<i>" not in html


def test_a_hidden_author_is_the_number_alone():
    [item] = parse_group("-@chys2023")
    assert item.suppress_author
    assert item.key == "chys2023"
