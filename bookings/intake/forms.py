"""Turning what people type into the values of a request."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from bookings.intake import email_typos
from bookings.intake.submission import CONTENT, Origin
from bookings.models import ContactBy, ForWhom, Part
from bookings.patient import time_fields
from bookings.patient.contact_fields import ContactForm, no_control_characters
from bookings.patient.time_fields import OrderField, TimesField
from bookings.rosters import proposals, wishes
from clinic.lib.calendar import opening_hours
from clinic.models import Location, OpeningPeriod, Practitioner, Service


class RequestForm(ContactForm):
    """The second page of the booking form: everything but the service."""

    # As they are read, so that the summary of errors has the same order.
    field_order = (
        *("for_whom", "practitioner", "location", "language"),
        *("wishes", "days", "parts", "returning"),
        *("name", "phone", "email", "email_is_right", "contact_by", "message", "access_needs"),
    )

    for_whom = forms.ChoiceField(
        label=_("Who is the appointment for?"),
        help_text=_(
            "Children need an adult with them, and we allow more time. Only our staff see this."
        ),
        required=False,
        choices=ForWhom.choices,
        widget=forms.RadioSelect,
    )
    practitioner = forms.ModelChoiceField(
        Practitioner.objects.none(),
        label=_("Who would you like to see?"),
        to_field_name="slug",
        required=False,
        blank=True,
        empty_label=_("No preference"),
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": _("Choose a practitioner, or “No preference”.")},
    )
    location = forms.ModelChoiceField(
        Location.objects.none(),
        label=_("Which location do you prefer?"),
        to_field_name="slug",
        required=False,
        blank=True,
        empty_label=_("No preference"),
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": _("Choose a location.")},
    )
    days = forms.TypedMultipleChoiceField(
        label=_("Which days work for you?"),
        help_text=_("Choose all that apply, or leave blank if any day is fine."),
        coerce=int,
        required=False,
        choices=[(number, name) for number, name in WEEKDAYS.items()],
        widget=forms.CheckboxSelectMultiple,
    )
    parts = forms.MultipleChoiceField(
        label=_("What time of day?"),
        help_text=_("Choose all that apply, or leave blank."),
        required=False,
        choices=Part.choices,
        widget=forms.CheckboxSelectMultiple,
    )
    language = forms.ChoiceField(
        label=_("Which language would you like to speak?"),
        help_text=_("Some of us speak more than one language. We’ll try to find someone for you."),
        required=False,
    )
    returning = forms.TypedChoiceField(
        label=_("Have you been to our clinic before?"),
        coerce=lambda value: value == "yes",
        choices=[("no", _("No, this is my first appointment")), ("yes", _("Yes"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose “Yes” or “No”: first appointments take longer.")},
    )

    # Shown only when the address looks misspelt.
    email_is_right = forms.BooleanField(
        label=_("My email address is correct as entered"), required=False
    )
    contact_by = forms.ChoiceField(
        label=_("How should we contact you?"),
        required=False,
        choices=[
            ("", _("Either")),
            (ContactBy.PHONE.value, _("Call me")),
            (ContactBy.EMAIL.value, _("Email me")),
        ],
        widget=forms.RadioSelect,
    )

    class Meta(ContactForm.Meta):
        fields = ["name", "phone", "email", "message", "access_needs"]
        labels = {
            **ContactForm.Meta.labels,
            "message": _("Tell us about the problem"),
            "access_needs": _("Do you have any accessibility needs?"),
        }
        help_texts = {
            **ContactForm.Meta.help_texts,
            "message": _(
                "What the problem is and how long you have had it, in your own words. Only "
                "reception and the people treating you can read this."
            ),
            "access_needs": _(
                "For example: no stairs, more time, or a sign-language interpreter. We ask so "
                "that everything is ready when you come. It is protected like your health "
                "information."
            ),
        }
        error_messages = {
            **ContactForm.Meta.error_messages,
            "message": {"max_length": _("Please shorten this to 4,000 characters.")},
            "access_needs": {"max_length": _("Please shorten this to 1,000 characters.")},
        }
        widgets = {
            **ContactForm.Meta.widgets,
            "message": forms.Textarea(attrs={"rows": 5, "maxlength": 4000}),
            "access_needs": forms.Textarea(attrs={"rows": 3, "maxlength": 1000}),
        }

    def __init__(self, *args: Any, service: Service | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.asked_about = service
        self.asks_about_email = False
        practitioners = Practitioner.objects.filter(is_public=True, takes_bookings=True)
        locations = Location.objects.filter(is_public=True)
        if service:
            practitioners = _those_of(service, practitioners)
            locations = _those_of(service, locations)
        self.fields["practitioner"].queryset = practitioners  # type: ignore[attr-defined]
        self.fields["location"].queryset = locations  # type: ignore[attr-defined]
        if locations.count() == 1:
            self.fields["location"].empty_label = None  # type: ignore[attr-defined]
            self.initial.setdefault("location", locations.get().slug)
        languages = spoken(practitioners)
        if len(languages) > 1:
            known = [("", _("No preference")), *((word, word) for word in languages)]
            self.fields["language"].choices = known  # type: ignore[attr-defined]
        else:
            del self.fields["language"]

    def clean_message(self) -> str:
        return _free_text(self.cleaned_data["message"])

    def clean_access_needs(self) -> str:
        return _free_text(self.cleaned_data["access_needs"])

    def clean_practitioner(self) -> Practitioner | None:
        return _not_elsewhere(self.cleaned_data["practitioner"])

    def clean_location(self) -> Location | None:
        return _not_elsewhere(self.cleaned_data["location"])

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        meant = email_typos.suggestion(data.get("email") or "")
        if meant and not data.get("email_is_right"):
            self.asks_about_email = True
            self.add_error(
                "email",
                _("Did you mean %(address)s? Correct it, or confirm below that it is correct.")
                % {"address": meant},
            )
        self._check_way(data)
        practitioner, location = data.get("practitioner"), data.get("location")
        if practitioner and location:
            places = list(practitioner.locations.all())
            if places and location not in places:
                self.add_error(
                    "location",
                    _(
                        "%(name)s works at %(places)s. Choose that location, or another "
                        "practitioner."
                    )
                    % {
                        "name": practitioner.name,
                        "places": ", ".join(place.name for place in places),
                    },
                )
        return data

    def _check_way(self, data: dict[str, Any]) -> None:
        """Require a phone number from a patient who wants a call."""
        way = data.get("contact_by")
        if way == ContactBy.PHONE and "phone" in data and not data["phone"]:
            self.add_error("phone", _("Enter a phone number so that we can call you."))
        if way == ContactBy.EMAIL and "email" in data and not data["email"]:
            self.add_error("email", _("Enter an email address so that we can email you."))

    def content(self) -> dict[str, Any]:
        """What submission.submit takes."""
        data = {"service": self.asked_about, **self.cleaned_data}
        return {key: data[key] for key in CONTENT if key in data}


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

    def __init__(self, *args: Any, at: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # The name that book links use, and no name for an attribute.
        self.fields["from"] = forms.CharField(required=False, widget=forms.HiddenInput)
        self._ask_when_open()
        self._propose_times(at)

    def _propose_times(self, at: datetime) -> None:
        """Show the next open times for what was chosen, with those that were chosen before."""
        found = proposals.find(
            at,
            self.asked_about,
            practitioner=self._chosen("practitioner"),
            location=self._chosen("location"),
        )
        if found is None:
            del self.fields["wishes"]
            return
        chosen = self["wishes"].value() or ()
        self.fields["wishes"].propose(found, chosen)  # type: ignore[attr-defined]

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


def spoken(practitioners: Iterable[Practitioner]) -> list[str]:
    """The languages of these people, each once, most widely spoken first."""
    counts = Counter(
        word.strip() for person in practitioners for word in person.languages.split(",")
    )
    del counts[""]
    return sorted(counts, key=lambda word: (-counts[word], word))


def _free_text(text: str) -> str:
    text = text.strip().replace("\r\n", "\n")
    no_control_characters(text)
    return text


def _those_of(service: Service, things: Any) -> Any:
    """Those that are bound to the service; all where nothing is."""
    bound = things.filter(services=service)
    return bound if bound.exists() else things


def _not_elsewhere(thing: Any) -> Any:
    """Refuse a practitioner who is booked on another site; the error links to it."""
    if thing and thing.booking_url:
        raise ValidationError(
            format_html(
                '{} <a href="{}" rel="noopener external">{}</a>',
                gettext("Appointments with %(name)s are booked on another site.")
                % {"name": thing.name},
                thing.booking_url,
                gettext("Go to that site, or choose again."),
            ),
            code="elsewhere",
        )
    return thing
