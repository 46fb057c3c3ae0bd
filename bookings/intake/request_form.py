"""What is asked of everybody, on the website and at the desk."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.dates import WEEKDAYS
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from bookings.intake import email_typos
from bookings.intake.submission import CONTENT
from bookings.models import ContactBy, ForWhom, Part
from bookings.patient.contact_fields import ContactForm, no_control_characters, one_line
from bookings.rosters import reading
from clinic.lib.fields.visible_text import visible_name
from clinic.models import Location, Practitioner, Service


class RequestForm(ContactForm):
    """The second page of the booking form: everything but the service."""

    needs_child = True  # name and age of a child

    # As they are read, so that the summary of errors has the same order.
    field_order = (
        *("for_whom", "child_name", "child_age", "practitioner", "location", "language"),
        *("wishes", "soonest", "days", "parts", "returning"),
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
    child_age = forms.IntegerField(
        label=_("Child’s age"),
        help_text=_("In years; 0 for a baby."),
        required=False,
        min_value=0,
        max_value=17,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "maxlength": 2}),
        error_messages={
            "invalid": _("Enter the age as a number of years, such as 7."),
            "min_value": _("Enter the age as a number of years, such as 7."),
            "max_value": _("A child is 17 or younger. Enter the age in years."),
        },
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
    soonest = forms.BooleanField(label=_("As early as possible"), required=False)
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
            ("", _("Either is fine")),
            (ContactBy.PHONE.value, _("Call me")),
            (ContactBy.EMAIL.value, _("Email me")),
        ],
        widget=forms.RadioSelect,
    )

    class Meta(ContactForm.Meta):
        fields = ["name", "phone", "email", "child_name", "message", "access_needs"]
        labels = {
            **ContactForm.Meta.labels,
            "child_name": _("Child’s name"),
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
            "child_name": {"max_length": _("Enter a shorter form of the name.")},
            "message": {"max_length": _("Please shorten this to 4,000 characters.")},
            "access_needs": {"max_length": _("Please shorten this to 1,000 characters.")},
        }
        widgets = {
            **ContactForm.Meta.widgets,
            "child_name": forms.TextInput(attrs={"autocomplete": "off"}),
            "message": forms.Textarea(attrs={"rows": 5, "maxlength": 4000}),
            "access_needs": forms.Textarea(attrs={"rows": 3, "maxlength": 1000}),
        }

    def __init__(self, *args: Any, service: Service | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.asked_about = service
        self.asks_about_email = False
        self.notes: dict[str, str] = {}  # what was chosen before and cannot be, by question
        practitioners = Practitioner.objects.filter(is_public=True, takes_bookings=True)
        locations = Location.objects.filter(is_public=True)
        if service:
            practitioners = reading.bound(service, practitioners)
            locations = reading.bound(service, locations)
            self._note_what_cannot_be(service, practitioners, locations)
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

    def _note_what_cannot_be(self, service: Service, practitioners: Any, locations: Any) -> None:
        """Say which practitioner or location was chosen, by a link or with another service, and is
        not to be had for this one."""
        for name, known in (("practitioner", practitioners), ("location", locations)):
            slug = str(self.initial.get(name) or "").replace("\0", "")
            if not slug or known.filter(slug=slug).exists():
                continue
            thing = known.model.objects.filter(slug=slug, is_public=True).first()
            if thing is None:
                continue
            del self.initial[name]
            words = _(
                "%(name)s doesn’t offer this: %(service)s. Choose someone else or another service."
            )
            if name == "location":
                words = _(
                    "%(service)s isn’t available at %(name)s. Choose another location or service."
                )
            self.notes[name] = words % {"service": service.name, "name": thing.name}

    def clean_child_name(self) -> str:
        name = one_line(visible_name(self.cleaned_data["child_name"]))
        no_control_characters(name)
        return name if any(sign.isalnum() for sign in name) else ""

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
        self._check_child(data)
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

    def _check_child(self, data: dict[str, Any]) -> None:
        """Require name and age of a child. Whoever names one, and does not say who comes, means
        the child."""
        if data.get("child_name") and not data.get("for_whom"):
            data["for_whom"] = ForWhom.CHILD.value
        if data.get("for_whom") != ForWhom.CHILD:
            data["child_name"], data["child_age"] = "", None
            for name in ("child_name", "child_age"):
                self.errors.pop(name, None)
            return
        if self.needs_child and "child_name" in data and not data["child_name"]:
            self.add_error("child_name", _("Enter the child’s name."))
        if self.needs_child and "child_age" in data and data["child_age"] is None:
            self.add_error("child_age", _("Enter the child’s age in years; 0 for a baby."))

    def _check_way(self, data: dict[str, Any]) -> None:
        """Require a phone number from a patient who wants a call."""
        way = data.get("contact_by")
        if way == ContactBy.PHONE and "phone" in data and not data["phone"]:
            self.add_error("phone", _("Enter a phone number so that we can call you."))
        if way == ContactBy.EMAIL and "email" in data and not data["email"]:
            self.add_error("email", _("Enter an email address so that we can email you."))

    def keep_errors_of(self, *names: str) -> None:
        """Check only these questions: the others have not been reached yet."""
        for name in [name for name in self.errors if name not in names]:
            del self.errors[name]

    def content(self) -> dict[str, Any]:
        """What submission.submit takes."""
        data = {"service": self.asked_about, **self.cleaned_data}
        return {key: data[key] for key in CONTENT if key in data}


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
