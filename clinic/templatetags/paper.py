"""Template tags for what phones read: QR codes, on paper and on the screen."""

from functools import lru_cache

import segno
from django import template
from django.conf import settings
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()

QUIET_ZONE = 4  # modules of white round a code (ISO/IEC 18004)


@register.simple_tag
def qr_code(path: str, label: str) -> SafeString:
    """An address of this site as a QR code; `label` says where it leads. `path` begins with a
    slash."""
    return qr_picture(settings.SITE_URL + path, label)


@register.simple_tag
@lru_cache(maxsize=1024)
def qr_picture(text: str, label: str) -> SafeString:
    """Any text as a QR code, drawn in one path; `label` says what it is. The codes of the last
    pages are kept (4 KB each): after a change every page is made again, with the same codes.

    Raises ValueError for a text too long for a code (about 2,300 bytes).
    """
    code = segno.make_qr(text, error="m")
    size = code.symbol_size(border=QUIET_ZONE)[0]
    strokes = [
        f"M{start} {row}.5h{length}"
        for row, modules in enumerate(code.matrix_iter(border=QUIET_ZONE))
        for start, length in _dark_runs(bytes(modules))
    ]
    return format_html(
        '<svg class="qr" viewBox="0 0 {size} {size}" width="{size}" height="{size}" role="img"'
        ' aria-label="{label}" shape-rendering="crispEdges">'
        '<path stroke="currentColor" d="{path}"/></svg>',
        size=size,
        label=label,
        path="".join(strokes),
    )


def _dark_runs(modules: bytes) -> list[tuple[int, int]]:
    """(start, length) of each stretch of dark modules in a row."""
    runs: list[tuple[int, int]] = []
    for place, dark in enumerate(modules):
        if not dark:
            continue
        if runs and sum(runs[-1]) == place:
            runs[-1] = (runs[-1][0], runs[-1][1] + 1)
        else:
            runs.append((place, 1))
    return runs
