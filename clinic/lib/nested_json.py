"""JSON from outside, within bounds: how deep, how long, and only numbers that can be stored."""

import json
from typing import Any

DEEPEST = 30  # lists and objects within one another
LONGEST = 300_000  # characters of all texts together
MOST_SIGNS = 1_000_000  # that begin or part values: each may take 64 bytes once it is read


def loads(text: str, *, longest: int = LONGEST) -> Any:
    """The value of a JSON text. Raises ValueError for what is no JSON or beyond the bounds."""
    if sum(map(text.count, ",[{")) > MOST_SIGNS:
        raise ValueError("It has too many parts.")
    try:
        value = json.loads(text, parse_constant=_refuse)
    except RecursionError:
        raise ValueError("It is nested too deeply.") from None
    if not is_within_bounds(value, longest=longest):
        raise ValueError("It is nested too deeply, or too long.")
    return value


def is_within_bounds(value: Any, *, deepest: int = DEEPEST, longest: int = LONGEST) -> bool:
    """Whether decoded JSON is neither nested too deeply nor too long, in a loop of its own."""
    todo = [(value, 1)]
    while todo:
        part, depth = todo.pop()
        if isinstance(part, str):
            longest -= len(part)
        elif isinstance(part, list | tuple | dict):
            if depth > deepest:
                return False
            longest -= len(part)
            todo += [(each, depth + 1) for each in part]
            if isinstance(part, dict):
                todo += [(each, depth + 1) for each in part.values()]
        if longest < 0:
            return False
    return True


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is not a JSON number.")
