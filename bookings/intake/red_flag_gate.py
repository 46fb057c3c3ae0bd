"""The red-flag gate: asked first, and forgotten.

The form begins with the service or, for those who don't know which they need, a part of the body.
Its red flags are asked a page at a time, each level under one yes/no question. A page that is
answered is decided at once: the next one names only which red flags were asked before. Passing the
last leaves a signed marker in the next page, bound to the service and to the key of the form. It
says that the gate was passed, and nothing of what was answered.
"""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django import forms
from django.core import signing
from django.db.models import QuerySet
from django.forms.boundfield import BoundWidget
from django.utils.translation import gettext_lazy as _

from clinic import hooks
from clinic.models import RedFlag, Service
from clinic.models.service import Level
from clinic.site import triage

NOT_SURE = "not-sure"
QUESTIONS = (Level.EMERGENCY, Level.TODAY)  # the third level only advises
WHERE = _("Choose where the problem is, or “Somewhere else”.")
# What a page that interrupts hands on.
ON_THE_WAY = ("service", "asked", "lines", "passed", "emergency", "today")
LIFETIME = timedelta(days=1)
SALT = "bookings.gate.2"


@dataclass(frozen=True)
class Passed:
    """What the marker carries: the service (None: not sure), the form's key, the edition of the
    privacy page that was live when the form was shown, and that moment."""

    service: Service | None
    form_key: uuid.UUID
    privacy_edition: int | None
    begun_at: datetime


@dataclass(frozen=True)
class Page:
    """What one page asks: by level the red flags and, where it is answered, the question."""

    groups: list[tuple[Level, list[RedFlag], forms.BoundField | None]]
    number: int
    count: int
    lines: str
    passed: str


class NotPassed(Exception):
    """No marker, a false or an old one, or one of a service that is no longer offered."""


def services() -> QuerySet[Service]:
    """The services that can be asked for."""
    return Service.objects.filter(is_public=True).order_by("order", "name", "id")


def new_marker(service: Service | None, *, at: datetime) -> str:
    """A marker for a form that begins now, with a fresh key."""
    return signing.dumps(
        {
            "service": service.pk if service else None,
            "key": uuid.uuid4().hex,
            "at": at.timestamp(),
            "privacy": hooks.published.page_edition("privacy", at),
        },
        salt=SALT,
    )


def read_marker(marker: str) -> Passed:
    """What a marker says. Raises NotPassed."""
    try:
        data = signing.loads(marker, salt=SALT, max_age=LIFETIME)
    except signing.BadSignature:
        raise NotPassed from None
    service = None
    if data["service"] is not None:
        service = services().filter(pk=data["service"]).first()
        if service is None:
            raise NotPassed
    begun_at = datetime.fromtimestamp(data["at"], UTC)
    return Passed(service, uuid.UUID(data["key"]), data["privacy"], begun_at)


class GateForm(forms.Form):
    """The pages before the request: which service, where the problem is, and whether one of the
    red flags is true.

    `asked` names the service or the parts of the body whose red flags the page asks about, so an
    answer never counts for another. `lines` are those on the page, `passed` those of the pages
    before. `seen`: the levels of which the patient said that a doctor has looked at it.
    """

    service = forms.ChoiceField(
        label=_("What would you like help with?"),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose what you would like help with, or “I’m not sure”."),
            "invalid_choice": _("Choose one of these, or “I’m not sure”."),
        },
    )
    place = forms.MultipleChoiceField(
        label=_("Where is the problem?"),
        required=False,
        choices=triage.PLACES,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": WHERE},
    )
    emergency = forms.ChoiceField(
        label=_("Do any of these apply to you right now?"),
        required=False,
        choices=[("yes", _("Yes, at least one")), ("no", _("No, none of them"))],
        widget=forms.RadioSelect,
    )
    today = forms.ChoiceField(
        label=_("Do any of these apply to you?"),
        required=False,
        choices=[("yes", _("Yes, at least one")), ("no", _("No, none of them"))],
        widget=forms.RadioSelect,
    )
    asked = forms.CharField(required=False, widget=forms.HiddenInput)
    lines = forms.CharField(required=False, widget=forms.HiddenInput)
    passed = forms.CharField(required=False, widget=forms.HiddenInput)
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.offered = list(services())
        field = self.fields["service"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [
            *((service.slug, service.name) for service in self.offered),
            (NOT_SURE, _("I’m not sure")),
        ]

    @property
    def chosen(self) -> Service | None:
        """The service that is chosen; None for “not sure” and while nothing is."""
        slug = self["service"].value()
        return next((service for service in self.offered if service.slug == slug), None)

    @property
    def options(self) -> list[tuple[BoundWidget, Service | None]]:
        """The choices as drawn: each button with its service, last the one of “not sure”."""
        return list(zip(self["service"], [*self.offered, None], strict=True))

    @property
    def is_not_sure(self) -> bool:
        return self["service"].value() == NOT_SURE

    @property
    def where(self) -> list[str]:
        """The parts of the body that were chosen by somebody who is not sure."""
        chosen = (self["place"].value() or []) if self.is_not_sure else []
        return [place for place, _label in triage.PLACES if place in chosen]

    @property
    def where_label(self) -> str:
        return ", ".join(str(label) for place, label in triage.PLACES if place in self.where)

    @property
    def subject(self) -> str:
        """What the red flags are of: the name that `asked` has; empty until it is known."""
        if self.chosen is not None:
            return self.chosen.slug
        if self.is_not_sure:
            return ":".join([NOT_SURE, *self.where])
        return ""

    @property
    def was_asked(self) -> bool:
        """Whether the page that was sent is about what is chosen in it."""
        return bool(self.subject) and self["asked"].value() == self.subject

    def check_answers(self) -> None:
        """Add what is missing on the page that was sent; for a form without other errors."""
        if not self.was_asked:
            return
        if self.is_not_sure and not self.where:
            self.add_error("place", WHERE)
        for level, _flags in triage.by_level(self._on_the_page()):
            if level in QUESTIONS and not self.cleaned_data.get(level):
                self.add_error(level, _("Answer “Yes” or “No” before you continue."))

    def interrupted_by(self) -> Level | None:
        """Return the most urgent level of which something is true and no doctor has looked at,
        whatever else was changed on the page."""
        return next(
            (
                level
                for level in QUESTIONS
                if self.cleaned_data.get(level) == "yes"
                or (level == Level.EMERGENCY and self.data.get("any_true") == "yes")  # older pages
                if level not in self.cleaned_data["seen"].split()
            ),
            None,
        )

    def turn(self, *, is_answered: bool) -> "Page | None":
        """Return what is to be asked on the next page, None after the last. `is_answered`: whether
        the page that was sent is done with."""
        flags = self._flags()
        passed = self._numbers("passed")
        if is_answered:
            passed |= self._numbers("lines")
        ahead = triage.pages(flag for flag in flags if flag.pk not in passed)
        blank = GateForm() if is_answered else self  # an answer is never that of the next page
        if not ahead:
            return None
        count = len(triage.pages(flags))
        shown = [str(flag.pk) for _level, group in ahead[0] for flag in group]
        return Page(
            groups=[
                (level, group, blank[level] if level in QUESTIONS else None)
                for level, group in ahead[0]
            ],
            number=max(count - len(ahead), 0) + 1,
            count=max(count, len(ahead)),
            lines=".".join(shown),
            passed=".".join(str(number) for number in sorted(passed)),
        )

    def _flags(self) -> list[RedFlag]:
        if self.chosen is not None:
            return triage.of_service(self.chosen)
        return triage.of_places(self.where)

    def _on_the_page(self) -> list[RedFlag]:
        numbers = self._numbers("lines") - self._numbers("passed")
        return [flag for flag in self._flags() if flag.pk in numbers]

    def _numbers(self, name: str) -> set[int]:
        """The red flags that a hidden field names, if it is about what is chosen."""
        text = str(self[name].value() or "") if self.was_asked else ""
        return {int(part) for part in text.split(".") if part.isdecimal() and len(part) < 19}
