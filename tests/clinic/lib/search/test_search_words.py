"""Words and their stems: what is the same, and what must not be."""

import pytest

from clinic.lib.search.words import places, stem, stems, words


@pytest.mark.parametrize(
    "forms",
    [
        "needle needles needling needled",
        "exercise exercises exercising exercised",
        "walk walks walking walked",
        "accessible accessibility access",
        "cancel cancels cancelled cancelling cancellation cancellations",
        "insure insured insuring insurance",
        "injury injuries injured",
        "arthritis arthritic",
        "stiff stiffness",
        "pain pains painful",
        "surgery surgeries",
        "inject injection injections",
        "operate operated operation operations",
        "treat treats treated treatment treatments",
        "move moving moved movement",
        "run running",
        "pregnancy pregnant",
        "incontinence incontinent",
        "pay paying paid payment",
        "bruise bruises bruising bruised",
        "swell swelling swollen",
        "foot feet",
        "knee knees",
        "wash washes washed",
        "lowers lowered lowering",
    ],
)
def test_forms_of_a_word_have_one_stem(forms: str):
    assert len({stem(form) for form in forms.split()}) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("lower", "lowers"),
        ("car", "care"),
        ("station", "state"),
        ("therapy", "therapist"),
        ("physio", "physiotherapy"),
        ("use", "us"),
        ("sing", "s"),
        ("need", "ne"),
        ("bus", "bu"),
        ("organ", "organize"),
        ("pelvis", "pelvi"),
        ("knee", "kneel"),
    ],
)
def test_other_words_have_other_stems(one: str, other: str):
    assert stem(one) != stem(other)


def test_words_are_folded():
    assert words("Français, can’t — golfer's NECK/shoulder x-ray L5 GLA:D") == [
        *("francais", "cant", "golfer", "neck", "shoulder", "x", "ray", "l5", "gla", "d"),
    ]
    assert words("½ \x00 🙂 _ '") == ["12"]


def test_stems_are_letters_and_digits_of_ascii():
    found = stems("膝の痛み колено ركبة straße ﬁnger")
    assert all(word.isascii() and word.isalnum() for word in found)
    assert stems("膝") != stems("колено")
    assert found[-2:] == ["strass", "finger"]


def test_a_very_long_word_is_cut():
    assert len(stem(words("k" * 10_000)[0])) == 40


def test_places_are_those_of_the_text():
    text = "The “needles” can’t."
    assert [text[start:end] for _word, start, end in places(text)] == ["The", "needles", "can’t"]
