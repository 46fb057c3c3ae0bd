"""Refuse the words that docs/words.md advises against.

`python tests/words.py` checks the repository, prints `file:line: phrase → hint` for each one found,
and exits with status 1 if there are any. `make lint` runs it.
"""

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.refused_words import BY_KIND, LABELS, SOURCE

ROOT = Path(__file__).parents[1]
APPS = ("clinic", "articles", "bookings")
GETTEXT = {"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy", "pgettext", "pgettext_lazy"}
# What new clinics get from a migration; the texts of the others are history.
WRITTEN_BY_MIGRATION = "articles/migrations/0002_privacy_page.py"

HIDDEN_IN_TEMPLATES = re.compile(
    r"\{#.*?#\}|\{% comment .*?\{% endcomment %\}|<!--.*?-->"
    r"|<(?P<tag>script|style|svg)\b.*?</(?P=tag)>",
    re.S,
)
TRANSLATED = re.compile(r"""(?:\b_\(|\{% translate )(?P<quote>["'])(?P<text>.*?)(?P=quote)""", re.S)
TAG = re.compile(r"\{%.*?%\}|\{\{.*?\}\}|<[^>]*>", re.S)
SHOWN_ATTRIBUTE = re.compile(r'\b(?:aria-label|alt|title|placeholder|label)="([^"]*)"')
CODE_IN_MARKDOWN = re.compile(r"^```.*?^```|`[^`\n]*`|(?<=\]\()[^)\s]*", re.S | re.M)
# Quotation marks and apostrophes count as their plain forms; each stays one character long.
PLAIN = str.maketrans("’‘“”\xa0", "''\"\" ")


@dataclass(frozen=True)
class Found:
    """A refused phrase: where it is, and what to write instead."""

    path: str
    line: int
    phrase: str
    hint: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.phrase} → {self.hint}"


def _compiled(pattern: str) -> re.Pattern[str]:
    """Compile a pattern: any white space matches a space, and words match only as a whole."""
    pattern = pattern.translate(PLAIN).replace(" ", r"\s+")
    return re.compile(rf"(?<![\w-]){pattern}(?![\w-])", re.I)


RULES = {
    kind: [(_compiled(pattern), hint) for pattern, hint in rules.items()]
    for kind, rules in BY_KIND.items()
}

IN_SOURCE = [(_compiled(pattern), hint) for pattern, hint in SOURCE.items()]


def _blank(match: re.Match[str]) -> str:
    """Return spaces in place of a match, so that positions and lines stay the same."""
    return re.sub(r"[^\n]", " ", match[0])


def _template_texts(source: str) -> Iterator[tuple[int, str]]:
    """Yield line and text of what a template shows, and of each string it translates."""
    source = HIDDEN_IN_TEMPLATES.sub(_blank, source)
    for pattern, group in ((TRANSLATED, "text"), (SHOWN_ATTRIBUTE, 1)):
        for match in pattern.finditer(source):
            yield source.count("\n", 0, match.start()) + 1, match[group]
    yield 1, TAG.sub(_blank, source)


def _python_texts(source: str) -> Iterator[tuple[int, str]]:
    """Yield line and text of each string but docstrings and single words outside gettext."""
    tree = ast.parse(source)
    passed = set()
    for node in ast.walk(tree):
        match node:
            case ast.Expr(value=ast.Constant() as docstring):
                passed.add(docstring)
            case ast.JoinedStr(values=parts):
                passed.update(part for part in parts if isinstance(part, ast.Constant))
                shown = [str(p.value) if isinstance(p, ast.Constant) else "{}" for p in parts]
                yield node.lineno, "".join(shown)
            case ast.Call(func=ast.Name(id=name), args=args) if name in GETTEXT:
                for argument in args:
                    if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                        passed.add(argument)
                        yield argument.lineno, argument.value
    for node in ast.walk(tree):
        match node:
            case ast.Constant(value=str() as text) if " " in text and node not in passed:
                yield node.lineno, text


def _markdown_texts(source: str) -> Iterator[tuple[int, str]]:
    """Yield a document without its code and the addresses of its links."""
    yield 1, CODE_IN_MARKDOWN.sub(_blank, source)


def _whole(source: str) -> Iterator[tuple[int, str]]:
    """Yield a file as it is."""
    yield 1, source


def kind_of(path: Path) -> str:
    """Return the kind of a file of the repository, or "" if its words are not checked."""
    name = path.as_posix()
    match path.parts[0], path.suffix:
        case "templates", ".html" | ".txt":
            return "email" if name.startswith("templates/mail/") else "template"
        case app, ".py" if app in APPS:
            if "migrations" in path.parts and name != WRITTEN_BY_MIGRATION:
                return ""
            return "command" if "commands" in path.parts else "code"
        case app, ".md" | ".json" if app in APPS:
            return "" if path.name == "references.json" else "demo"
        case "docs" | "README.md" | "CHANGELOG.md" | "SECURITY.md", ".md":
            return "" if name == "docs/words.md" else "docs"
    return ""


READERS = {
    "template": _template_texts,
    "email": _template_texts,
    "code": _python_texts,
    "command": _python_texts,
    "docs": _markdown_texts,
    "demo": _whole,
}


def refused(path: Path, root: Path = ROOT) -> list[Found]:
    """Return the refused phrases of the file at `path`, which is relative to `root`."""
    kind = kind_of(path)
    if not kind:
        return []
    source = (root / path).read_text()
    found = set()
    checked = [(first, text, RULES[kind]) for first, text in READERS[kind](source)]
    if kind not in ("demo", "docs"):
        checked.append((1, source, IN_SOURCE))
    for first, text, rules in checked:
        text = text.translate(PLAIN)
        if kind not in ("demo", "docs") and (hint := LABELS.get(text.strip())):
            found.add(Found(str(path), first, text.strip(), hint))
        for pattern, hint in rules:
            for match in pattern.finditer(text):
                line = first + text.count("\n", 0, match.start())
                found.add(Found(str(path), line, " ".join(match[0].split()), hint))
    return sorted(found, key=lambda each: (each.line, each.phrase))


def checked_files(root: Path = ROOT) -> list[Path]:
    """Return the files whose words are checked, relative to `root`, in order."""
    folders = [root / name for name in (*APPS, "templates", "docs")]
    files = [*root.glob("*.md"), *(path for each in folders for path in each.rglob("*.*"))]
    return sorted(path.relative_to(root) for path in files if kind_of(path.relative_to(root)))


def main() -> int:
    """Print each refused phrase of the repository. Return 1 if there is one, else 0."""
    found = [each for path in checked_files() for each in refused(path)]
    print(*found, sep="\n", end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
