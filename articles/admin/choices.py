"""Fields of the article's form that scripts make comfortable, and that work without them too."""

from typing import Any

from django import forms
from django.contrib.admin.widgets import AutocompleteSelect, AutocompleteSelectMultiple
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from clinic.admin.base import SearchedSelect
from clinic.admin.ordering import NumberedFormSet
from clinic.lib.fields.bounded_text import LONGEST

OFFERED = 200  # rows in the list of a browser without JavaScript
BLANK_ROWS = 3  # for new questions, in a browser without JavaScript


class ListedSelect(SearchedSelect):
    """Searches as one types; without JavaScript a list of the first OFFERED rows."""

    def optgroups(self, name: str, value: Any, attr: Any = None) -> Any:
        return _with_others(self, name, super().optgroups(name, value, attr))


class ListedSelectMultiple(AutocompleteSelectMultiple):
    """The same, for several."""

    def optgroups(self, name: str, value: Any, attr: Any = None) -> Any:
        return _with_others(self, name, super().optgroups(name, value, attr))


def _with_others(
    widget: AutocompleteSelect | AutocompleteSelectMultiple, name: str, groups: Any
) -> Any:
    """What is chosen, and after it what else could be."""
    _label, options, _index = groups[0]
    chosen = {str(option["value"]) for option in options}
    field = widget.choices.field
    for row in field.queryset[:OFFERED]:
        if str(row.pk) not in chosen:
            label = field.label_from_instance(row)
            option = widget.create_option(name, row.pk, label, False, len(options))
            options.append(option)
    return groups


class QuestionFormSet(NumberedFormSet):
    """Rows are added by a button. Without JavaScript blank ones stand below: see questions.html."""

    def clean(self) -> None:
        super().clean()
        given = (getattr(form, "cleaned_data", {}) for form in self.forms)
        texts = (str(row.get("answer") or "") for row in given if not row.get("DELETE"))
        if sum(map(len, texts)) > LONGEST:
            raise ValidationError(
                _("The answers have more than %(n)d characters in total.") % {"n": LONGEST}
            )

    def blank_forms(self) -> "list[forms.ModelForm[Any]]":
        """The rows after those that there are, numbered on."""
        return [self._blank(self.total_form_count() + number) for number in range(BLANK_ROWS)]

    def total_with_blank(self) -> int:
        """What TOTAL_FORMS is where the blank rows are sent, too."""
        return self.total_form_count() + BLANK_ROWS

    def _blank(self, number: int) -> "forms.ModelForm[Any]":
        return self.form(
            auto_id=self.auto_id,
            prefix=self.add_prefix(number),
            empty_permitted=True,
            use_required_attribute=False,
        )
