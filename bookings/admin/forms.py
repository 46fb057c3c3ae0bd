"""What staff may do with a request: for each verb its form, and the words when it is done."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from bookings import correspondence, holds, undo, workflow
from bookings.admin.inbox import receivers
from bookings.contact import ContactForm
from bookings.models import AnswerTemplate, CloseReason, Enquiry, Offer
from clinic.models import Clinic, Location, Practitioner, User

WORDS = 4000


class NoteForm(forms.Form):
    text = forms.CharField(
        label=_("Note for staff only"),
        max_length=WORDS,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Write the note first.")},
    )


class ContactedForm(forms.Form):
    reached = forms.TypedChoiceField(
        label=_("Did you reach the patient?"),
        coerce=lambda value: value == "yes",
        choices=[("yes", _("Yes")), ("no", _("No"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose “Yes” or “No”.")},
    )
    text = forms.CharField(
        label=_("What was said"),
        required=False,
        max_length=WORDS,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class AssignForm(forms.Form):
    to = forms.ModelChoiceField(
        User.objects.none(), label=_("Given to"), required=False, empty_label=_("Nobody yet")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].queryset = receivers()  # type: ignore[attr-defined]


class OfferForm(forms.Form):
    """One to three times with one practitioner at one place."""

    field_order = ("practitioner", "location", "start_0", "start_1", "start_2")

    practitioner = forms.ModelChoiceField(
        Practitioner.objects.filter(takes_bookings=True), label=_("With")
    )
    location = forms.ModelChoiceField(Location.objects.filter(is_public=True), label=_("At"))
    minutes = forms.IntegerField(label=_("Minutes"), min_value=5, max_value=480, initial=45)
    agreed = forms.BooleanField(
        label=_("The patient has agreed to the first time: book it"), required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for place in range(holds.MOST_OFFERED):
            self.fields[f"start_{place}"] = forms.DateTimeField(
                label=_("Time %(number)d") % {"number": place + 1},
                required=place == 0,
                widget=forms.DateTimeInput(
                    attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"
                ),
                error_messages={
                    "required": _("Give at least one day and time."),
                    "invalid": _("Give day and time, such as 2027-03-01 14:30."),
                },
            )
        self.order_fields(self.field_order)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        places = range(holds.MOST_OFFERED)
        data["starts"] = [start for n in places if (start := data.pop(f"start_{n}", None))]
        return data


class MoveForm(forms.Form):
    """Another time for the visit that is booked."""

    practitioner = forms.ModelChoiceField(
        Practitioner.objects.filter(takes_bookings=True), label=_("With")
    )
    location = forms.ModelChoiceField(Location.objects.filter(is_public=True), label=_("At"))
    starts_at = forms.DateTimeField(
        label=_("New time"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        error_messages={
            "required": _("Give the day and time that the patient agreed to."),
            "invalid": _("Give day and time, such as 2027-03-01 14:30."),
        },
    )
    minutes = forms.IntegerField(label=_("Minutes"), min_value=5, max_value=480, initial=45)


class AnswerForm(forms.Form):
    """Words to the patient: a template as it is, or one's own."""

    template = forms.ModelChoiceField(
        AnswerTemplate.objects.all(),
        label=_("Template"),
        required=False,
        empty_label=_("None"),
        help_text=_("Sent as it is where nothing is written below."),
    )
    text = forms.CharField(
        label=_("To the patient"),
        help_text=_("Stands on the patient's own page. The mail only says that it is there."),
        required=False,
        max_length=WORDS,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        template = data.pop("template", None)
        data["text"] = data.get("text") or (template.text if template else "")
        if not data["text"]:
            self.add_error("text", _("Write something, or choose a template."))
        return data


class ToldForm(forms.Form):
    """What the patient said on the phone."""

    text = forms.CharField(
        label=_("What would suit the patient better?"),
        required=False,
        max_length=WORDS,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class JoinForm(forms.Form):
    number = forms.CharField(
        label=_("Number of the other request"),
        max_length=16,
        error_messages={"required": _("Write the number of the request to join.")},
    )

    def clean_number(self) -> str:
        number = " ".join(self.cleaned_data["number"].split())
        prefix = Clinic.objects.values_list("reference_prefix", flat=True).get()
        return f"{prefix} {number}" if number.isdecimal() else number


class OfferIdForm(forms.Form):
    offer_id = forms.IntegerField(widget=forms.HiddenInput)


class CloseForm(forms.Form):
    reason = forms.ChoiceField(
        label=_("Why"),
        choices=[("", _("Choose …")), *CloseReason.choices],
        error_messages={"required": _("Choose why: it decides how long the request is kept.")},
    )
    text = forms.CharField(
        label=_("Note for staff only"),
        required=False,
        max_length=WORDS,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class ReopenForm(forms.Form):
    text = forms.CharField(
        label=_("Why"),
        required=False,
        max_length=WORDS,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


@dataclass(frozen=True)
class Verb:
    """`act(enquiry, by=…, at=…, **cleaned data)`; needs permission to change unless `reading`."""

    form: type[forms.BaseForm]
    act: Callable[..., Enquiry]
    done: Any
    reading: bool = False


VERBS = {
    "undo": Verb(forms.Form, undo.undo, _("Undone. No mail has left.")),
    "genuine": Verb(forms.Form, correspondence.genuine, _("It stands among the others now.")),
    "answer": Verb(
        AnswerForm,
        correspondence.answer,
        _("The patient can read it in five minutes. Until then you can undo it."),
    ),
    "decline": Verb(ToldForm, workflow.decline, _("The times are free again.")),
    "move": Verb(MoveForm, workflow.move, _("The visit is moved.")),
    "withdraw": Verb(forms.Form, workflow.withdraw, _("The request is withdrawn.")),
    "new_link": Verb(forms.Form, correspondence.new_link, _("Links given out before are dead.")),
    "join": Verb(JoinForm, correspondence.join, _("The requests are joined.")),
    "note": Verb(NoteForm, workflow.note, _("The note is saved."), reading=True),
    "contacted": Verb(ContactedForm, workflow.contacted, _("Noted.")),
    "assign": Verb(AssignForm, workflow.assign, _("Saved.")),
    "offer": Verb(OfferForm, workflow.offer, _("The time is held.")),
    "accept": Verb(OfferIdForm, workflow.accept, _("The visit is booked.")),
    "release": Verb(OfferIdForm, workflow.release, _("The time is free again.")),
    "correct": Verb(ContactForm, workflow.correct, _("The contact details are changed.")),
    "close": Verb(CloseForm, workflow.close, _("The request is closed.")),
    "reopen": Verb(ReopenForm, workflow.reopen, _("The request is open again.")),
}


def unbound(enquiry: Enquiry, at: datetime) -> dict[str, Any]:
    """The forms of what may be done now, with the enquiry's own values, by verb."""
    usual = {
        "practitioner": enquiry.practitioner_id,
        "location": enquiry.location_id,
        "minutes": _usual_minutes(enquiry),
    }
    initial: dict[str, Any] = {
        "assign": {"to": enquiry.given_to_id},
        "offer": usual,
        "move": usual | _booked(enquiry),
    }
    return {
        name: make(name, enquiry, initial=initial.get(name))
        for name in VERBS
        if _may(name, enquiry, at)
    }


def make(name: str, enquiry: Enquiry, data: Any = None, initial: Any = None) -> Any:
    """The form of a verb, bound if there is data. Names are prefixed by the verb."""
    values: dict[str, Any] = {"prefix": name, "initial": initial}
    if name == "correct":
        # A copy: the form writes into its instance what may turn out to be wrong.
        values = {"prefix": name, "instance": Enquiry.objects.get(pk=enquiry.pk)}
    return VERBS[name].form(data, **values)


def _may(name: str, enquiry: Enquiry, at: datetime) -> bool:
    match name:
        case "undo":
            return undo.last_act(enquiry, at) is not None
        case "genuine":
            return enquiry.suspected
        case "answer":
            return bool(enquiry.email) and workflow.allowed(enquiry, name)
        case _other:
            return workflow.allowed(enquiry, name)


def _booked(enquiry: Enquiry) -> dict[str, Any]:
    visit = enquiry.offers.held().filter(state=Offer.State.ACCEPTED).first()
    if visit is None:
        return {}
    return {
        "practitioner": visit.practitioner_id,
        "location": visit.location_id,
        "minutes": int((visit.ends_at - visit.starts_at).total_seconds() // 60),
    }


def _usual_minutes(enquiry: Enquiry) -> int:
    service = enquiry.service
    if service is None:
        return 45
    usual = service.follow_minutes if enquiry.returning else service.first_minutes
    return usual or 45
