"""What staff enter about when somebody works: rows of hours below their weekdays."""

from collections.abc import Iterable, Iterator
from itertools import combinations
from typing import Any, cast

from django import forms
from django.forms.models import BaseInlineFormSet
from django.utils.dates import WEEKDAYS
from django.utils.formats import time_format
from django.utils.functional import cached_property
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from bookings.models import Roster, WorkingHours
from bookings.models.roster import Weekday
from clinic.models import Practitioner

TIMES = ("starts", "ends", "break_starts", "break_ends")
KEPT = (*TIMES, "location_id", "first_on", "last_on")  # what a copy has of a row


class HoursForm(forms.ModelForm):
    """One stretch of hours. A new row counts once a time has been entered in it."""

    class Meta:
        model = WorkingHours
        fields = ("weekday", *TIMES, "location", "first_on", "last_on")
        widgets = {"weekday": forms.HiddenInput}

    def has_changed(self) -> bool:
        typed = (self[name].data for name in (*TIMES, "first_on", "last_on"))
        if self.instance.pk is None and not any(typed):
            return False
        return super().has_changed()

    @property
    def has_days(self) -> bool:
        """Whether the first and the last day, which are folded, have a value or an error."""
        return any(self[name].value() or self[name].errors for name in ("first_on", "last_on"))


class HoursFormSet(BaseInlineFormSet):
    """The hours of a week: no two at the same time on the same days."""

    @cached_property
    def by_weekday(self) -> list[tuple[int, Any, list[HoursForm]]]:
        """Each weekday with its rows, one of them for new hours."""
        rows: dict[str, list[HoursForm]] = {}
        for form in cast("list[HoursForm]", self.forms):
            rows.setdefault(str(form["weekday"].value()), []).append(form)
        return [(number, name, rows.get(str(number), [])) for number, name in WEEKDAYS.items()]

    def clean(self) -> None:
        super().clean()
        rows = [form.instance for form in self._entered()]
        for one, other in combinations(rows, 2):
            if _overlap(one, other):
                words = _t(
                    "%(day)s: %(one)s and %(other)s overlap. Change one of them, or give them "
                    "different first and last days."
                )
                names = {"day": one.get_weekday_display(), "one": _span(one), "other": _span(other)}
                raise forms.ValidationError(words % names)

    def _entered(self) -> Iterator[HoursForm]:
        for form in cast("list[HoursForm]", self.forms):
            is_there = form.is_valid() and (form.instance.pk or form.has_changed())
            if is_there and not form.cleaned_data.get("DELETE"):
                yield form


def _overlap(one: WorkingHours, other: WorkingHours) -> bool:
    """Whether they have a moment in common; the database keeps the same rule."""
    if one.weekday != other.weekday or max(one.starts, other.starts) >= min(one.ends, other.ends):
        return False
    firsts = [row.first_on for row in (one, other) if row.first_on]
    lasts = [row.last_on for row in (one, other) if row.last_on]
    return not firsts or not lasts or max(firsts) <= min(lasts)


def _span(row: WorkingHours) -> str:
    return f"{time_format(row.starts)}–{time_format(row.ends)}"


class RosterForm(forms.ModelForm):
    """The rules of a roster, and what to copy into its hours when it is saved."""

    copy_from = forms.ModelChoiceField(
        Roster.objects.none(),
        label=_("Copy all hours from"),
        required=False,
        empty_label=_("No one"),
        help_text=_("Replaces all hours above when you save. Days off are not copied."),
    )
    copy_day = forms.TypedChoiceField(
        label=_("Copy one day"),
        required=False,
        coerce=int,
        empty_value=None,
        choices=[("", _("None")), *Weekday.choices],
    )
    copy_to = forms.TypedMultipleChoiceField(
        label=_("To these days"),
        required=False,
        coerce=int,
        choices=Weekday.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Replaces the hours on these days when you save."),
    )

    class Meta:
        model = Roster
        fields = ("practitioner", "buffer_minutes", "notice_hours", "horizon_weeks", "most_first")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "copy_from" in self.fields:
            others = Roster.objects.filter(hours__isnull=False).exclude(pk=self.instance.pk)
            others = others.select_related("practitioner").distinct()
            self.fields["copy_from"].queryset = others  # type: ignore[attr-defined]
        if "practitioner" in self.fields:
            without = Practitioner.objects.filter(roster=None)
            self.fields["practitioner"].queryset = without  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        day, to = data.get("copy_day"), data.get("copy_to")
        if day is not None and not to:
            self.add_error("copy_to", _("Choose the days that get these hours."))
        if to and day is None:
            self.add_error("copy_day", _("Choose the day whose hours are copied."))
        return data

    def copy(self) -> None:
        """Copy what was asked for, once the rows of the form have been saved."""
        data, roster = self.cleaned_data, self.instance
        if data.get("copy_from"):
            roster.hours.all().delete()
            _add(roster, data["copy_from"].hours.all())
        if data.get("copy_day") is not None:
            rows = list(roster.hours.filter(weekday=data["copy_day"]))
            for weekday in set(data["copy_to"]) - {data["copy_day"]}:
                roster.hours.filter(weekday=weekday).delete()
                _add(roster, rows, weekday)


def _add(roster: Roster, rows: Iterable[WorkingHours], weekday: int | None = None) -> None:
    for row in rows:
        values = {name: getattr(row, name) for name in KEPT}
        roster.hours.create(weekday=row.weekday if weekday is None else weekday, **values)


def save_hours(formset: Any) -> None:
    """Save the rows of the form. Changed ones make room first: two may change places."""
    formset.save(commit=False)
    for row in formset.deleted_objects:
        row.delete()
    changed = [row for row, _names in formset.changed_objects]
    WorkingHours.objects.filter(pk__in=[row.pk for row in changed]).delete()
    for row in [*changed, *formset.new_objects]:
        row.save(force_insert=True)
