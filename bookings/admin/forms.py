"""What staff may do with a request: for each verb its form, and the words when it is done."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from bookings import workflow
from bookings.admin import questions
from bookings.admin.start_field import StartField
from bookings.models import AnswerTemplate, CloseReason, Enquiry, Offer
from bookings.patient import correspondence
from bookings.patient.contact_fields import ContactForm
from bookings.rosters import reading, wishes
from bookings.workflow import holds, rescheduling, undo
from bookings.workflow.handover import receivers
from clinic.lib.fields.visible_text import VisibleCharField
from clinic.models import Clinic, Location, Practitioner, User

WORDS = 4000


class NoteForm(forms.Form):
    text = VisibleCharField(
        label=_("Staff note"),
        max_length=WORDS,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Enter a note first.")},
    )


class ContactedForm(forms.Form):
    reached = forms.TypedChoiceField(
        label=_("Did you reach the patient?"),
        coerce=lambda value: value == "yes",
        choices=[("yes", _("Yes")), ("no", _("No"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose “Yes” or “No”.")},
    )
    text = VisibleCharField(
        label=_("Call notes"),
        required=False,
        max_length=WORDS,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class AssignForm(forms.Form):
    to = forms.ModelChoiceField(
        User.objects.none(), label=_("Assigned to"), required=False, empty_label=_("Unassigned")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].queryset = receivers()  # type: ignore[attr-defined]


class OfferForm(forms.Form):
    """One to three times with one practitioner at one place."""

    field_order = ("practitioner", "location", "start_0", "start_1", "start_2")

    practitioner = forms.ModelChoiceField(
        Practitioner.objects.filter(takes_bookings=True), label=_("Practitioner")
    )
    location = forms.ModelChoiceField(Location.objects.filter(is_public=True), label=_("Location"))
    minutes = forms.IntegerField(
        label=_("Length (minutes)"), min_value=5, max_value=480, initial=45
    )
    agreed = forms.BooleanField(
        label=_("Book Time 1 now (the patient has agreed to it)"), required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for place in range(holds.MOST_OFFERED):
            self.fields[f"start_{place}"] = StartField(
                label=_("Time %(number)d") % {"number": place + 1},
                required=place == 0,
                error_messages={
                    "required": _("Enter at least one date and time."),
                    "invalid": _("Enter a date and time, such as 2027-03-01 14:30."),
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
        Practitioner.objects.filter(takes_bookings=True), label=_("Practitioner")
    )
    location = forms.ModelChoiceField(Location.objects.filter(is_public=True), label=_("Location"))
    starts_at = StartField(
        label=_("New time"),
        error_messages={
            "required": _("Enter the date and time the patient agreed to."),
            "invalid": _("Enter a date and time, such as 2027-03-01 14:30."),
        },
    )
    minutes = forms.IntegerField(
        label=_("Length (minutes)"), min_value=5, max_value=480, initial=45
    )


class TemplateSelect(forms.Select):
    """Each choice carries its words, which a script puts into the message."""

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Return the choice with its text."""
        option = super().create_option(name, value, *args, **kwargs)
        template = getattr(value, "instance", None)
        if template is not None:
            option["attrs"]["data-text"] = template.text
        return option


class AnswerForm(forms.Form):
    """Words to the patient: a template as it is, or one's own."""

    template = forms.ModelChoiceField(
        AnswerTemplate.objects.all(),
        label=_("Template"),
        required=False,
        empty_label=_("None"),
        help_text=_("Sent as is if you leave the message below empty."),
        widget=TemplateSelect(attrs={"data-template": "text"}),
    )
    text = VisibleCharField(
        label=_("Message to the patient"),
        help_text=_(
            "Shown on the patient’s private page. The email says only that there is a message."
        ),
        required=False,
        max_length=WORDS,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        template = data.pop("template", None)
        data["text"] = data.get("text") or (template.text if template else "")
        if not data["text"]:
            self.add_error("text", _("Enter a message, or choose a template."))
        return data


class ToldForm(forms.Form):
    """What the patient said on the phone."""

    text = VisibleCharField(
        label=_("What times would work better for the patient?"),
        required=False,
        max_length=WORDS,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class JoinForm(forms.Form):
    number = forms.CharField(
        label=_("Number of the other request"),
        max_length=16,
        error_messages={"required": _("Enter the number of the request to merge.")},
    )

    def clean_number(self) -> str:
        number = " ".join(self.cleaned_data["number"].split())
        prefix = Clinic.objects.values_list("reference_prefix", flat=True).get()
        return f"{prefix} {number}" if number.isdecimal() else number


class OfferIdForm(forms.Form):
    offer_id = forms.IntegerField(widget=forms.HiddenInput)


class CloseForm(forms.Form):
    reason = forms.ChoiceField(
        label=_("Reason for closing"),
        choices=[("", _("Choose …")), *CloseReason.choices],
        error_messages={
            "required": _("Choose a reason: it determines how long the request is kept.")
        },
    )
    text = VisibleCharField(
        label=_("Staff note"),
        required=False,
        max_length=WORDS,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class ReopenForm(forms.Form):
    text = VisibleCharField(
        label=_("Reason for reopening"),
        required=False,
        max_length=WORDS,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class CorrectForm(ContactForm):
    """Contact details as staff correct them for a patient."""

    class Meta(ContactForm.Meta):
        labels = {**ContactForm.Meta.labels, "name": _("Name")}
        error_messages = {
            **ContactForm.Meta.error_messages,
            "name": {"required": _("Enter the patient’s name.")},
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["phone"].help_text = ""


@dataclass(frozen=True)
class Verb:
    """`act(enquiry, by=…, at=…, **cleaned data)`; needs permission to change unless `reading`.

    `asks(enquiry, at=…, **cleaned data)` returns what to ask first, if anything.
    """

    form: type[forms.BaseForm]
    act: Callable[..., Enquiry]
    done: Any
    reading: bool = False
    asks: Callable[..., questions.Question | None] | None = None


VERBS = {
    "undo": Verb(forms.Form, undo.undo, _("Undone. No email was sent.")),
    "genuine": Verb(
        forms.Form, correspondence.genuine, _("Marked as genuine and moved to the other requests.")
    ),
    "answer": Verb(
        AnswerForm,
        correspondence.answer,
        _("The patient will be able to read it in five minutes. Until then you can undo it."),
    ),
    "decline": Verb(ToldForm, workflow.decline, _("The times have been released.")),
    "move": Verb(
        MoveForm,
        workflow.move,
        _("The appointment has been rescheduled."),
        asks=questions.about_times,
    ),
    "refuse_move": Verb(
        forms.Form,
        rescheduling.refuse,
        _("The appointment stays as it is. The patient will be told in five minutes."),
    ),
    "withdraw": Verb(
        forms.Form,
        workflow.withdraw,
        _("The request has been cancelled."),
        asks=questions.about_cancelling,
    ),
    "new_link": Verb(forms.Form, correspondence.new_link, _("Earlier links no longer work.")),
    "join": Verb(
        JoinForm,
        correspondence.join,
        _("The requests have been merged."),
        asks=questions.about_joining,
    ),
    "note": Verb(NoteForm, workflow.note, _("Note saved."), reading=True),
    "contacted": Verb(ContactedForm, workflow.contacted, _("Saved.")),
    "assign": Verb(AssignForm, workflow.assign, _("Saved.")),
    "offer": Verb(
        OfferForm, workflow.offer, _("The time is now held."), asks=questions.about_times
    ),
    "accept": Verb(OfferIdForm, workflow.accept, _("The appointment is booked.")),
    "confirm": Verb(OfferIdForm, workflow.confirm, _("The appointment is booked.")),
    "release": Verb(
        OfferIdForm,
        workflow.release,
        _("The time has been released."),
        asks=questions.about_cancelling,
    ),
    "correct": Verb(CorrectForm, workflow.correct, _("Contact details updated.")),
    "close": Verb(CloseForm, workflow.close, _("Request closed."), asks=questions.about_cancelling),
    "missed": Verb(forms.Form, workflow.missed, _("Recorded: the patient did not attend.")),
    "reopen": Verb(ReopenForm, workflow.reopen, _("Request reopened.")),
}


def unbound(enquiry: Enquiry, at: datetime, chosen: dict[str, Any] | None = None) -> dict[str, Any]:
    """The forms of what may be done now, with the enquiry's own values, by verb. `chosen`: a time
    from the calendar and what belongs to it, or nothing."""
    length = reading.length_of(enquiry.service, is_first=not enquiry.returning)
    usual = {
        "practitioner": enquiry.practitioner_id,
        "location": enquiry.location_id,
        "minutes": length // timedelta(minutes=1),
    }
    initial: dict[str, Any] = {
        "assign": {"to": enquiry.given_to_id},
        "offer": usual | (chosen or _wished(enquiry, at)),
        "move": usual | _booked(enquiry) | (chosen or {}),
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
        case "confirm":
            asked = enquiry.offers.held().filter(state=Offer.State.ASKED)
            return workflow.allowed(enquiry, name) and asked.exists()
        case "release":
            return workflow.allowed(enquiry, name) and enquiry.offers.held().exists()
        case "refuse_move":
            return workflow.allowed(enquiry, name) and bool(enquiry.moves)
        case "missed":
            return workflow.allowed(enquiry, name) and enquiry.close_reason == CloseReason.VISITED
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


def _wished(enquiry: Enquiry, at: datetime) -> dict[str, Any]:
    """The first time that the patient asked for, with those at the same place with the same
    person."""
    coming = [wish for wish in wishes.read(enquiry.wishes) if wish.start > at]
    if not coming:
        return {}
    same = [wish for wish in coming if wish[1:] == coming[0][1:]]
    return {
        "practitioner": coming[0].practitioner,
        "location": coming[0].location,
        **{f"start_{n}": wish.start for n, wish in enumerate(same[: holds.MOST_OFFERED])},
    }
