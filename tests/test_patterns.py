"""No pattern of ours takes much more than twice the time for twice the text.

A pattern runs with the interpreter locked: while one is lost in a text, the whole process answers
nobody. All that modules compile are found by looking at the modules, and tried as the code uses
them on what repeats: the text for which backtracking is worst.
"""

import ast
import importlib
import inspect
import pkgutil
import re
import time
from collections.abc import Callable, Iterator
from functools import cache
from types import ModuleType
from typing import Any

import articles
import bookings
import clinic

ATOMS = [" ", "\n", "\t", "a", "A", "0", "a ", "A ", "1 ", ".", "-", "_", "(", "[", "{", "<", "<a"]
ATOMS += ['"', "'", "*", "`", "\\", "^", "~", "|", "@", "&", "=", ":", ";", ",", "/", "http://"]
ATOMS += ["doi:", "10.1234/", "A. ", "a, ", "[a ", "{{", "<!--", "[^1]", "a.", "1.", "[embed]"]
ATOMS += ["[caption]", "\\{", "et al", "and ", "-1x1", "p.1", " \n", "x: "]
BEFORE = ["", "[a"]
END = "\0"  # what none of them takes
ATOMS += ["[^", "](", "[[", "((", "&#", "</", "**", "a@", "![", "--", ".\n"]
SIZES = 64, 512, 2048  # characters: what is cubic shows itself in few
SHORT = 0.0002  # seconds of the processor: enough to be measured, and no verdict
TOO_STEEP = 2.9  # times as long for twice the text: 2 is linear, 4 is quadratic
ANCHORED = {"match", "fullmatch"}
# In a collection whose patterns are only ever matched at a known place.
MATCHED = {"FORMATS", "_KEYS"}
METHOD = r"\b{}\.(match|fullmatch|search|sub|subn|finditer|findall|split)\b"


def modules() -> Iterator[ModuleType]:
    """Every module of the project."""
    for package in (articles, bookings, clinic):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if ".migrations" not in found.name and not found.name.endswith((".dev", ".wsgi")):
                yield importlib.import_module(found.name)


def compiled(value: Any) -> Iterator[re.Pattern[Any]]:
    """Every pattern in a value, however deep."""
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, dict):
        yield from compiled(list(value.values()))
    elif isinstance(value, list | tuple | set | frozenset):
        for each in value:
            yield from compiled(each)
    elif hasattr(value, "__dataclass_fields__") and not isinstance(value, type):
        yield from compiled([getattr(value, name) for name in value.__dataclass_fields__])


@cache
def patterns() -> dict[str, tuple[re.Pattern[Any], Callable[[str], Any]]]:
    """Each pattern by where it is, and what is tried: `match` where the code uses no more."""
    found: dict[tuple[Any, int], tuple[str, re.Pattern[Any]]] = {}
    used: dict[str, set[str]] = {}
    everything = list(modules())
    sources = {module.__name__: inspect.getsource(module) for module in everything}
    for module in everything:
        for name, value in vars(module).items():
            for number, pattern in enumerate(compiled(value)):
                where = f"{module.__name__}.{name}" + (f"[{number}]" if number else "")
                if not name.startswith("__"):
                    found.setdefault((pattern.pattern, pattern.flags), (where, pattern))
                    private = name.startswith("_")
                    read = [sources[module.__name__]] if private else list(sources.values())
                    methods = re.findall(METHOD.format(re.escape(name)), "\n".join(read))
                    used.setdefault(where, set()).update(methods)
    tried = {}
    for where, pattern in found.values():
        methods = used[where]
        if where.rpartition(".")[2].partition("[")[0] in MATCHED:
            methods = {"match"}
        anchored = methods and methods <= ANCHORED
        method = (min(methods) if len(methods) == 1 else "match") if anchored else "search"
        tried[where] = (pattern, getattr(pattern, method))
    for name, source in sources.items():
        for node in ast.walk(ast.parse(source)):
            if written := inline(node):
                method, text, line = written
                tried[f"{name}, line {line}"] = (
                    re.compile(text),
                    getattr(re.compile(text), method),
                )
    return tried


def inline(node: ast.AST) -> tuple[str, str | bytes, int] | None:
    """The method, pattern and line of a call such as `re.sub(r"a+", …)`."""
    match node:
        case ast.Call(
            func=ast.Attribute(value=ast.Name(id="re"), attr=method),
            args=[ast.Constant(value=str() | bytes() as text), *_],
            lineno=line,
        ) if method != "compile":
            return ("search" if method not in ANCHORED else method, text, line)
    return None


def seconds(act: Callable[[Any], Any], text: Any, *, times: int = 1) -> float:
    """The processor's time for one call, at best."""
    best = float("inf")
    for _ in range(times):
        begun = time.thread_time()
        act(text)
        best = min(best, time.thread_time() - begun)
    return best


def is_steep(act: Callable[[Any], Any], make: Callable[[int], Any]) -> bool:
    """Whether the time grows faster than the text, measured three times before it is believed."""
    size = next((size for size in SIZES if seconds(act, make(size)) > SHORT), None)
    return size is not None and all(
        seconds(act, make(2 * size), times=times) / seconds(act, make(size), times=times)
        > TOO_STEEP
        for times in (2, 5, 9)
    )


def test_every_pattern_is_found():
    assert len(patterns()) > 150
    assert "clinic.lib.colours.HEX" in patterns()


def test_twice_the_text_takes_no_pattern_four_times_as_long():
    steep = []
    for where, (pattern, act) in patterns().items():
        is_bytes = isinstance(pattern.pattern, bytes)
        for before in BEFORE:
            for atom in ATOMS:

                def make(size: int, before: str = before, atom: str = atom) -> Any:
                    text = before + atom * (size // len(atom)) + END
                    return text.encode() if is_bytes else text  # noqa: B023

                if is_steep(act, make):
                    steep.append(f"{where}.{act.__name__}: {before!r} and {atom!r} repeated")
                    break
            else:
                continue
            break
    assert steep == []
