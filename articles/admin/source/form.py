"""The form for one source of the library."""

import json
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.fields import InvalidJSONInput, JSONString
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from articles.admin.source import fields as source_fields
from articles.import_problems import is_storable
from articles.models import Reference
from articles.models.choices import Certainty
from articles.references import study_card
from articles.references.citation_keys import Keys
from articles.references.columns import columns_of
from articles.references.duplicates import Known
from articles.references.importing import is_stub
from articles.references.new_source import Found
from clinic.lib import nested_json
from clinic.lib.fields.visible_text import VisibleCharField


class Indented(json.JSONEncoder):
    """A field a line, to be read by people."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{**options, "indent": 2})


class CslField(forms.JSONField):
    """JSON that a person typed, within the bounds of clinic.lib.nested_json."""

    def to_python(self, value: Any) -> Any:
        typed = isinstance(value, str) and not isinstance(value, JSONString)
        if typed and not _can_be_kept(value):
            said = {"value": value[:200]}
            raise ValidationError(self.error_messages["invalid"], code="invalid", params=said)
        return super().to_python(value)

    def bound_data(self, data: Any, initial: Any) -> Any:
        """What is shown again: what is no JSON, as it was typed."""
        if isinstance(data, str) and not _can_be_kept(data):
            return InvalidJSONInput(data)
        return super().bound_data(data, initial)


def _can_be_kept(text: str) -> bool:
    try:
        return is_storable(nested_json.loads(text or "null"))
    except ValueError:
        return False


class ReferenceForm(forms.ModelForm, source_fields.SourceFields):
    """The details of a source in fields of their own, which are read from its CSL-JSON and written
    into it; so is the study card, which is part of it. `found`: what a paste was found to be."""

    found: Found | None = None

    study_people = VisibleCharField(label=_("Who was studied"), max_length=300, required=False)
    study_size = VisibleCharField(
        label=_("Size"),
        max_length=120,
        required=False,
        help_text=_("“224 people”, “36 reviews with 10,400 people”"),
    )
    study_comparison = VisibleCharField(label=_("Compared with"), max_length=300, required=False)
    study_result = VisibleCharField(
        label=_("Results"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_(
            "As numbers of people: “Of 100 who exercised, 62 improved; of 100 who did not "
            "exercise, 45 improved.”"
        ),
    )
    study_certainty = forms.ChoiceField(
        label=_("Certainty of the evidence"),
        choices=[("", "–"), *Certainty.choices],
        required=False,
    )
    study_funding = VisibleCharField(label=_("Funding"), max_length=300, required=False)

    add_anyway = forms.BooleanField(
        label=_("Add this reference even if it seems to be listed already"),
        required=False,
        widget=forms.HiddenInput,
    )
    ask_later = forms.BooleanField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = Reference
        fields = ["key", "csl", "kind", "plain"]
        field_classes = {"csl": CslField}
        widgets = {
            "csl": forms.Textarea(attrs={"rows": 18, "class": "vLargeTextField code"}),
            "plain": forms.Textarea(attrs={"rows": 3}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        csl = self._shown()
        if "csl" not in self.fields:  # who may only look has no fields to type into
            return
        self.fields["csl"].encoder = Indented  # type: ignore[attr-defined]
        self.fields["csl"].required = False
        self.fields[source_fields.TYPE].choices = source_fields.kinds_with(csl)  # type: ignore[attr-defined]
        if "key" in self.fields:
            self.fields["key"].required = False
            self.fields["key"].help_text = _(
                "Used to cite it in articles: [@chys2023]. Leave blank to create a key "
                "automatically."
            )
        card = study_card.card_of(csl) or study_card.StudyCard()
        self.initial["csl"] = study_card.with_card(csl, {})
        for part in study_card.PARTS:
            self.initial[f"study_{part}"] = getattr(card, part)
        self.initial.update(source_fields.initial_of(csl))
        if self.found:
            self.initial["ask_later"] = self.found.ask_later
            for name in source_fields.names_of_fields(self.found.unsure):
                self._mark(name)

    def _shown(self) -> dict[str, Any]:
        """The source that the page shows: stored, found from a paste, or new."""
        if self.instance.pk:
            return dict(self.instance.csl)
        return self.found.csl if self.found else {"type": "article-journal"}

    def _mark(self, name: str) -> None:
        """Ask to check a field that a paste did not say for sure."""
        shown = self.fields[name]
        shown.widget.attrs["data-unsure"] = "true"
        what = _("Check this.") if self.initial.get(name) else _("Not found in the text.")
        shown.help_text = format_html("<strong>{}</strong> {}", what, shown.help_text)

    def clean_csl(self) -> dict[str, Any]:
        csl = self.cleaned_data["csl"]
        if csl in (None, ""):
            return {}
        if not isinstance(csl, dict):
            raise ValidationError(_("Enter one CSL-JSON object: { … }."))
        return csl

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or {}
        csl = cleaned.get("csl")
        if not isinstance(csl, dict):
            return cleaned
        changed = [name for name in self._typed() if name in self.changed_data and name in cleaned]
        csl = source_fields.written_into(csl, cleaned, changed)
        card = {part: cleaned.get(f"study_{part}", "") for part in study_card.PARTS}
        csl = cleaned["csl"] = study_card.with_card(csl, card)
        if not str(csl.get("title") or "").strip():
            where = "source_title" if "source_title" in self.data else "csl"
            if where not in self.errors:
                self.add_error(where, _("Enter the title of the source."))
            return cleaned
        if not self.instance.pk and not cleaned.get("key") and "key" not in self.errors:
            taken = Reference.objects.values_list("key", flat=True)
            cleaned["key"] = Keys(taken).make(csl)
        for name, value in columns_of(csl).items():
            setattr(self.instance, name, value)
        if cleaned.get("ask_later"):
            self.instance.lookup_due_at = timezone.now()
        elif not is_stub(csl):
            self.instance.lookup_due_at = None
        if not self.instance.kept_apart:
            self._refuse_twins()
        return cleaned

    def _typed(self) -> list[str]:
        """The fields of the source that the page had."""
        return [
            name
            for name in source_fields.ORDER
            if not self.fields[name].widget.value_omitted_from_data(self.data, self.files, name)
        ]

    def _refuse_twins(self) -> None:
        """`doi` and `pmid` are no form fields: look here whether another one has them."""
        others = Reference.objects.kept().exclude(pk=self.instance.pk)
        for name in ("doi", "pmid"):
            value = getattr(self.instance, name)
            twin = others.filter(**{name: value}).first() if value else None
            if twin:
                field = f"source_{name}"
                self.add_error(
                    field if field in self.data else "csl",
                    _("%(value)s is already in the library as %(key)s.")
                    % {"value": value, "key": twin.key},
                )
        if not self.instance.pk and not self.errors:
            self._ask_about_twin()

    def _ask_about_twin(self) -> None:
        """Refuse what seems to be in the library, unless a box is ticked that then appears."""
        key, same = Known().find(columns_of(self.cleaned_data["csl"]))
        if not key:
            return
        if self.cleaned_data.get("add_anyway"):
            self.instance.kept_apart = True
            return
        self.fields["add_anyway"].widget = forms.CheckboxInput()
        self.add_error(
            None,
            _("This seems to be %(key)s, which is in the library (same %(same)s). Cite that one.")
            % {"key": key, "same": same},
        )
