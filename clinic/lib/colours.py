"""Colours as people see them: contrast by WCAG, and shades of one hue.

A colour is written `#rrggbb`. Shades are made in OKLCH (https://www.w3.org/TR/css-color-4/#ok-lab),
where equal steps of lightness look equal and a hue stays the same hue.
"""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, replace

HEX = re.compile(r"#[0-9a-f]{6}")
STEP = 0.004  # of lightness, below what an eye tells apart


@dataclass(frozen=True)
class Shade:
    """Lightness from 0 to 1, chroma from 0 to about 0.3, hue in radians."""

    lightness: float
    chroma: float
    hue: float


def contrast(one: str, other: str) -> float:
    """From 1 to 21, https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio"""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def mix(one: str, other: str, part: float) -> str:
    """`part` (0 to 1) of one colour, the rest of the other, as CSS mixes in sRGB."""
    pairs = zip(_bytes(one), _bytes(other), strict=True)
    return _hex(tuple((a * part + b * (1 - part)) / 255 for a, b in pairs))


def shade_of(colour: str) -> Shade:
    """The place of a colour in OKLCH."""
    red, green, blue = (_linear(value / 255) for value in _bytes(colour))
    l = math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)  # noqa: E741
    m = math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    s = math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    a = 1.9779984951 * l - 2.4285922050 * m + 0.4505937099 * s
    b = 0.0259040371 * l + 0.7827717662 * m - 0.8086757660 * s
    lightness = 0.2104542553 * l + 0.7936177850 * m - 0.0040720468 * s
    return Shade(lightness, math.hypot(a, b), math.atan2(b, a))


def colour_of(shade: Shade) -> str:
    """The colour of a shade; where screens cannot show that much chroma, as much as they can."""
    chroma = shade.chroma
    while not _fits(values := _to_linear(replace(shade, chroma=chroma))) and chroma > 0:
        chroma = max(0.0, chroma - 0.002)
    return _hex(tuple(_encoded(min(1.0, max(0.0, value))) for value in values))


def nearest(colour: str, passes: Callable[[str], bool]) -> str | None:
    """The colour nearest in lightness, of the same hue, that passes; None if none does."""
    shade = shade_of(colour)
    for step in range(int(1 / STEP) + 1):
        for lightness in (shade.lightness + step * STEP, shade.lightness - step * STEP):
            if 0 <= lightness <= 1:
                candidate = colour_of(replace(shade, lightness=lightness))
                if passes(candidate):
                    return candidate
    return None


def _bytes(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _hex(values: tuple[float, ...]) -> str:
    return "#" + "".join(f"{round(value * 255):02x}" for value in values)


def _linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


def _encoded(value: float) -> float:
    return 12.92 * value if value <= 0.0031308 else 1.055 * value ** (1 / 2.4) - 0.055


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(value / 255) for value in _bytes(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _to_linear(shade: Shade) -> tuple[float, float, float]:
    a, b = shade.chroma * math.cos(shade.hue), shade.chroma * math.sin(shade.hue)
    l = (shade.lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3  # noqa: E741
    m = (shade.lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    s = (shade.lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
        -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
        -0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s,
    )


def _fits(values: tuple[float, float, float]) -> bool:
    return all(-0.0005 <= value <= 1.0005 for value in values)
