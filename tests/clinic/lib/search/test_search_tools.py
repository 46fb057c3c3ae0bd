"""Scores, spelling and snippets."""

import pytest
from django.utils.safestring import SafeString

from clinic.lib.search.index import Wanted
from clinic.lib.search.scoring import Asked, Match, Row, match, passage, rarity
from clinic.lib.search.snippets import WORDS, snippet
from clinic.lib.search.spelling import Vocabulary, edits

# -- scores ---------------------------------------------------------------------------------------


def scored(row: Row, *stems: str, others: tuple[str, ...] = ()) -> Match | None:
    asked = [Asked((Wanted((stem,)), *(Wanted((o,)) for o in others)), 1.0) for stem in stems]
    return match(row, asked, stems)


def value(row: Row, *stems: str, others: tuple[str, ...] = ()) -> float:
    found = scored(row, *stems, others=others)
    assert found
    return found.score


def test_the_title_counts_more_than_a_heading_a_topic_and_the_text():
    rows = [
        Row("knee", "", "", ""),
        Row("stair", "knee", "", ""),
        Row("stair", "", "knee", ""),
        Row("stair", "", "", "knee"),
    ]
    values = [value(row, "knee") for row in rows]
    assert values == sorted(values, reverse=True)
    assert len(set(values)) == 4
    assert value(Row("stair", "", "", "knee " * 90), "knee") < values[1]


def test_a_short_title_and_one_in_the_same_words_count_more():
    short, long = Row("knee", "", "", ""), Row("exercis for a sore knee", "", "", "")
    assert value(short, "knee") > value(long, "knee")


def test_what_lacks_a_word_counts_less_and_a_rare_word_more():
    both, one = Row("", "", "", "knee stair"), Row("", "", "", "knee knee")
    assert value(both, "knee", "stair") > value(one, "knee", "stair")
    assert rarity(100, 1) > rarity(100, 50) > rarity(100, 100) > 0


def test_synonyms_count_almost_as_much():
    row, other = Row("needl", "", "", ""), Row("ims", "", "", "")
    assert value(row, "ims", others=("needl",)) < value(other, "ims", others=("needl",))
    assert value(row, "ims", others=("needl",)) > value(Row("x", "ims", "", ""), "ims")


def test_what_was_in_quotes_is_required():
    phrase = Asked((Wanted(("frozen", "shoulder"), phrase=True),), 1.0, is_required=True)
    assert match(Row("", "", "", "frozen shoulder"), [phrase], ("frozen", "shoulder"))
    assert match(Row("", "", "", "shoulder frozen"), [phrase], ("frozen", "shoulder")) is None
    assert match(Row("", "a frozen\nshoulder", "", ""), [phrase], ()) is None


def test_the_passage_is_the_one_for_what_the_title_does_not_say():
    row = Row("sciatica", "\nweek by week\nsurgeri now or later", "", "sciatica\nwalk\nsurgeri")
    sciatica, surgery = (Asked((Wanted((stem,)),), 1.0) for stem in ("sciatica", "surgeri"))
    assert passage(row, [sciatica, surgery]) == 2
    assert passage(row, [sciatica]) == 0
    found = scored(row, "sciatica", "surgeri")
    assert found
    assert found.has_all
    assert scored(row, "xylophon") is None


# -- spelling -------------------------------------------------------------------------------------

SITE = Vocabulary(
    ["sciatica", "acupuncture", "ankle", "back", "pain", "needle", "mei", "lin", "hip"]
)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("siatica", ["sciatica"]),
        ("accupuncture", ["acupuncture"]),
        ("ankel", ["ankle"]),
        ("neeedle", ["needle"]),
        ("xylophone", []),
        ("hi", []),
        ("hop", ["hip"]),
        ("12", []),
        ("", []),
    ],
)
def test_the_closest_word_is_meant(typed: str, meant: list[str]):
    assert SITE.closest(typed, 2) == meant


def test_short_words_may_have_one_mistake_and_no_more_than_allowed():
    assert SITE.closest("bakc", 2) == ["back"]
    assert SITE.closest("bkca", 2) == []
    assert SITE.closest("syatika", 1) == []
    assert SITE.closest("syatica", 2) == ["sciatica"]


def test_two_words_written_as_one_are_parted():
    assert SITE.parts("backpain") == ("back", "pain")
    assert SITE.parts("meilin") == ("mei", "lin")
    assert SITE.parts("backbone") is None


def test_edits_are_counted():
    assert [edits("ankle", other, 2) for other in ("ankle", "ankel", "ankl", "uncle", "knee")] == [
        *(0, 1, 1, 2, 3),
    ]


# -- snippets -------------------------------------------------------------------------------------


def test_the_snippet_marks_what_was_found():
    text = "Before it. " * 40 + "The needles are thin. " + "After it. " * 40
    cut = snippet(text, {("needl",)})
    assert isinstance(cut, SafeString)
    assert "The <mark>needles</mark> are thin" in cut
    assert cut.startswith("… ")
    assert cut.endswith(" …")
    assert len(cut.replace("…", "").split()) == WORDS


def test_a_short_text_is_shown_whole():
    assert snippet("They are thin.", {("needl",)}) == "They are thin."
    assert snippet("", {("needl",)}) == ""
    assert snippet("🙂", {("needl",)}) == "🙂"


def test_snippets_are_escaped_and_know_beginnings():
    cut = snippet("<b>needle</b> & <script>", set(), {"needl"})
    assert cut == "&lt;b&gt;<mark>needle</mark>&lt;/b&gt; &amp; &lt;script&gt;"
