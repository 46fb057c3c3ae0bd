"""The order of packages: imports only point down, and no circle exists at any level."""

import ast
from collections import defaultdict
from collections.abc import Iterable, Mapping
from graphlib import CycleError, TopologicalSorter

import pytest

from tests.layers import LAYERS
from tests.test_walls import APPS, MODULES, ROOT

MOST_MODULES = 15
# Packages that hold one small module for each file format or command.
MANY_MODULES = {"articles/references/formats", "clinic/management/commands"}
MOST_LINES = 400
MOST_CHARACTERS = 200  # in a line of a template
PACKAGES = sorted(
    str(path.parent.relative_to(ROOT))
    for app in APPS
    for path in (ROOT / app).rglob("__init__.py")
    if path.parent.name != "migrations"
)
SOURCES = [module for module in MODULES if "/migrations/" not in module]


def dotted(module: str) -> str:
    return module.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def imports_at_run_time(tree: ast.AST, known: set[str]) -> set[str]:
    """Return the modules that a source imports; imports for the type checker do not count."""
    found = set()
    pending = [tree]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            pending += node.orelse
            continue
        pending += ast.iter_child_nodes(node)
        if isinstance(node, ast.ImportFrom):
            assert not node.level, "A relative import hides where it points."
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            found |= {name if name in known else str(node.module) for name in names}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return found & known


KNOWN = {dotted(module) for module in SOURCES}
IMPORTS = {
    dotted(module): imports_at_run_time(ast.parse((ROOT / module).read_text("utf-8")), KNOWN)
    for module in SOURCES
}


def children(package: str, imports: Mapping[str, Iterable[str]]) -> dict[str, set[str]]:
    """Return which parts of a package import which; the package's own file is the part ""."""

    def part(name: str) -> str | None:
        if name == package:
            return ""
        inside = name.startswith(f"{package}.")
        return name[len(package) + 1 :].split(".")[0] if inside else None

    graph: dict[str, set[str]] = defaultdict(set)
    for source, targets in imports.items():
        if (of := part(source)) is not None:
            graph[of] |= {to for target in targets if (to := part(target)) not in (None, of)}
    return graph


def circle(graph: Mapping[str, Iterable[str]]) -> list[str]:
    """Return the names on a circle of the graph, none if it has no circle."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def test_no_circle_of_modules():
    assert circle({name: targets - {name} for name, targets in IMPORTS.items()}) == []


@pytest.mark.parametrize("package", PACKAGES)
def test_no_circle_of_packages(package: str):
    assert circle(children(dotted(package), IMPORTS)) == []


@pytest.mark.parametrize("app", APPS)
def test_every_part_of_an_app_has_its_layer(app: str):
    parts = {name.split(".")[1] for name in IMPORTS if name.startswith(f"{app}.")}
    listed = [name for layer in LAYERS[app] for name in layer]
    assert sorted(listed) == sorted(parts)


@pytest.mark.parametrize("app", APPS)
def test_imports_point_to_a_lower_layer(app: str):
    height = {name: -i for i, layer in enumerate(LAYERS[app]) for name in layer}
    upward = [
        f"{app}.{source} imports {app}.{target}"
        for source, targets in children(app, IMPORTS).items()
        for target in targets
        if source and target and height[target] >= height[source]
    ]
    assert upward == []


def test_the_graph_of_this_test_finds_circles():
    imports = {"a.x.one": {"a.y"}, "a.y": {"a.z"}, "a.z": {"a.x.two"}, "a.x.two": set()}
    assert circle(imports) == []
    assert set(circle(children("a", imports))) == {"x", "y", "z"}
    assert children("a.x", imports) == {"one": set(), "two": set()}


def test_imports_for_the_type_checker_do_not_count():
    source = "if TYPE_CHECKING:\n    import a\nelse:\n    import b\ndef f():\n    from c import d\n"
    assert imports_at_run_time(ast.parse(source), {"a", "b", "c.d"}) == {"b", "c.d"}


@pytest.mark.parametrize("package", PACKAGES)
def test_every_package_says_what_it_owns(package: str):
    """What it owns, who may call it, what it must not know."""
    text = ast.get_docstring(ast.parse((ROOT / package / "__init__.py").read_text("utf-8"))) or ""
    assert len(text.splitlines()) >= 3
    assert "must not know" in text


@pytest.mark.parametrize("package", [p for p in PACKAGES if p not in MANY_MODULES])
def test_a_package_is_small(package: str):
    modules = [path.name for path in (ROOT / package).glob("*.py") if path.name != "__init__.py"]
    assert len(modules) <= MOST_MODULES


def test_no_file_is_long():
    """Data, migrations and files of others apart."""
    written = [
        path
        for folder in (*APPS, "tests", "docs", "templates", "static/css", "static/js")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in {".py", ".md", ".html", ".txt", ".css", ".js"}
        and not {"migrations", "bibliographies", "commonmark"} & set(path.parts)
    ]
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text("utf-8").splitlines()) for path in written
    }
    assert {name: lines for name, lines in lengths.items() if lines > MOST_LINES} == {}


def test_no_line_of_a_template_is_long():
    """Who reads a template reads it line by line, in a difference too."""
    long = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in (ROOT / "templates").rglob("*.*")
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if len(line) > MOST_CHARACTERS
    ]
    assert long == []
