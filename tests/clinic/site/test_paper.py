"""QR codes: what they say is what they were given, drawn with the white that scanners need."""

import re

import segno
from django.conf import settings
from django.template import Context, Template


def drawn(path: str) -> str:
    return Template("{% load paper %}{% qr_code path label %}").render(
        Context({"path": path, "label": 'Read "it"'})
    )


def modules(svg: str) -> list[list[bool]]:
    """The squares of a drawing, row by row."""
    size = int(re.search(r'viewBox="0 0 (\d+) \1"', svg)[1])
    squares = [[False] * size for _row in range(size)]
    for start, row, length in re.findall(r"M(\d+) (\d+)\.5h(\d+)", svg):
        for column in range(int(start), int(start) + int(length)):
            squares[int(row)][column] = True
    return squares


def test_the_drawing_is_the_code_of_the_address():
    squares = modules(drawn("/articles/sciatica/"))
    code = segno.make_qr(settings.SITE_URL + "/articles/sciatica/", error="m")
    assert squares == [[bool(dark) for dark in row] for row in code.matrix_iter(border=4)]


def test_four_squares_of_white_all_round():
    squares = modules(drawn("/"))
    assert not any(any(row) for row in squares[:4] + squares[-4:])
    assert not any(row[0] or row[3] or row[-1] or row[-4] for row in squares)


def test_it_has_a_name_and_no_style():
    svg = drawn("/")
    assert 'role="img" aria-label="Read &quot;it&quot;"' in svg
    assert "style" not in svg
