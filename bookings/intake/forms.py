"""Turning what people type into the values of a request."""

import uuid
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from bookings.intake.request_form import RequestForm
from bookings.intake.submission import Origin
from bookings.models import Part
from bookings.patient import time_fields
from bookings.patient.time_fields import OrderField, TimesField
from bookings.rosters import proposals, reading, wishes
from clinic.lib.calendar import opening_hours
from clinic.models import OpeningPeriod


class PublicRequestForm(RequestForm):
    """What visitors fill: with a field that people do not see and machines fill."""

    website = forms.CharField(
        label=_("Leave this empty"),
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "tabindex": "-1"}),
    )
    gate = forms.CharField(widget=forms.HiddenInput)
    wishes = TimesField(
        label=_("Does one of these times suit you?"),
        help_text=_(
            "Choose up to three, your first choice first. None of them is booked until we confirm "
            "it."
        ),
        required=False,
    )
    order = OrderField()

    # What else might be answered to `returning`, where it would show other times.
    other_visit = ""

    def __init__(
        self, *args: Any, at: datetime, form_key: uuid.UUID | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        # The name that book links use, and no name for an attribute.
        self.fields["from"] = forms.CharField(required=False, widget=forms.HiddenInput)
        self._ask_when_open()
        self._propose_times(at, form_key)

    def _propose_times(self, at: datetime, form_key: uuid.UUID | None) -> None:
        """Show the next open times for what was chosen, with those that were chosen before.

        They are long enough for a first appointment until we know that it is none.
        """
        find = partial(
            proposals.find,
            at,
            self.asked_about,
            practitioner=self._chosen("practitioner"),
            location=self._chosen("location"),
            language=self["language"].value() or "" if "language" in self.fields else "",
            form_key=form_key,
        )
        is_first = self["returning"].value() != "yes"
        found = find(is_first=is_first)
        before = self["wishes"].value() or ()
        self.has_lost_times = found is None and bool(before)
        chosen = [wish for text in before if (wish := wishes.named(text))]
        gone = [wish for wish in chosen if found is None or wish not in found.all]
        if gone and not self.is_bound:
            times = "; ".join(wishes.in_words(gone))
            words = _("No longer chosen, because it isn’t open for this service: %(times)s.")
            self.notes["wishes"] = words % {"times": times}
        if found is None:
            del self.fields["wishes"]
            return
        field = self.fields["wishes"]
        assert isinstance(field, TimesField)
        if is_first and (missing := {*chosen} - found.all):
            follow = find(is_first=False)
            if follow and missing <= follow.all:
                field.error_messages["invalid_choice"] = gettext(
                    "A time that you chose isn’t open for a first appointment. Choose from the "
                    "times shown."
                )
        field.propose(found, before)
        if self.asked_about and reading.knows_first(self.asked_about):
            self.other_visit = "yes" if is_first else "no"
        if self.asked_about and self.asked_about.holds_times:
            field.most = 1
            field.help_text = gettext("Choose one. We’ll hold it for you until we confirm it.")

    def holds_for(self, at: datetime) -> timedelta | None:
        """How long the chosen time is, if it is held: as the service says, unless the calendar of
        whom it is with is not known well enough."""
        chosen = wishes.read(self.cleaned_data.get("wishes") or [])
        service = self.asked_about
        if not chosen or service is None or not service.holds_times:
            return None
        if chosen[0].practitioner in reading.only_asked_for(at):
            return None
        return reading.length_of(service, is_first=not self.cleaned_data.get("returning"))

    def _chosen(self, name: str) -> Any:
        slug = str(self[name].value() or "").replace("\0", "")
        things = self.fields[name].queryset  # type: ignore[attr-defined]
        return things.filter(slug=slug).first() if slug else None

    @property
    def open_days(self) -> list[tuple[str, list[tuple[Any, proposals.Proposal]]]]:
        """The days with open times, each with its boxes and what they are for."""
        return time_fields.boxes(self["wishes"])

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if self.has_lost_times:
            self.add_error(
                "days",
                _("A time that you chose is no longer open. Choose days and times of day instead."),
            )
        chosen = data.get("wishes") or []
        for name in ("practitioner", "location"):
            thing = data.get(name)
            if thing and any(getattr(wish, name) != thing.pk for wish in chosen):
                words = _("A time that you chose isn’t with %(name)s. Choose again.")
                if name == "location":
                    words = _("A time that you chose isn’t at %(name)s. Choose again.")
                self.add_error("wishes", words % {"name": thing.name})
        if "wishes" in data:
            zone = ZoneInfo(timezone.get_current_timezone_name())
            chosen = time_fields.in_order(chosen, data.get("order", ""))
            data["wishes"] = wishes.kept(chosen, zone)
        return data

    def _ask_when_open(self) -> None:
        """Ask only for days and parts of the day in which one of the places is open."""
        places = self.fields["location"].queryset  # type: ignore[attr-defined]
        periods = OpeningPeriod.objects.filter(location__in=places)
        opened = opening_hours.of_week(period.as_value() for period in periods)
        if not opened:  # they have not been entered
            return
        days = {day for day, _hour in opened}
        parts = {Part.of(hour) for _day, hour in opened}
        for name, known in (("days", days), ("parts", parts)):
            field = self.fields[name]
            field.choices = [row for row in field.choices if row[0] in known]  # type: ignore[attr-defined]
            field.error_messages["invalid_choice"] = gettext(
                "Our hours have changed. Choose from the times shown."
            )

    def clean_website(self) -> str:
        if self.cleaned_data["website"]:
            raise ValidationError(
                _("A hidden field was filled in. Please clear it and send again."),
                code="trap",
            )
        return ""


def read_origin(text: str) -> Origin | None:
    """`<edition id>-<place>` of a book link; None where it does not read so."""
    edition, _dash, place = text.partition("-")
    if not (edition.isascii() and edition.isdigit() and place.isascii() and place.isdigit()):
        return None
    if len(edition) > 18 or len(place) > 4:
        return None
    return Origin(int(edition), int(place))
