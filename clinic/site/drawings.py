"""Figures, logo, signs and maps as data: strips and discs that the style sheet colours.

Everything drawn is a strip with round ends; a head is a disc. Lengths are in units of the
drawing's view box, y grows downwards, the floor is the lower edge of the box. Colours are roles
(static/css/drawings.css), so drawings follow light and dark and a clinic's own colours:
`fig` patient and furniture, `fig2` therapist, `fig3` mat, `tape` the one marked part, `under` a gap
in the colour of the ground, `halo` and `tape-edge` the two outlines of tape.
"""

from dataclasses import dataclass
from typing import Literal

from django.utils.translation import gettext_noop as _

Role = Literal[
    "fig", "fig2", "fig3", "tape", "tape-edge", "halo", "under", "road", "ink", "water",
    "sheet-fill",
]  # fmt: skip


@dataclass(frozen=True)
class Strip:
    """A path of one width; `path` is SVG path data."""

    role: Role
    path: str
    width: float = 0


@dataclass(frozen=True)
class Disc:
    """A filled circle, drawn as a dot of a strip as wide as its diameter."""

    role: Role
    x: float
    y: float
    radius: float


@dataclass(frozen=True)
class Word:
    """A place name on a map."""

    x: float
    y: float
    text: str
    quiet: bool = False


@dataclass(frozen=True)
class Drawing:
    """Shapes in painting order. A drawing without a label is decoration beside its words."""

    box: tuple[float, float, float, float]
    shapes: tuple[Strip | Disc | Word, ...]
    label: str = ""


def taped(path: str, width: float) -> tuple[Strip, Strip]:
    """Tape on a figure, with the gap that sets it off from a pale figure in dark."""
    return Strip("halo", path, width + 7), Strip("tape", path, width)


def crossing(role: Role, path: str, width: float) -> tuple[Strip, Strip]:
    """A strip that lies over another, with a gap round it."""
    return Strip("under", path, width + 9), Strip(role, path, width)


BODY = (
    Disc("fig", 50, 20, 14),
    Strip("fig", "M50 43V45", 12),
    Strip("fig", "M30 60H70", 13),
    Strip("fig", "M43 78V96M57 78V96", 12),
    Strip("fig", "M43 113V124M57 113V124", 12),
    Strip("fig", "M23 78L20 98M77 78L80 98", 11),
    Strip("fig", "M18 114L15 132M82 114L85 132", 10),
    Strip("fig", "M43 141H57", 13),
    Strip("fig", "M41 158L40 182M59 158L60 182", 14),
    Strip("fig", "M40 200V200.1M60 200V200.1", 14),
    Strip("fig", "M40 217V238M60 217V238", 11),
    Strip("fig", "M39 254H31M61 254H69", 11),
)

# Place on the body -> where its tape lies and how wide it is. One side only, wider than the limb.
PLACES: dict[str, tuple[str, float]] = {
    "head": ("M50 20V20.1", 27),
    "neck": ("M36 46H64", 17),
    "shoulder": ("M28 60H72", 21),
    "arm": ("M77 76L81 100", 21),
    "hand": ("M82 112L86 132", 21),
    "armlong": ("M77 76L86 132", 20),
    "upper": ("M38 87H62", 25),
    "back": ("M37 118H63", 25),
    "hip": ("M36 141H64", 22),
    "thigh": ("M61 158L62 182", 23),
    "knee": ("M61 194V206", 24),
    "shin": ("M61 217V239", 20),
    "foot": ("M60 252H72", 20),
    "leg": ("M60 158L61 240", 20),
}


def body(place: str = "") -> Drawing:
    """The standing figure with one place marked; with "" or an unknown place none is marked."""
    mark: tuple[Strip, ...] = ()
    if place in PLACES:
        path, width = PLACES[place]
        mark = (Strip("tape-edge", path, width + 6), Strip("tape", path, width))
    return Drawing((2, -1, 96, 267), BODY + mark)


LOGO = Drawing(
    (4, 0, 50, 60),
    (
        Disc("fig", 17, 10, 7.5),
        Strip("fig", "M14 25V45Q14 52 21 52H45", 11),
        Strip("tape", "M14 38V45Q14 52 21 52H24", 11),
    ),
)

# Shown for a practitioner without a photo.
PORTRAIT = Drawing(
    (0, 0, 200, 200),
    (
        Strip("fig", "M58 200V190M142 200V190", 68),
        Strip("fig", "M58 182H142", 52),
        Strip("under", "M100 96V130", 92),
        Strip("fig", "M100 84V104", 72),
    ),
)

STOOL = (Strip("fig", "M40 194H92", 11), Strip("fig", "M66 205V237", 9))

POSES: dict[str, Drawing] = {
    # A therapist guides the raised arm of a seated patient: tape over the shoulder.
    "hero": Drawing(
        (0, 0, 670, 474),
        (
            Strip("fig", "M50 304H362", 26),
            Strip("fig", "M92 330V467M332 330V467", 14),
            Strip("fig2", "M576 290L612 452M561 290L546 452", 40),
            Strip("fig2", "M614 460H598M546 460H526", 28),
            Strip("fig2", "M568 152L570 258", 62),
            Disc("fig2", 552, 64, 34),
            Strip("fig", "M264 246L258 138", 62),
            Disc("fig", 270, 50, 34),
            Strip("fig", "M272 261H378", 48),
            Strip("fig", "M396 300V380", 38),
            Strip("fig", "M398 415H428", 26),
            Strip("under", "M270 144L360 127", 46),
            Strip("fig", "M270 144L360 127", 32),
            Strip("fig", "M400 119L466 97", 28),
            Strip("under", "M562 154L520 198", 44),
            Strip("fig2", "M562 154L520 198", 30),
            Strip("fig2", "M492 198L412 158", 26),
            Strip("fig2", "M541 147L500 116", 26),
            Strip("halo", "M244 196L252 156Q256 142 272 139L330 128", 32),
            Strip("tape", "M244 196L252 156Q256 142 272 139L330 128", 21),
        ),
        _("A physiotherapist guides a seated patient’s raised arm. The shoulder is highlighted."),
    ),
    # Two people on stools face each other: tape on the low back.
    "talk": Drawing(
        (24, 40, 252, 203),
        (
            *STOOL,
            Strip("fig", "M62 167L58 112", 32),
            Disc("fig", 68, 66, 19),
            Strip("fig", "M70 175H116", 24),
            Strip("fig", "M124 193V225", 19),
            Strip("fig", "M126 237H138", 12),
            *crossing("fig", "M62 118L84 146", 16),
            Strip("fig", "M92 148L122 150", 14),
            *taped("M48 158L47 128", 12),
            Strip("fig", "M208 194H260M234 205V237", 11),
            Strip("fig2", "M238 167L242 112", 32),
            Disc("fig2", 232, 66, 19),
            Strip("fig2", "M230 175H184", 24),
            Strip("fig2", "M176 193V225", 19),
            Strip("fig2", "M174 237H162", 12),
            *crossing("fig2", "M238 118L216 142", 16),
            Strip("fig2", "M208 146L186 133", 14),
        ),
    ),
    # The patient bends forward, the therapist's hand follows the spine.
    "bend": Drawing(
        (14, 14, 230, 229),
        (
            Strip("fig2", "M196 150L198 226M212 150L222 226", 22),
            Strip("fig2", "M196 237H186M222 237H212", 12),
            Strip("fig2", "M206 84V136", 32),
            Disc("fig2", 198, 38, 19),
            Strip("fig", "M128 148V184", 24),
            Strip("fig", "M128 196L130 224", 19),
            Strip("fig", "M128 237H114", 12),
            Strip("fig", "M122 131L74 112", 32),
            Disc("fig", 38, 124, 19),
            *crossing("fig", "M72 116L66 150", 16),
            Strip("fig", "M64 160L62 186", 14),
            *taped("M136 122L100 107", 12),
            *crossing("fig2", "M202 92L180 116", 16),
            Strip("fig2", "M174 116L141 106", 14),
        ),
    ),
    # A bridge on the mat: tape over the hip.
    "bridge": Drawing(
        (20, 120, 262, 123),
        (
            Strip("fig3", "M30 238H272", 10),
            Strip("fig", "M88 211L148 176", 32),
            Disc("fig", 48, 214, 19),
            Strip("fig", "M164 164L208 150", 24),
            Strip("fig", "M222 164L228 207", 19),
            Strip("fig", "M230 225H246", 12),
            *crossing("fig", "M96 222H150", 14),
            *taped("M112 180L146 160", 12),
        ),
    ),
    # Walking away, upright: tape at the low back.
    "walk": Drawing(
        (66, 14, 164, 229),
        (
            Strip("fig", "M146 148L118 182", 22),
            Strip("fig", "M112 192L88 218", 18),
            Strip("fig", "M81 228L90 237", 11),
            Strip("fig", "M146 92L120 118", 15),
            Strip("fig", "M114 126L118 146", 13),
            Strip("fig", "M152 132L156 84", 32),
            Disc("fig", 164, 38, 19),
            Strip("fig", "M158 148L184 182", 24),
            Strip("fig", "M188 194L194 224", 19),
            Strip("fig", "M196 237H212", 12),
            *crossing("fig", "M158 92L182 118", 16),
            Strip("fig", "M190 122L210 112", 14),
            *taped("M140 136L141 118", 12),
        ),
    ),
    # A person on a stool reads a sheet: tape along the back.
    "read": Drawing(
        (60, 44, 160, 199),
        (
            Strip("fig", "M70 194H130M100 205V237", 10),
            Strip("fig", "M96 167L98 112", 32),
            Disc("fig", 114, 68, 19),
            Strip("fig", "M104 175H154", 24),
            Strip("fig", "M162 193V225", 19),
            Strip("fig", "M164 237H176", 12),
            Strip("sheet-fill", "M160 96L196 88L206 136L170 144Z"),
            Strip("fig3", "M170 106L190 101.5M173 117L193 112.5M175.5 128.5L186 126", 5),
            *crossing("fig", "M98 118L120 148", 16),
            Strip("fig", "M128 152L168 138", 14),
            *taped("M82 158L83 130", 12),
        ),
    ),
}

SIGNS: dict[str, str] = {
    "arrow": "M5 16H27M18 7L27 16L18 25",
    "back": "M27 16H5M14 7L5 16L14 25",
    "out": "M9 23L23 9M11 9H23V21",
    "up": "M16 27V5M7 14L16 5L25 14",
    "check": "M6 17L13 24L26 8",
    "cross": "M8 8L24 24M24 8L8 24",
    "minus": "M6 16H26",
    "plus": "M6 16H26M16 6V26",
    "search": "M21 21L28 28M23 13.5A9.5 9.5 0 1 1 4 13.5A9.5 9.5 0 1 1 23 13.5Z",
    "menu": "M5 11H27M5 21H27",
}

# Certainty of evidence -> how many of the three strips are filled.
CERTAINTY = {"thin": 1, "fair": 2, "firm": 3}

# Maps by the slug of a location: roads, the way on foot in ink, the clinic in tape.
MAPS: dict[str, Drawing] = {
    "millbrook": Drawing(
        (0, 0, 560, 360),
        (
            Strip("road", "M-20 95H580M-20 232L580 198M150 -20V380", 30),
            Strip("road", "M370 -20L406 380", 24),
            Strip("ink", "M150 380V232Q150 224 160 223L322 209", 13),
            Disc("ink", 150, 328, 16),
            Strip("tape", "M346 126V162", 36),
            Word(20, 86, "Mill Lane", quiet=True),
            Word(388, 154, "Clinic"),
            Word(180, 335, "Millbrook station"),
        ),
        _("Map: the clinic is a four-minute walk from Millbrook station."),
    ),
    "harbour-street": Drawing(
        (0, 0, 560, 360),
        (
            Strip("water", "M-20 274C110 230 220 236 320 262S490 292 580 236V380H-20Z"),
            Strip("road", "M-20 166H580M342 -20V232", 30),
            Strip("road", "M124 -20V244", 20),
            Strip("ink", "M124 48V152Q124 164 136 164H268", 13),
            Disc("ink", 124, 48, 16),
            Strip("tape", "M292 92V126", 36),
            Word(154, 55, "Ferry Landing"),
            Word(378, 118, "Clinic"),
            Word(28, 322, "Harbour", quiet=True),
        ),
        _("Map: the clinic is a one-minute walk from Ferry Landing."),
    ),
}
