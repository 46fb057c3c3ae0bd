"""Front matter: YAML between two lines of “---”, then text; every problem with its line."""

import difflib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, time, tzinfo
from typing import Any

import yaml
from django.utils import timezone
from django.utils.translation import gettext as _
from frontmatter import YAMLHandler

from articles.import_problems import Problems, is_storable
from articles.importers.portable.texts import trimmed
from clinic.lib.nested_json import is_within_bounds

MORNING = time(9)  # of a date without time, in the clinic's time zone


@dataclass
class Front:
    """The values of front matter; what has another shape than expected is a problem."""

    name: str
    values: dict[str, Any]
    lines: dict[str, int]
    body: str
    problems: Problems

    def problem(self, key: str, message: str) -> None:
        self.problems.add(self.name, self.lines.get(key, 1), message)

    def string(self, key: str, value: Any) -> str:
        """This value under `key`, if it is text."""
        if value is None or isinstance(value, str):
            return value or ""
        self.problem(key, _("%(key)s: put “%(value)s” in quotes.") % {"key": key, "value": value})
        return ""

    def text(self, key: str) -> str:
        return self.string(key, self.values.get(key))

    def texts(self, key: str) -> list[str]:
        values = self.values.get(key)
        if isinstance(values, list):
            return [text for value in values if (text := self.string(key, value))]
        if values is not None:
            self.problem(key, _("%(key)s: enter a list.") % {"key": key})
        return []

    def number(self, key: str) -> int | None:
        value = self.values.get(key)
        if value is None or (isinstance(value, int) and not isinstance(value, bool)):
            return value
        self.problem(key, _("%(key)s: enter a whole number.") % {"key": key})
        return None

    def flag(self, key: str) -> bool:
        """Return true or false; false where the key is absent."""
        value = self.values.get(key)
        if value is not None and not isinstance(value, bool):
            self.problem(key, _("%(key)s: enter true or false.") % {"key": key})
        return value is True

    def mapping(self, key: str, known: tuple[str, ...]) -> dict[str, Any]:
        return self._entry(key, self.values.get(key) or {}, known)

    def pairs(self, key: str, names: tuple[str, str]) -> list[tuple[Any, Any]]:
        """The two values of each entry of a list; both must be there."""
        values = self.values.get(key) or []
        if not isinstance(values, list):
            self.problem(key, _("%(key)s: enter a list.") % {"key": key})
            return []
        entries = [self._entry(key, value, names) for value in values]
        for entry in entries:
            if not all(entry.get(name) for name in names):
                first, second = names
                self.problem(
                    key,
                    _("%(key)s: each entry needs “%(first)s” and “%(second)s”.")
                    % {"key": key, "first": first, "second": second},
                )
        return [(entry.get(names[0]), entry.get(names[1])) for entry in entries]

    def moment(self, key: str, value: Any, zone: tzinfo) -> datetime | None:
        """A date or a moment, also in ISO 8601 within quotes."""
        if isinstance(value, str):
            with suppress(ValueError):
                value = datetime.fromisoformat(value)
        if isinstance(value, datetime):
            return value if timezone.is_aware(value) else value.replace(tzinfo=zone)
        if isinstance(value, date):
            return datetime.combine(value, MORNING, zone)
        if value is not None:
            self.problem(key, _("“%(value)s” is not a valid date.") % {"value": value})
        return None

    def _entry(self, key: str, value: Any, known: tuple[str, ...]) -> dict[str, Any]:
        if not isinstance(value, dict) or any(name not in known for name in value):
            self.problem(
                key,
                _("%(key)s: use only these: %(known)s.") % {"key": key, "known": ", ".join(known)},
            )
            return {}
        return value


def read(name: str, source: str, known: Sequence[str], problems: Problems) -> Front | None:
    """The front matter and the text below it; None, and a problem, where there is none.

    `known`: the keys that may stand in it.
    """
    handler = YAMLHandler()
    opening = YAMLHandler.FM_BOUNDARY.match(source)
    try:
        # Not frontmatter.parse, which would take the indentation from the first line of the text.
        front, content = handler.split(source) if opening else ("", "")
    except ValueError:
        opening = None
    if opening is None:
        problems.add(
            name, 1, _("There is no front matter. It must come first, between two lines of “---”.")
        )
        return None
    before = source.count("\n", 0, opening.end())  # lines above the first of `front`
    first = before + len(front) - len(front.lstrip("\n")) + 1
    try:
        node = yaml.compose(front, yaml.SafeLoader)
        values = handler.load(front)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        where = mark.line if mark else front.count("\n", 0, getattr(error, "position", 1))
        why = getattr(error, "problem", None) or getattr(error, "reason", None) or error
        message = _("The front matter is not YAML: %(why)s.") % {"why": why}
        problems.add(name, before + where + 1, message)
        return None
    if not isinstance(node, yaml.MappingNode):
        problems.add(name, first, _("The front matter must be “key: value” lines."))
        return None
    if not is_within_bounds(values):  # an alias may stand for any number of parts, or for itself
        problems.add(name, first, _("The front matter is nested too deeply, or too long."))
        return None
    body = trimmed(content)
    first_of_body = len(source) - len(content.lstrip()) if body else len(source)
    lines = {"body": source.count("\n", 0, first_of_body) + 1}
    for key, _value in node.value:
        line = before + key.start_mark.line + 1
        if key.value in lines:
            problems.add(name, line, _("“%(key)s” appears twice here.") % {"key": key.value})
        elif key.value not in known:
            problems.add(name, line, _unknown(key.value, known))
        lines[key.value] = line
    if not is_storable(values):
        problems.add(name, first, _("This contains characters that are not allowed."))
        return None
    return Front(name, values, lines, body, problems)


def _unknown(key: str, known: Sequence[str]) -> str:
    close = difflib.get_close_matches(key, known, n=1)
    if close:
        return _("“%(key)s” is not a valid key here. Did you mean “%(known)s”?") % {
            "key": key,
            "known": close[0],
        }
    return _("“%(key)s” is not a valid key here. Valid keys: %(known)s.") % {
        "key": key,
        "known": ", ".join(known),
    }
