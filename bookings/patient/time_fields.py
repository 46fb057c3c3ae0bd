"""Open times as forms ask for them: by day, up to three, the first choice first."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from bookings.patient.contact_fields import AskForm
from bookings.rosters import wishes
from bookings.rosters.proposals import OpenTimes, Proposal
from bookings.rosters.wishes import Wish
from clinic.lib.fields.visible_text import VisibleCharField


class TimesField(forms.MultipleChoiceField):
    """Its value is a list of wishes, at most so many."""

    most = wishes.MOST
    widget = forms.CheckboxSelectMultiple
    default_error_messages = {
        "required": _("Choose at least one time, or tell us what would suit you."),
        "too_many": _("Choose up to three times."),
        "one": _("Choose one time: we’ll hold it for you."),
        "invalid_choice": _(
            "A time that you chose is no longer open. Choose from the times shown."
        ),
    }

    def propose(self, found: OpenTimes, chosen: Iterable[str] = ()) -> None:
        """Show these times, with those that were chosen before (by name)."""
        before = [wish for text in chosen if (wish := wishes.named(text))]
        self.found = found
        self.by_day = found.by_day(before)
        self.choices = [
            (day, [(each.name, each.words) for each in times]) for day, times in self.by_day
        ]

    def clean(self, value: Any) -> list[Wish]:
        """Return what was chosen."""
        named = (wishes.named(text) for text in super().clean(value))
        chosen = list(dict.fromkeys(wish for wish in named if wish))
        if len(chosen) > self.most:
            code = "too_many" if self.most > 1 else "one"
            raise ValidationError(self.error_messages[code], code=code)
        return chosen


class OrderField(VisibleCharField):
    """The names of the chosen times in the order of a script; without one, earliest first."""

    def __init__(self) -> None:
        super().__init__(required=False, widget=forms.HiddenInput(attrs={"data-order": ""}))


def in_order(chosen: Iterable[Wish], order: str) -> list[Wish]:
    """Return chosen times, those that `order` names first, the others as they are."""
    place = {name: number for number, name in enumerate(order.split())}
    return sorted(chosen, key=lambda wish: place.get(wish.name, len(place)))


def boxes(field: forms.BoundField) -> list[tuple[str, list[tuple[Any, Proposal]]]]:
    """Return the days of a TimesField, each with its boxes and what they are for."""
    drawn = iter(field.subwidgets)
    return [
        (day, [(next(drawn), each) for each in times])
        for day, times in field.field.by_day  # type: ignore[attr-defined]
    ]


class MoveForm(forms.Form):
    """The times to which a patient would like to move an appointment, or what would suit them."""

    chosen = TimesField(
        label=_("Which of these times would suit you?"),
        help_text=_("Choose up to three, your first choice first."),
        required=False,
    )
    text = AskForm.base_fields["text"]

    def __init__(self, *args: Any, found: OpenTimes, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["order"] = OrderField()
        field = self.fields["chosen"]
        assert isinstance(field, TimesField)
        field.propose(found, self["chosen"].value() or ())

    @property
    def next_on(self) -> date | None:
        """The next day with open times that are not shown."""
        field = self.fields["chosen"]
        assert isinstance(field, TimesField)
        return field.found.next_on

    @property
    def open_days(self) -> list[tuple[str, list[tuple[Any, Proposal]]]]:
        """The days with open times."""
        return boxes(self["chosen"])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        order = data.pop("order", "")
        if "chosen" in data:
            data["chosen"] = in_order(data["chosen"], order)
            if not data["chosen"] and not data.get("text") and "text" in data:
                self.add_error("chosen", self.fields["chosen"].error_messages["required"])
        return data

    def clean_text(self) -> str:
        return self.cleaned_data["text"].replace("\r\n", "\n")
