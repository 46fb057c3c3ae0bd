import pytest

from clinic.lib.colours import colour_of, contrast, mix, nearest, shade_of


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [
        ("#000000", "#ffffff", 21.0),
        ("#ffffff", "#ffffff", 1.0),
        ("#777777", "#ffffff", 4.48),
        ("#14222d", "#a9d4e5", 10.2),
    ],
)
def test_contrast_as_wcag_counts_it(one: str, other: str, ratio: float):
    assert contrast(one, other) == pytest.approx(ratio, abs=0.05)
    assert contrast(one, other) == contrast(other, one)


@pytest.mark.parametrize("colour", ["#000000", "#ffffff", "#a9d4e5", "#ffb81f", "#9c1420"])
def test_a_shade_is_the_same_colour_again(colour: str):
    assert colour_of(shade_of(colour)) == colour


def test_a_mixture_lies_between():
    assert mix("#000000", "#ffffff", 0.5) == "#808080"
    assert mix("#ffb81f", "#ffffff", 1) == "#ffb81f"


def test_the_nearest_colour_keeps_its_hue_and_passes_only_just():
    def readable(colour: str) -> bool:
        return contrast("#14222d", colour) >= 7

    found = nearest("#1d70b8", readable)
    assert found is not None
    assert 7 <= contrast("#14222d", found) < 7.2
    assert shade_of(found).hue == pytest.approx(shade_of("#1d70b8").hue, abs=0.15)
    assert nearest("#1d70b8", lambda colour: False) is None
