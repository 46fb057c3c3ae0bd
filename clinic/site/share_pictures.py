"""Pictures that stand for a page where its address is shared: its title, the clinic, and a figure
with the one marked strip. Drawn from the same data as the figures of the page."""

import io
import re
from functools import cache
from itertools import combinations, pairwise
from pathlib import Path

from django.conf import settings
from PIL import Image, ImageColor, ImageDraw, ImageFont

from clinic.lib.theme import FIXED, Theme
from clinic.site.drawings import Disc, Drawing, Strip
from clinic.site.structured_data import HEIGHT, WIDTH

Point = tuple[float, float]

LARGER = 2  # drawn larger and made smaller: edges are smooth then
MARGIN, FLOOR = 72, 24
FIGURE = 330  # the widest that a figure may be
TITLE_SIZES = (84, 72, 60, 50, 42)
MOST_LINES = 4
SHADES = 12  # between two colours that touch: smooth edges

_STEP = re.compile(r"([MHVQL])([^MHVQL]*)")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


def png(title: str, clinic: str, drawing: Drawing, theme: Theme) -> bytes:
    """Return a picture of WIDTH × HEIGHT as PNG, some 20 kB."""
    width, height = WIDTH * LARGER, HEIGHT * LARGER
    image = Image.new("RGB", (width, height), theme.sky)
    draw = ImageDraw.Draw(image)
    ink = FIXED["ink"][0]
    ground = height - FLOOR * LARGER
    _figure(draw, drawing, theme, ground)
    draw.rectangle((0, ground, width, height), fill=ink)
    margin = MARGIN * LARGER
    small = _font(theme, 36)
    draw.text((margin, margin), clinic, font=small, fill=ink)
    room = width - 3 * margin - FIGURE * LARGER
    font, lines = _fitted(title, theme, room)
    step = font.size * 1.1
    top = margin + (ground - margin + small.size - step * len(lines)) / 2
    for number, line in enumerate(lines):
        draw.text((margin, top + number * step), line, font=font, fill=ink)
    out = io.BytesIO()
    small_image = image.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)
    flat = small_image.quantize(palette=_palette(theme), dither=Image.Dither.NONE)
    flat.save(out, "PNG")
    return out.getvalue()


def _palette(theme: Theme) -> Image.Image:
    """The colours of the drawing, and those between each two of them."""
    flat = [ImageColor.getrgb(name) for name in (theme.sky, FIXED["ink"][0], theme.tape, "#ffffff")]
    colours = [
        round(one + (other - one) * step / SHADES)
        for first, second in combinations(flat, 2)
        for step in range(SHADES + 1)
        for one, other in zip(first, second, strict=True)
    ]
    palette = Image.new("P", (1, 1))
    palette.putpalette(colours)
    return palette


def _fitted(title: str, theme: Theme, room: float) -> tuple[ImageFont.FreeTypeFont, list[str]]:
    """Return the largest of the sizes in which a title has few lines, and its lines. What does not
    fit in the smallest is cut."""
    for size in TITLE_SIZES:
        font = _font(theme, size)
        lines = _lines(title, font, room)
        if len(lines) <= MOST_LINES and all(font.getlength(line) <= room for line in lines):
            return font, lines
    lines = lines[:MOST_LINES]
    while font.getlength(f"{lines[-1]}…") > room and lines[-1]:
        lines[-1] = lines[-1][:-1]
    return font, [*lines[:-1], f"{lines[-1]}…"]


def _lines(title: str, font: ImageFont.FreeTypeFont, room: float) -> list[str]:
    lines = [""]
    for word in title.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and font.getlength(longer) > room:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


@cache
def _face(file: str, size: int) -> ImageFont.FreeTypeFont:
    font = ImageFont.truetype(Path(settings.BASE_DIR) / "static" / file, size)
    font.set_variation_by_axes([700])
    return font


def _font(theme: Theme, size: int) -> ImageFont.FreeTypeFont:
    return _face(theme.fonts[0], size * LARGER)


def _figure(draw: ImageDraw.ImageDraw, drawing: Drawing, theme: Theme, ground: float) -> None:
    """Draw a figure at the right, standing on the floor."""
    left, top, wide, high = drawing.box
    scale = min(FIGURE * LARGER / wide, (ground - MARGIN * LARGER) / high)
    x = WIDTH * LARGER - MARGIN * LARGER - wide * scale
    y = ground - high * scale
    ink = FIXED["ink"][0]
    colours = {"fig": ink, "fig2": "#ffffff", "tape": theme.tape, "tape-edge": ink}
    colours |= {"under": theme.sky, "ink": ink}

    def place(point: Point) -> Point:
        return x + (point[0] - left) * scale, y + (point[1] - top) * scale

    for shape in drawing.shapes:
        colour = colours.get(getattr(shape, "role", ""))
        if colour is None:
            continue
        if isinstance(shape, Disc):
            _dot(draw, place((shape.x, shape.y)), shape.radius * scale, colour)
        elif isinstance(shape, Strip):
            for line in _paths(shape.path):
                points = [place(point) for point in line]
                for one, other in pairwise(points):
                    draw.line((*one, *other), fill=colour, width=round(shape.width * scale))
                for point in points:
                    _dot(draw, point, shape.width * scale / 2, colour)


def _dot(draw: ImageDraw.ImageDraw, at: Point, radius: float, colour: str) -> None:
    x, y = at
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)


def _paths(data: str) -> list[list[Point]]:
    """Return the lines of SVG path data in absolute M, L, H, V and Q, curves as short lines."""
    lines: list[list[Point]] = []
    for command, said in _STEP.findall(data):
        numbers = [float(number) for number in _NUMBER.findall(said)]
        if command == "M":
            lines.append([(numbers[0], numbers[1])])
            numbers = numbers[2:]
            command = "L"
        x, y = lines[-1][-1]
        if command == "H":
            lines[-1].append((numbers[0], y))
        elif command == "V":
            lines[-1].append((x, numbers[0]))
        elif command == "L":
            lines[-1] += list(zip(numbers[::2], numbers[1::2], strict=True))
        else:
            (ax, ay), (bx, by) = (numbers[0], numbers[1]), (numbers[2], numbers[3])
            for step in range(1, 13):
                t = step / 12
                lines[-1].append(
                    (
                        (1 - t) ** 2 * x + 2 * t * (1 - t) * ax + t * t * bx,
                        (1 - t) ** 2 * y + 2 * t * (1 - t) * ay + t * t * by,
                    )
                )
    return lines
