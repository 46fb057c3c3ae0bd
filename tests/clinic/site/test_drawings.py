"""Drawings keep the rules of the look: strips, one mark, no style attributes."""

import re
from xml.etree import ElementTree

import pytest
from django.template import Context, Template

from clinic.models.service import Place
from clinic.site import drawings
from clinic.site.drawings import Disc, Drawing, Strip, Word
from clinic.templatetags import drawings as tags

NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
EVERY = {
    "logo": drawings.LOGO,
    "portrait": drawings.PORTRAIT,
    **{f"body {place}": drawings.body(place) for place in ["", *drawings.PLACES]},
    **{f"pose {name}": pose for name, pose in drawings.POSES.items()},
    **{f"map {name}": drawn for name, drawn in drawings.MAPS.items()},
}


def tapes(drawing: Drawing) -> list[Strip | Disc | Word]:
    return [s for s in drawing.shapes if not isinstance(s, Word) and s.role == "tape"]


def test_every_place_of_the_models_can_be_marked() -> None:
    assert set(Place.values) == set(drawings.PLACES)


@pytest.mark.parametrize("place", drawings.PLACES)
def test_a_marked_body_has_one_strip_of_tape_with_an_edge_under_it(place: str) -> None:
    marked = drawings.body(place)
    assert len(tapes(marked)) == 1
    edge, tape = marked.shapes[-2:]
    assert isinstance(edge, Strip)
    assert isinstance(tape, Strip)
    assert (edge.role, edge.path) == ("tape-edge", tape.path)
    assert edge.width > tape.width


@pytest.mark.parametrize("place", ["", "elbow", "<script>"])
def test_an_unknown_place_marks_nothing(place: str) -> None:
    assert tapes(drawings.body(place)) == []


@pytest.mark.parametrize("name", drawings.POSES)
def test_a_pose_has_one_strip_of_tape(name: str) -> None:
    assert len(tapes(drawings.POSES[name])) == 1


@pytest.mark.parametrize("name", drawings.POSES)
def test_a_pose_stands_on_the_floor_and_inside_its_box(name: str) -> None:
    drawing = drawings.POSES[name]
    left, top, width, height = drawing.box
    floor = top + height
    lowest = 0.0
    for shape in drawing.shapes:
        assert not isinstance(shape, Word)
        if shape.role in ("under", "halo"):
            continue
        points, half = outline(shape)
        for x, y in points:
            assert left - 1 <= x - half
            assert x + half <= left + width + 1
            assert top - 1 <= y - half
            assert y + half <= floor + 1
            lowest = max(lowest, y + half)
    assert floor - lowest <= 1


def outline(shape: Strip | Disc) -> tuple[list[tuple[float, float]], float]:
    """The points a shape is drawn through, and half its width."""
    if isinstance(shape, Disc):
        return [(shape.x, shape.y)], shape.radius
    points = []
    x = y = 0.0
    for command, rest in re.findall(r"([MLQHVZ])([^MLQHVZ]*)", shape.path):
        numbers = [float(n) for n in NUMBER.findall(rest)]
        if command == "H":
            x = numbers[-1]
        elif command == "V":
            y = numbers[-1]
        elif numbers:
            x, y = numbers[-2:]
        points.append((x, y))
    return points, shape.width / 2


@pytest.mark.parametrize("name", EVERY)
def test_a_drawing_is_well_formed_and_free_of_styles(name: str) -> None:
    svg = str(tags._svg(EVERY[name], "test"))
    root = ElementTree.fromstring(svg)
    assert root.get("class") == "drawing test"
    assert bool(root.get("aria-label")) != (root.get("aria-hidden") == "true")
    for element in root.iter():
        assert not {"style", "fill", "stroke"} & set(element.attrib)


@pytest.mark.parametrize("name", drawings.SIGNS)
def test_a_sign_is_one_stroke_that_assistive_technology_passes_over(name: str) -> None:
    root = ElementTree.fromstring(str(tags.sign(name)))
    assert len(root) == 1
    assert root.get("aria-hidden") == "true"
    assert root.get("viewBox") == "0 0 32 32"


@pytest.mark.parametrize(("value", "full"), [("firm", 3), ("fair", 2), ("thin", 1)])
def test_certainty_fills_as_many_strips_as_it_is_firm(value: str, full: int) -> None:
    svg = tags.certainty(value)
    assert svg.count('class="full"') == full
    assert svg.count("<rect") == 3


@pytest.mark.parametrize("value", ["", "certain"])
def test_certainty_that_is_not_stated_draws_nothing(value: str) -> None:
    assert tags.certainty(value) == ""


def test_a_place_without_a_map_draws_nothing() -> None:
    assert tags.place_map("nowhere") == ""


def test_words_on_a_map_are_escaped() -> None:
    drawing = Drawing((0, 0, 10, 10), (Word(1, 1, "Fish & <chips>"),))
    assert "Fish &amp; &lt;chips&gt;" in tags._svg(drawing, "map")


def test_the_tags_work_in_a_template() -> None:
    template = Template('{% load drawings %}{% body "knee" %}{% pose "walk" %}{% logo %}')
    html = template.render(Context())
    assert html.count("<svg") == 3
    assert 'class="tape" stroke-width="24"' in html
