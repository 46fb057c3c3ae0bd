"""The walls of the house: who may import whom, and who may call HTML safe."""

import ast
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
APPS = ("clinic", "articles", "bookings")
# Module of the project → the apps it must not know.
WALLS = {
    "clinic": {"articles", "bookings"},
    "articles": {"bookings"},
    "bookings": {"articles"},
}
# The table of contents of the site is where the three meet.
MEETING_PLACES = {"clinic/urls.py"}
MAY_MARK_SAFE = {
    "clinic/lib/jsonld.py",
    "clinic/lib/markdown/marks.py",
    "clinic/lib/markdown/wall.py",
}
MODULES = sorted(str(path.relative_to(ROOT)) for app in APPS for path in (ROOT / app).rglob("*.py"))
TEMPLATES = sorted(
    str(path.relative_to(ROOT))
    for folder in ("templates", *APPS)
    for path in (ROOT / folder).rglob("*.html")
)
MARKUP = re.compile(r"{%.*?%}|{{.*?}}|{#.*?#}", re.DOTALL)


def tree_of(module: str) -> ast.Module:
    return ast.parse((ROOT / module).read_text(), module)


def imported(module: str) -> Iterator[str]:
    """The full name of everything that a module imports, wherever in it that stands."""
    package = module.removesuffix(".py").split("/")[:-1]
    for node in ast.walk(tree_of(module)):
        match node:
            case ast.Import():
                yield from (alias.name for alias in node.names)
            case ast.ImportFrom():
                start = package[: len(package) - node.level + 1] if node.level else []
                origin = ".".join([*start, *filter(None, [node.module])])
                yield from (f"{origin}.{alias.name}" for alias in node.names)
            case ast.Call(args=[ast.Constant(value=str(name)), *_]) if called(node) in {
                "import_module",
                "import_string",
                "__import__",
            }:
                yield name


def called(node: ast.Call) -> str:
    """The last part of the name that is called."""
    match node.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def test_there_is_something_to_look_at():
    assert {"clinic/views.py", "articles/templatetags/articles.py"} <= set(MODULES)
    assert {"templates/base.html", "templates/articles/article.html"} <= set(TEMPLATES)


@pytest.mark.parametrize("module", [m for m in MODULES if m not in MEETING_PLACES])
def test_no_module_looks_over_its_wall(module: str):
    forbidden = WALLS[module.split("/")[0]]
    assert [name for name in imported(module) if name.split(".")[0] in forbidden] == []


def test_the_importer_of_this_test_sees_late_and_relative_imports(tmp_path, monkeypatch):
    (tmp_path / "clinic" / "lib").mkdir(parents=True)
    (tmp_path / "clinic" / "lib" / "late.py").write_text(
        "def f():\n    from articles import models\n    from .. import views\n"
        "    import_module('bookings.views')\n"
    )
    monkeypatch.setitem(globals(), "ROOT", tmp_path)
    found = list(imported("clinic/lib/late.py"))
    assert sorted(found) == ["articles.models", "bookings.views", "clinic.views"]


@pytest.mark.parametrize("module", [m for m in MODULES if m.startswith("clinic/lib/")])
def test_the_tools_know_no_model_of_ours(module: str):
    ours = {name for name in imported(module) if name.split(".")[0] in APPS}
    assert {name for name in ours if not name.startswith("clinic.lib")} == set()


@pytest.mark.parametrize("module", MODULES)
def test_only_the_renderer_and_structured_data_call_html_safe(module: str):
    if module in MAY_MARK_SAFE:
        return
    marked = [
        node.lineno
        for node in ast.walk(tree_of(module))
        if isinstance(node, ast.Call) and marks_safe(node)
    ]
    assert marked == []


def marks_safe(node: ast.Call) -> bool:
    """`mark_safe(…)`, or `SafeString(…)` of anything but a literal text."""
    if called(node) == "SafeString":
        return not all(isinstance(argument, ast.Constant) for argument in node.args)
    return called(node) in {"mark_safe", "SafeText", "html_safe"}


@pytest.mark.parametrize("template", TEMPLATES)
def test_no_template_calls_anything_safe(template: str):
    text = (ROOT / template).read_text()
    assert not re.search(r"\|\s*safe(seq)?\b|{%\s*autoescape\s+off", text)


class Inline(HTMLParser):
    """What stands in a page itself although it belongs into a file."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = dict(attrs)
        if tag == "style" or (tag == "script" and "src" not in names):
            self.found.append(f"<{tag}>")
        self.found += [f"{tag} {name}" for name in names if name == "style" or name[:2] == "on"]


@pytest.mark.parametrize("template", [t for t in TEMPLATES if not t.startswith("templates/mail/")])
def test_no_template_holds_scripts_or_styles(template: str):
    inline = Inline()
    inline.feed(MARKUP.sub("x", (ROOT / template).read_text()))
    assert inline.found == []
