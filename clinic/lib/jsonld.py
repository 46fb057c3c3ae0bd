"""Structured data (schema.org, as JSON-LD) inside an HTML page."""

import json
from typing import Any

from django.utils.safestring import SafeString, mark_safe

EMPTY: tuple[Any, ...] = (None, "", [], {})
# As in HTML's rules for script data: nothing may look like the end of the element.
_ESCAPES = {ord(">"): "\\u003E", ord("<"): "\\u003C", ord("&"): "\\u0026"}


def script(data: dict[str, Any] | list[dict[str, Any]]) -> SafeString:
    """A `script` element that holds data, not code: the content security policy lets it be."""
    packed = json.dumps(data, ensure_ascii=False).translate(_ESCAPES)
    return mark_safe(f'<script type="application/ld+json">{packed}</script>')  # noqa: S308


def pruned(value: Any) -> Any:
    """Without what is None or empty, all the way down."""
    if isinstance(value, dict):
        pairs = ((key, pruned(entry)) for key, entry in value.items())
        return {key: entry for key, entry in pairs if entry not in EMPTY}
    if isinstance(value, list):
        return [entry for entry in map(pruned, value) if entry not in EMPTY]
    return value
