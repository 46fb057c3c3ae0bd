"""The colours and typefaces that a clinic chose, as a small style sheet of its own.

The style sheet of the site names its colours in static/css/tokens.css. A clinic may choose two of
them: sky, the large flat areas, and tape, the one strip. What goes with them (second blue of the
drawings, quiet panels, all of it in dark) is derived here. The rest stays, so what must be
readable on them is known and is checked before a choice is saved.
"""

import hashlib
import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from django.templatetags.static import static
from django.utils.translation import gettext_lazy as _

from clinic.lib.colours import Shade, colour_of, contrast, mix, nearest, shade_of

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

Colours = dict[str, tuple[str, str]]  # by name of the custom property: in light, in dark
# Upper colour, lower colour, least contrast, the pair in words.
Pairs = tuple[tuple[str, str, float, "StrPromise"], ...]

SKY, TAPE = "#a9d4e5", "#ffb81f"

# As in static/css/tokens.css, with which a test compares them.
DRAWN: Colours = {"sky": (SKY, "#1b4a61"), "tape": (TAPE, "#ffc23d")}
FIXED: Colours = {
    "ground": ("#ffffff", "#0d1921"),
    "ink": ("#14222d", "#edf4f7"),
    "ink-2": ("#394b58", "#bccdd6"),
    "ink-sky": ("#263642", "#dfeaf0"),
    "link": ("#0a4a74", "#9bd3ec"),
    "edge": ("#566b79", "#8ba2af"),
    "on-tape": ("#14222d", "#14222d"),
    "fig": ("#14222d", "#9cc3d4"),
    "foot": ("#14222d", "#081117"),
}
BODY, TEXT, SHAPE = 7.0, 4.5, 3.0  # WCAG 2.2: 1.4.6, 1.4.3, 1.4.11

# What stands on what.
ON_SKY: Pairs = (
    ("ink", "sky", BODY, _("text on the background colour")),
    ("ink-sky", "sky", BODY, _("secondary text on the background colour")),
    ("fig", "sky", SHAPE, _("illustrations on the background colour")),
    ("ink", "sheet", BODY, _("text on muted panels")),
    ("ink-2", "sheet", BODY, _("secondary text on muted panels")),
    ("link", "sheet", BODY, _("links on muted panels")),
    ("edge", "sheet", SHAPE, _("field borders on muted panels")),
)
ON_TAPE: Pairs = (
    ("on-tape", "tape", TEXT, _("text on the accent colour")),
    ("tape", "foot", SHAPE, _("accent colour on the footer")),
    ("ink", "tape-2", BODY, _("highlighted text")),
    ("link", "tape-2", TEXT, _("links in highlighted text")),
)
SCHEMES = (_("light"), _("dark"))


@dataclass(frozen=True)
class Face:
    """A typeface that comes with the site: its file, and what stands in while it loads.

    `stand_ins` are (weights, fonts of the device, size-adjust, ascent, descent), all in per cent,
    measured so that lines keep their width and height when the file arrives.
    """

    family: str
    file: str
    weights: str
    fallback: str
    stand_ins: tuple[tuple[str, tuple[str, ...], float, float, float], ...]


@dataclass(frozen=True)
class Pair:
    """Typefaces for heads and for text; none where tokens.css already names them."""

    files: tuple[str, str]  # loaded early
    heads: Face | None = None
    text: Face | None = None


SOURCE_SERIF = Face(
    "Source Serif 4",
    "fonts/source-serif-4.woff2",
    "400 800",
    "Georgia, serif",
    (
        (
            "400 800",
            ("Times New Roman Bold", "TimesNewRomanPS-BoldMT", "Liberation Serif Bold"),
            115.4,
            89.8,
            29.0,
        ),
    ),
)
SOURCE_SANS = Face(
    "Source Sans 3",
    "fonts/source-sans-3.woff2",
    "400 700",
    "Arial, sans-serif",
    (
        ("400", ("Arial", "ArialMT", "Liberation Sans"), 94.2, 108.7, 42.5),
        ("600 700", ("Arial Bold", "Arial-BoldMT", "Liberation Sans Bold"), 92.4, 110.8, 43.3),
    ),
)
PAIRS = {
    "strips": Pair(("fonts/national-park.woff2", "fonts/atkinson-hyperlegible-next.woff2")),
    "book": Pair((SOURCE_SERIF.file, SOURCE_SANS.file), SOURCE_SERIF, SOURCE_SANS),
}


@dataclass(frozen=True)
class Theme:
    """What a clinic chose."""

    sky: str
    tape: str
    typeface: str

    @property
    def fonts(self) -> tuple[str, str]:
        """The static files of the two typefaces."""
        return PAIRS[self.typeface].files

    @cached_property
    def colours(self) -> Colours:
        """What differs from tokens.css."""
        found: Colours = {}
        if self.sky != SKY:
            found |= _around_sky(self.sky)
            found["tape-halo"] = ("transparent", found["sky"][1])
        if self.tape != TAPE:
            found |= _around_tape(self.tape)
        return found

    @property
    def shown(self) -> Colours:
        """Sky and tape, in light and in dark, for what has no style sheet: mails."""
        return {name: self.colours.get(name, drawn) for name, drawn in DRAWN.items()}

    @cached_property
    def css(self) -> str:
        """The style sheet; empty where nothing differs from tokens.css."""
        lines = [f"--{name}: light-dark({a}, {b});" for name, (a, b) in self.colours.items()]
        pair = PAIRS[self.typeface]
        faces = []
        for name, face in (("heads", pair.heads), ("text", pair.text)):
            if face:
                lines.append(f'--{name}: "{face.family}", "Stand-in {name} 2", {face.fallback};')
                faces.append(_font_faces(face, f"Stand-in {name} 2"))
        if not lines:
            return ""
        # Not for paper: print.css sets its own colours, and a sheet without a layer comes first.
        screen = "\n".join(["@media screen {", ":root {", *lines, "}", "}"])
        return "\n".join([*faces, screen, ""])

    @cached_property
    def digest(self) -> str:
        return hashlib.sha256(self.css.encode()).hexdigest()[:12]

    @property
    def url(self) -> str:
        """The address of the style sheet; empty where there is none."""
        return f"/theme-{self.digest}.css" if self.css else ""


def problems(theme: Theme) -> dict[str, str]:
    """What could not be read with these colours: a message by field; empty when all is well."""
    found = {}
    for field, colour, pairs, derive in (
        ("sky", theme.sky, ON_SKY, _around_sky),
        ("tape", theme.tape, ON_TAPE, _around_tape),
    ):
        failing = _failing(derive(colour), pairs)
        if failing:
            better = nearest(colour, lambda c, d=derive, p=pairs: not _failing(d(c), p))  # type: ignore[misc]
            found[field] = " ".join(
                [*failing, str(_("The closest colour that works is %s.") % better)]
            )
    return found


def _failing(colours: Colours, pairs: Pairs) -> list[str]:
    known = FIXED | colours
    sentences = []
    for upper, lower, least, words in pairs:
        for scheme, name in enumerate(SCHEMES):
            measured = contrast(known[upper][scheme], known[lower][scheme])
            if measured < least:
                sentence = _(
                    "Contrast of %(words)s in %(scheme)s mode is %(measured).1f; it must be at "
                    "least %(least).1f."
                )
                shown = math.floor(measured * 10) / 10
                values = {"words": words, "measured": shown, "scheme": name, "least": least}
                sentences.append((str(sentence) % values).capitalize())
    return sentences


def _around_sky(sky: str) -> Colours:
    """Sky and what follows it. The numbers are the distances between the colours of tokens.css."""
    shade = shade_of(sky)
    dark = _at(0.388, min(shade.chroma * 1.25, 0.08), shade.hue)
    second = (
        _at(max(shade.lightness - 0.11, 0), shade.chroma * 1.3, shade.hue),
        _at(0.506, min(shade.chroma * 1.5, 0.1), shade.hue),
    )
    return {
        "sky": (sky, dark),
        "sky-2": second,
        "fig": (FIXED["fig"][0], _at(0.795, shade.chroma * 0.94, shade.hue)),
        "fig3": second,
        "sheet": (mix(sky, FIXED["ground"][0], 0.2), mix(dark, FIXED["ground"][1], 0.25)),
    }


def _around_tape(tape: str) -> Colours:
    shade = shade_of(tape)
    dark = _at(min(shade.lightness + 0.02, 0.95), shade.chroma * 0.94, shade.hue)
    return {
        "tape": (tape, dark),
        "tape-2": (
            mix(tape, FIXED["ground"][0], 0.4),
            _at(0.4, shade.chroma * 0.44, shade.hue),
        ),
    }


def _at(lightness: float, chroma: float, hue: float) -> str:
    return colour_of(Shade(lightness, chroma, hue))


def _font_faces(face: Face, stand_in: str) -> str:
    own = (
        f'@font-face {{ font-family: "{face.family}"; src: url("{static(face.file)}") '
        f'format("woff2"); font-weight: {face.weights}; font-display: swap; }}'
    )
    others = []
    for weights, names, size, ascent, descent in face.stand_ins:
        local = ", ".join(f'local("{name}")' for name in names)
        others.append(
            f'@font-face {{ font-family: "{stand_in}"; src: {local}; font-weight: {weights}; '
            f"size-adjust: {size}%; ascent-override: {ascent}%; descent-override: {descent}%; "
            "line-gap-override: 0%; }"
        )
    return "\n".join([own, *others])
