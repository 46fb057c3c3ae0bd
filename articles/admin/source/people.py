"""People of a source as rows of a form: family name, given name, or an organisation."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from articles.references.csl import names_of, surname, text_of
from clinic.lib.fields.visible_text import visible_line

ROLES = (("author", _("Author")), ("editor", _("Editor")))
PARTS = ("role", "family", "given", "suffix", "body")
MOST = 300  # rows
EMPTY_ROWS = 2  # to be typed into without a script

Row = dict[str, str]


def rows_of(csl: Mapping[str, Any]) -> list[Row]:
    """Return the authors and editors of a source as rows."""
    return [_row(role, name) for role, _label in ROLES for name in names_of(csl, role)]


def names_from(rows: Iterable[Row], csl: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Return the CSL names of each role. A row that was not changed keeps all parts of its name."""
    known = [(_row(role, name), name) for role, _label in ROLES for name in names_of(csl, role)]
    found: dict[str, list[dict[str, Any]]] = {role: [] for role, _label in ROLES}
    for row in rows:
        same = next((dict(name) for shown, name in known if shown == row), None)
        found[row["role"]].append(same or _name(row))
    return found


def _row(role: str, name: Mapping[str, Any]) -> Row:
    if body := text_of(name, "literal"):
        return {"role": role, "family": "", "given": "", "suffix": "", "body": body}
    if not text_of(name, "family"):
        return {"role": role, "family": surname(name), "given": "", "suffix": "", "body": ""}
    given = " ".join(filter(None, (text_of(name, "given"), text_of(name, "dropping-particle"))))
    suffix = text_of(name, "suffix")
    return {"role": role, "family": surname(name), "given": given, "suffix": suffix, "body": ""}


def _name(row: Row) -> dict[str, str]:
    if row["body"]:
        return {"literal": row["body"]}
    return {part: row[part] for part in ("family", "given", "suffix") if row[part]}


class PeopleWidget(forms.Widget):
    """A table with a row for each person; its inputs have one name for each column."""

    template_name = "admin/articles/reference/people.html"

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        """Return what the template shows: the rows, and empty ones after them."""
        context = super().get_context(name, value, attrs)
        rows = [*(value or []), *({"role": "author"} for _n in range(EMPTY_ROWS))]
        context["widget"] |= {"rows": rows, "roles": ROLES}
        return context

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[Row]:
        """Return the rows in which something was typed."""
        columns = [data.getlist(f"{name}_{part}")[:MOST] for part in PARTS]
        rows = [dict(zip(PARTS, cells, strict=False)) for cells in zip(*columns, strict=False)]
        rows = [{part: visible_line(cell).strip() for part, cell in row.items()} for row in rows]
        return [row for row in rows if any(row[part] for part in PARTS[1:])]

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        """Return whether the form had no such table."""
        return f"{name}_family" not in data

    def id_for_label(self, id_: str) -> str:
        """Return no id: each input has a label of its own."""
        return ""


class PeopleField(forms.Field):
    """Rows of people, as `rows_of` gives them."""

    widget = PeopleWidget

    def clean(self, value: Any) -> list[Row]:
        """Return the rows. Raises ValidationError where a row is both a person and a body."""
        roles = {role for role, _label in ROLES}
        for row in value or []:
            if row["role"] not in roles:
                row["role"] = "author"
            if row["body"] and (row["family"] or row["given"]):
                raise ValidationError(
                    _("“%(name)s” is both a person and an organization: use one row for each."),
                    params={"name": row["body"]},
                )
            if row["given"] and not row["family"]:
                raise ValidationError(
                    _("Enter the family name of “%(name)s”."), params={"name": row["given"]}
                )
            if any(len(cell) > 300 for cell in row.values()):
                raise ValidationError(_("A name is longer than 300 characters."))
        return value or []

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Return whether the rows differ."""
        return list(initial or []) != list(data or [])
