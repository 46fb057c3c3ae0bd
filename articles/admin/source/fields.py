"""The details of a source as fields of a form, read from CSL-JSON and written into it."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from articles.admin.source import people as people_rows
from articles.references import identifiers
from articles.references.csl import date_of, range_of, text_of
from articles.references.formats import dates
from clinic.lib.fields.visible_text import VisibleCharField

# The kinds that people choose from; a source of another kind keeps it, under its CSL name.
KINDS = (
    ("article-journal", _("Journal article")),
    ("report", _("Guideline or report")),
    ("book", _("Book")),
    ("chapter", _("Book chapter")),
    ("webpage", _("Web page")),
    ("article", _("Preprint")),
    ("thesis", _("Thesis")),
    ("paper-conference", _("Conference paper")),
    ("article-newspaper", _("Newspaper article")),
    ("dataset", _("Dataset")),
    ("document", _("Other")),
)
_IN_ISSUES = "article-journal article-newspaper article"
_WITH_PUBLISHER = "book chapter report thesis paper-conference dataset document"
_ONLINE = "webpage report document dataset article-newspaper"
# By form field: the CSL field, its label, its help, and the kinds that use it ("" for all).
TEXTS: dict[str, tuple[str, Any, Any, str]] = {
    "source_title": ("title", _("Title"), "", ""),
    "source_container": (
        "container-title", _("Journal, book or website"), "",
        f"{_IN_ISSUES} chapter paper-conference webpage",
    ),
    "source_short": (
        "container-title-short", _("Journal abbreviation"), _("As in PubMed: J Clin Med"),
        "article-journal",
    ),
    "source_volume": ("volume", _("Volume"), "", f"{_IN_ISSUES} book chapter"),
    "source_issue": ("issue", _("Issue"), _("“3”, or “3 Suppl 1”"), _IN_ISSUES),
    "source_page": (
        "page", _("Pages or article number"), _("“11-19” or “e11225”"),
        f"{_IN_ISSUES} chapter paper-conference",
    ),
    "source_edition": (
        "edition", _("Edition"), _("Leave blank for a first edition"), "book chapter report"
    ),
    "source_number": ("number", _("Report number"), "", "report"),
    "source_publisher": ("publisher", _("Publisher or institution"), "", _WITH_PUBLISHER),
    "source_place": ("publisher-place", _("Place of publication"), "", _WITH_PUBLISHER),
    "source_doi": ("DOI", _("DOI"), "", ""),
    "source_pmid": ("PMID", _("PMID"), "", "article-journal article chapter book"),
    "source_url": ("URL", _("Web address"), "", ""),
}  # fmt: skip
DATES: dict[str, tuple[str, Any, Any, str]] = {
    "source_issued": (
        "issued", _("Date of publication"), _("“2023”, “2023-02” or “2 February 2023”"), ""
    ),
    "source_accessed": (
        "accessed", _("Accessed on"), _("The day you last opened the web page"), _ONLINE
    ),
}  # fmt: skip
PEOPLE = "source_people"
TYPE = "source_type"
ORDER = (
    TYPE, "source_title", PEOPLE, "source_container", "source_short", "source_issued",
    "source_volume", "source_issue", "source_page", "source_edition", "source_number",
    "source_publisher", "source_place", "source_doi", "source_pmid", "source_url",
    "source_accessed",
)  # fmt: skip
_BY_CSL = {csl: name for name, (csl, *_rest) in {**TEXTS, **DATES}.items()} | {
    "type": TYPE, "author": PEOPLE, "editor": PEOPLE,
}  # fmt: skip


class DateField(VisibleCharField):
    """A date as far as it is known, or the words of one ("Spring 2024", "in press")."""

    def clean(self, value: Any) -> dict[str, Any]:
        """Return a CSL date, empty if nothing was typed. Raises ValidationError."""
        date = dates.parse(super().clean(value))
        words = date.get("literal", "")
        if words and not re.search(r"\d{4}|in press|n\.?d\.?", words, re.IGNORECASE):
            raise ValidationError(_("Enter a year or a date, such as 2023 or 2023-02-02."))
        return date


def fields() -> dict[str, forms.Field]:
    """Return new form fields by name, in their order."""
    found: dict[str, forms.Field] = {}
    for name, (_csl, label, help_text, kinds) in TEXTS.items():
        found[name] = VisibleCharField(
            label=label, help_text=help_text, required=False, max_length=2_000, widget=_widget(name)
        )
        found[name].widget.attrs["data-kinds"] = kinds
    for name, (_csl, label, help_text, kinds) in DATES.items():
        found[name] = DateField(label=label, help_text=help_text, required=False, max_length=60)
        found[name].widget.attrs["data-kinds"] = kinds
    found[PEOPLE] = people_rows.PeopleField(label=_("Authors and editors"), required=False)
    found[TYPE] = forms.ChoiceField(label=_("Published as"), choices=KINDS, required=False)
    return {name: found[name] for name in ORDER}


def _widget(name: str) -> forms.Widget:
    if name == "source_title":
        return forms.Textarea(attrs={"rows": 2, "class": "vLargeTextField"})
    return forms.TextInput(attrs={"class": "vTextField"})


# The fields as a form, for others to inherit.
SourceFields: Any = type("SourceFields", (forms.Form,), dict(fields()))


def initial_of(csl: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the fields show of a source."""
    shown: dict[str, Any] = {name: text_of(csl, part) for name, (part, *_rest) in TEXTS.items()}
    shown |= {name: _date_text(csl, part) for name, (part, *_rest) in DATES.items()}
    kind = text_of(csl, "type") or "article-journal"
    return {**shown, PEOPLE: people_rows.rows_of(csl), TYPE: kind}


def kinds_with(csl: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Return the choices of the kind, with that of this source if it is another one."""
    kind = text_of(csl, "type")
    known = kind in dict(KINDS) or not kind
    return [*KINDS] if known else [*KINDS, (kind, kind.replace("-", " ").replace("_", " "))]


def written_into(
    csl: Mapping[str, Any], cleaned: Mapping[str, Any], changed: Iterable[str]
) -> dict[str, Any]:
    """Return a source with the fields that were changed; the rest of it stays as it is."""
    result = dict(csl)
    for name in changed:
        if name in TEXTS:
            _set(result, TEXTS[name][0], _clean_text(name, cleaned.get(name) or ""))
        elif name in DATES:
            _set(result, DATES[name][0], cleaned.get(name))
        elif name == TYPE:
            _set(result, "type", cleaned.get(name))
        elif name == PEOPLE:
            for role, people in people_rows.names_from(cleaned.get(name) or [], csl).items():
                _set(result, role, people)
    result.setdefault("type", "article-journal")
    return result


def names_of_fields(csl_fields: Iterable[str]) -> list[str]:
    """Return the form fields that show these CSL fields."""
    return [_BY_CSL[name] for name in csl_fields if name in _BY_CSL]


def _clean_text(name: str, text: str) -> str:
    text = " ".join(text.split())
    if name == "source_doi":
        return identifiers.bare_doi(text) or identifiers.doi_in(text) or text
    if name == "source_pmid":
        return identifiers.bare_pmid(text) or identifiers.pmid_in(text) or text
    return text


def _set(csl: dict[str, Any], name: str, value: Any) -> None:
    if value:
        csl[name] = value
    else:
        csl.pop(name, None)


def _date_text(csl: Mapping[str, Any], name: str) -> str:
    ends = ["-".join(f"{n:02d}" for n in end) for end in range_of(csl, name) if end]
    return "/".join(ends) or date_of(csl, name)[1]
