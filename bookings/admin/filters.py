"""The row of fields above the list of requests: what they find."""

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bookings.models import CloseReason
from bookings.models.enquiry import EnquiryQuerySet
from bookings.workflow.handover import receivers
from clinic.lib.fields.days import is_plausible
from clinic.models import Practitioner, Service
from clinic.site import page_context


class FilterForm(forms.Form):
    """Words to search for, and choices. Where there is an appointment, its own place, person and
    day count, not what the patient had asked for."""

    FOLDED = ("first_on", "last_on", "practitioner", "service", "outcome")

    q = forms.CharField(label=_("Name, email, phone or number"), required=False, max_length=120)
    location = forms.ChoiceField(label=_("Location"), required=False)
    practitioner = forms.ChoiceField(label=_("Practitioner"), required=False)
    service = forms.ChoiceField(label=_("Service"), required=False)
    first_on = forms.DateField(
        label=_("Appointments from"),
        required=False,
        validators=[is_plausible],
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    last_on = forms.DateField(
        label=_("Appointments to"),
        required=False,
        validators=[is_plausible],
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    outcome = forms.ChoiceField(
        label=_("Outcome"), required=False, choices=[("", _("All")), *CloseReason.choices]
    )
    given_to = forms.ChoiceField(label=_("Assigned to"), required=False)

    def __init__(self, data: Any, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        everything, nothing = ("", _("All")), ("none", _("No preference"))
        places = [(str(place.pk), place.name) for place in page_context.current().locations]
        users = [(str(user.pk), str(user)) for user in receivers()]
        self._choose("location", [everything, *places, nothing])
        self._choose("practitioner", [everything, *_names(Practitioner), nothing])
        self._choose("service", [everything, *_names(Service), ("none", _("Not sure yet"))])
        self._choose("given_to", [("", _("Anyone")), *users, ("none", _("Unassigned"))])

    def _choose(self, name: str, choices: list[Any]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    def apply(self, rows: EnquiryQuerySet) -> EnquiryQuerySet:
        """The rows that fit; choices that do not exist are passed over."""
        self.is_valid()
        chosen = {name: value for name, value in self.cleaned_data.items() if value}
        for name in ("location", "practitioner"):
            if name in chosen:
                rows = rows.at_or_wished(**{name: _key(chosen[name])})
        for name in ("service", "given_to"):
            if name in chosen:
                rows = rows.filter(**{name: _key(chosen[name])})
        if "outcome" in chosen:
            rows = rows.filter(close_reason=chosen["outcome"])
        if days := self._days(chosen):
            rows = rows.where_visit(**days)
        return rows.filter(_matches(chosen["q"])) if "q" in chosen else rows

    def _days(self, chosen: dict[str, Any]) -> dict[str, datetime]:
        """The appointments of these days, as moments."""
        zone, days = timezone.get_current_timezone(), {}
        if "first_on" in chosen:
            days["starts_at__gte"] = datetime.combine(chosen["first_on"], time(), zone)
        if "last_on" in chosen:
            after = chosen["last_on"] + timedelta(days=1)
            days["starts_at__lt"] = datetime.combine(after, time(), zone)
        return days


def _names(model: type[Practitioner | Service]) -> list[tuple[str, str]]:
    """Also those that are not shown on the site: what was asked for is still found."""
    rows = model.objects.order_by("order", "name", "id").values_list("pk", "name")
    return [(str(pk), name) for pk, name in rows]


def _key(value: str) -> str | None:
    return None if value == "none" else value


def _matches(words: str) -> Q:
    found = (
        Q(name__icontains=words)
        | Q(child_name__icontains=words)
        | Q(number__icontains=words)
        | Q(email__icontains=words)
    )
    digits = "".join(character for character in words if character in "0123456789")
    if len(digits) >= 4:
        # Written with or without a country code, or the zero that stands for it.
        found |= Q(phone__contains=digits.lstrip("0")) | Q(number__endswith=digits)
    return found
