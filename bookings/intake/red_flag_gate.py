"""The red-flag gate: asked first, and forgotten.

The form begins with the service and one yes/no question over that service's red flags. Passing it
leaves a signed marker in the next page, bound to that service and to the key of the form. It says
that the gate was passed, and nothing of what was answered.
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
from clinic.models import Service

NOT_SURE = "not-sure"
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


class NotPassed(Exception):
    """No marker, a false or an old one, or one of a service that is no longer offered."""


def services() -> QuerySet[Service]:
    """The services that can be asked for."""
    return Service.objects.filter(is_public=True).order_by("order", "name", "id")


def red_flags(service: Service | None) -> list[str]:
    """Return the red flags to ask about: those of the service, or all if none was chosen."""
    if service:
        return service.red_flag_lines
    lines = [line for each in services() for line in each.red_flag_lines]
    return list({line.casefold(): line for line in lines}.values())


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
    """The first page: which service, and whether one of its red flags is true.

    The red flags are those of the service that was chosen when the page was made; `asked` names
    it, so an answer never counts for another service.
    """

    service = forms.ChoiceField(
        label=_("What would you like help with?"),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose what you would like help with, or “I’m not sure”."),
            "invalid_choice": _("Choose one of these, or “I’m not sure”."),
        },
    )
    asked = forms.CharField(required=False, widget=forms.HiddenInput)
    any_true = forms.ChoiceField(
        label=_("Do any of these apply to you?"),
        required=False,
        choices=[("yes", _("Yes, at least one")), ("no", _("No, none of them"))],
        widget=forms.RadioSelect,
    )

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
    def is_chosen(self) -> bool:
        return self.chosen is not None or self["service"].value() == NOT_SURE

    @property
    def flags(self) -> list[str]:
        """What to ask about on this page; empty until a service is chosen."""
        return red_flags(self.chosen) if self.is_chosen else []

    @property
    def was_asked(self) -> bool:
        """Whether the answer is about the service that is chosen."""
        return self["asked"].value() == self["service"].value()
