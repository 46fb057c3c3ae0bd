"""What a clinic chose is readable, is served, and is linked only where it differs."""

import io
import re
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from PIL import Image as Pixels

from clinic import pictures
from clinic.lib import theme
from clinic.lib.colours import contrast, shade_of
from clinic.lib.theme import SKY, TAPE, Theme
from clinic.models import Clinic
from clinic.site import content_version, page_context

TOKENS = Path(__file__).parents[3] / "static" / "css" / "tokens.css"


def choose(**fields: Any) -> Clinic:
    Clinic.objects.update(**fields)
    content_version.raise_version()
    page_context.forget()
    return Clinic.objects.get()


def test_fixed_colours_are_those_of_the_style_sheet():
    css = TOKENS.read_text()
    named = dict(re.findall(r"--([\w-]+): light-dark\((#\w+, #\w+)\);", css))
    named |= {name: f"{one}, {one}" for name, one in re.findall(r"--([\w-]+): (#\w+);", css)}
    assert {name: ", ".join(pair) for name, pair in theme.FIXED.items()} == {
        name: named[name] for name in theme.FIXED
    }
    assert {name: named[name] for name in theme.DRAWN} == {
        name: ", ".join(pair) for name, pair in theme.DRAWN.items()
    }
    assert (theme.DRAWN["sky"][0], theme.DRAWN["tape"][0]) == (SKY, TAPE)


def test_what_is_derived_from_the_default_is_close_to_what_was_drawn():
    """The derived colours of a clinic look like relatives of the drawn ones."""
    drawn = {
        "sky": "#1b4a61",
        "sky-2": "#2f6d88",
        "fig": "#9cc3d4",
        "tape": "#ffc23d",
        "tape-2": "#5b4410",
    }
    derived = theme._around_sky(SKY) | theme._around_tape(TAPE)
    for name, colour in drawn.items():
        assert contrast(derived[name][1], colour) < 1.1
        assert shade_of(derived[name][1]).hue == pytest.approx(shade_of(colour).hue, abs=0.2)


@pytest.mark.parametrize("sky", ["#a9d4e5", "#bfe0c8", "#f3d9c9", "#e4dccf", "#ffffff"])
@pytest.mark.parametrize("tape", ["#ffb81f", "#f7e017", "#7bd0c1"])
def test_colours_on_which_all_can_be_read(sky: str, tape: str):
    assert theme.problems(Theme(sky, tape, "strips")) == {}


def test_what_cannot_be_read_is_named_with_a_colour_that_works():
    found = theme.problems(Theme("#1d70b8", "#d4351c", "strips"))
    assert set(found) == {"sky", "tape"}
    assert (
        "Contrast of text on the background colour in light mode is 3.1; it must be at least 7.0."
    ) in found["sky"]
    assert (
        "Contrast of text on the accent colour in light mode is 3.3; it must be at least 4.5."
    ) in found["tape"]
    for field, message in found.items():
        better = re.search(r"The closest colour that works is (#\w{6})\.", message)
        assert better
        fields = {"sky": SKY, "tape": TAPE, field: better[1]}
        assert theme.problems(Theme(**fields, typeface="strips")) == {}


def test_colours_are_checked_before_they_are_kept(db: None):
    clinic = Clinic(name="Larkspur", sky="#1d70b8")
    with pytest.raises(ValidationError) as refused:
        clinic.full_clean(exclude=["id"])
    assert set(refused.value.message_dict) == {"sky"}
    for colour in ("blue", "#12345", "#a9d4e5;"):
        clinic = Clinic(name="Larkspur", tape=colour)
        with pytest.raises(ValidationError):
            clinic.full_clean(exclude=["id"])
    clinic = Clinic(name="Larkspur", sky="#BFE0C8")
    clinic.full_clean(exclude=["id"])
    assert clinic.sky == "#bfe0c8"


def test_the_default_costs_no_style_sheet(db: None, client: Client):
    assert Clinic.objects.get().theme.css == ""
    assert "/theme-" not in client.get("/services/").content.decode()


def test_a_choice_is_linked_and_served_for_good(db: None, client: Client):
    chosen = choose(sky="#bfe0c8", typeface="book").theme
    page = client.get("/services/").content.decode()
    assert f'<link rel="stylesheet" href="{chosen.url}">' in page
    assert 'href="/static/fonts/source-serif-4.woff2" as="font"' in page
    answer = client.get(chosen.url)
    assert answer["Content-Type"] == "text/css; charset=utf-8"
    assert answer["Cache-Control"] == "public, max-age=31536000, immutable"
    css = answer.content.decode()
    assert "--sky: light-dark(#bfe0c8, " in css
    assert '--heads: "Source Serif 4"' in css
    assert "--tape:" not in css


def test_a_past_address_shows_what_is_chosen_now(db: None, client: Client):
    old = choose(sky="#bfe0c8").theme
    new = choose(sky="#f3d9c9").theme
    assert old.url != new.url
    answer = client.get(old.url)
    assert answer.content.decode() == new.css
    assert answer["Cache-Control"] == "no-cache"


def test_every_typeface_has_its_files(db: None):
    static = TOKENS.parents[1]
    for typeface in Clinic.Typeface.values:
        for file in Theme(SKY, TAPE, typeface).fonts:
            assert (static / file).stat().st_size < 32_000
            assert (static / file.replace(".woff2", "-OFL.txt")).exists()


def test_a_manager_sees_why_a_colour_is_refused(client_as, db: None):
    client = client_as("Manager")
    page = client.get("/admin/clinic/clinic/1/change/")
    data = {
        name: value
        for name, value in page.context["adminform"].form.initial.items()
        if value not in (None, False)
    }
    ways = {
        f"{rows}-{name}": 0
        for rows in ("ways_to_start", "insurers")
        for name in ("TOTAL_FORMS", "INITIAL_FORMS")
    }
    answer = client.post("/admin/clinic/clinic/1/change/", data | ways | {"sky": "#1d70b8"})
    assert answer.status_code == 200
    assert "The closest colour that works is #" in answer.content.decode()
    answer = client.post("/admin/clinic/clinic/1/change/", data | ways | {"sky": "#BFE0C8"})
    assert answer.status_code == 302
    assert Clinic.objects.get().sky == "#bfe0c8"


@pytest.mark.parametrize(
    ("size", "words"), [((900, 240), False), ((480, 240), False), ((240, 240), True)]
)
def test_a_wide_logo_stands_in_for_the_name(
    size: tuple[int, int], words: bool, client: Client, db: None
):
    file = io.BytesIO()
    Pixels.new("RGB", size, "#bb2244").save(file, "PNG")
    choose(logo=pictures.add(file.getvalue(), stem="logo"), name="Larkspur", kind="Physiotherapy")
    head = client.get("/").content.decode().partition("<main")[0]
    brand = head[head.index('class="brand"') :].partition("</a>")[0]
    assert ('alt="Larkspur Physiotherapy"' in brand) is not words
    assert ("<span>Larkspur" in brand) is words
