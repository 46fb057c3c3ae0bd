"""The walls of the house: who may import whom, and who may call HTML safe."""

import ast
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from textwrap import dedent

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
# Who asks the clock: views, panels of the desk, system checks, the frame and the worker. Their
# callers give all others the moment.
MAY_ASK_THE_CLOCK = re.compile(
    r"""
    .*/(admin|management|templatetags|migrations)/.* | .*/(\w+_)?views\.py | .*/dashboard\.py
    | .*/wall_times\.py | articles/public/(downloads|feeds)\.py | bookings/patient/page\.py
    | clinic/accounts/password_reset\.py | clinic/middleware\.py | clinic/site/page_context\.py
    | clinic/operations/health_checks\.py
    """,
    re.VERBOSE,
)
CLOCKS = {"now", "utcnow", "today", "localdate", "localtime", "time", "time_ns"}
# The apps that clinic must not name in a string either, and the first words of their addresses.
TENANTS = re.compile(
    r"""
    (articles|bookings)([._:/].*)? | .*\b(articles|bookings)[.:_][a-z].*
    | .*(?<!\w)/(articles|book|evidence|preview)\b.* | evidence
    """,
    re.VERBOSE | re.DOTALL,
)
MAY_NAME_TENANTS = {
    # What joins the apps.
    "clinic/settings.py": None,
    "clinic/urls.py": None,
    # Help texts show editors the address of a page.
    "clinic/models/redirect.py": "A page on this site: /articles/back-pain/",
    "clinic/models/way.py": "For a page: its link, such as /articles/sciatica/.",
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
    assert {"clinic/site/views.py", "articles/templatetags/articles.py"} <= set(MODULES)
    assert {"templates/base.html", "templates/articles/article.html"} <= set(TEMPLATES)


@pytest.mark.parametrize("module", [m for m in MODULES if m not in MEETING_PLACES])
def test_no_module_looks_over_its_wall(module: str):
    forbidden = WALLS[module.split("/")[0]]
    assert [name for name in imported(module) if name.split(".")[0] in forbidden] == []


def test_the_importer_of_this_test_sees_late_and_relative_imports(tmp_path, monkeypatch):
    (tmp_path / "clinic" / "lib").mkdir(parents=True)
    (tmp_path / "clinic" / "lib" / "late.py").write_text(
        "def f():\n    from articles import models\n    from .. import views\n"
        "    import_module('bookings.intake.views')\n"
    )
    monkeypatch.setitem(globals(), "ROOT", tmp_path)
    found = list(imported("clinic/lib/late.py"))
    assert sorted(found) == ["articles.models", "bookings.intake.views", "clinic.views"]


def strings(tree: ast.AST) -> Iterator[ast.Constant]:
    """Every string of a source but its docstrings."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Expr):
            for child in ast.iter_child_nodes(node):
                if isinstance(child, ast.Constant) and isinstance(child.value, str):
                    yield child


def url_names(tree: ast.AST) -> set[str]:
    """The names that a table of addresses gives to views of articles or bookings."""
    return {
        str(keyword.value.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and called(node) == "path"
        if ast.unparse(node.args[1]).split(".")[0] in {"desk", "reading"}
        for keyword in node.keywords
        if keyword.arg == "name" and isinstance(keyword.value, ast.Constant)
    }


def names_a_tenant(tree: ast.AST, addresses: set[str]) -> list[tuple[int, str]]:
    found = [(node.lineno, str(node.value)) for node in strings(tree)]
    reversed_names = [
        (node.lineno, str(node.args[0].value))
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and called(node) in {"reverse", "reverse_lazy", "redirect"}
        if node.args and isinstance(node.args[0], ast.Constant)
    ]
    return [(line, text) for line, text in found if TENANTS.fullmatch(text)] + [
        (line, name) for line, name in reversed_names if name in addresses
    ]


@pytest.mark.parametrize("module", [m for m in MODULES if m.startswith("clinic/")])
def test_clinic_names_no_tenant_in_a_string(module: str):
    """No app label, model, table, URL name or address of articles and bookings."""
    if "/migrations/" in module or MAY_NAME_TENANTS.get(module, "") is None:
        return
    found = names_a_tenant(tree_of(module), url_names(tree_of("clinic/urls.py")))
    assert [(line, text) for line, text in found if text != MAY_NAME_TENANTS.get(module)] == []


@pytest.mark.parametrize(
    "code",
    [
        'x = "articles.Article"',
        'x = {"bookings.enquiry": 1}',
        'x = name.startswith("bookings.")',
        'x = "bookings_offer" in tables',
        'x = BASE_DIR / "articles" / "demo"',
        'x = "Disallow: /book/r/"',
        'x = f"/preview/{token}"',
        'x = reverse("page", args=[1])',
        'x = reverse("bookings:book")',
        'x = reverse("admin:articles_article_change")',
    ],
)
def test_names_of_tenants_are_seen(code: str):
    assert names_a_tenant(ast.parse(code), {"page"})


def test_words_of_our_own_are_no_names_of_tenants():
    code = """
    'A docstring about articles.models.'
    x = ["book", "page", "Articles need a review.", "booking_url", "/services/{}/", "article"]
    y = reverse("service"), reverse("admin:clinic_image_change")
    """
    assert names_a_tenant(ast.parse(dedent(code)), {"page"}) == []


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


def asks_the_clock(node: ast.Call) -> bool:
    """`timezone.now()` and the like; `localdate(moment)` and `time(8)` only convert."""
    return (
        isinstance(node.func, ast.Attribute)
        and node.func.attr in CLOCKS
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id in {"timezone", "datetime", "date", "time"}
        and (node.func.attr == "now" or not node.args)
    )


def calls_in(module: str) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree_of(module)) if isinstance(node, ast.Call))


def test_only_the_edge_asks_the_clock():
    told = [module for module in MODULES if not MAY_ASK_THE_CLOCK.fullmatch(module)]
    asking = [
        f"{module}:{call.lineno}"
        for module in told
        for call in calls_in(module)
        if asks_the_clock(call)
    ]
    assert asking == []


def test_the_clock_is_seen_in_what_asks_it():
    asking = ("timezone.now()", "datetime.now(UTC)", "date.today()", "timezone.localdate()")
    told = ("timezone.localdate(at)", "at.time()", "datetime.combine(day, time())", "time(8)")
    for code in asking:
        assert asks_the_clock(ast.parse(code).body[0].value), code
    for code in told:
        assert not asks_the_clock(ast.parse(code).body[0].value), code


def test_text_files_name_their_encoding():
    """Without one, a site under another locale would read them as something else."""
    unnamed = [
        f"{module}:{call.lineno}"
        for module in MODULES
        for call in calls_in(module)
        if called(call) in {"read_text", "write_text"}
        and not any(keyword.arg == "encoding" for keyword in call.keywords)
    ]
    assert unnamed == []


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
