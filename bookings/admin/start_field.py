"""When an appointment begins, as staff enter it: by the clock on the wall."""

import re
from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic import formats
from clinic.lib.fields.days import is_plausible

WITH_OFFSET = re.compile(r".*([+-]\d\d:\d\d|Z)$")


class StartInput(forms.DateTimeInput):
    """The browser's own field; a text for a time with an offset, which that cannot hold."""

    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%dT%H:%M")

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        """Return what is drawn."""
        context = super().get_context(name, value, attrs)
        if WITH_OFFSET.match(context["widget"]["value"] or ""):
            context["widget"]["type"] = "text"
        return context


class StartField(forms.DateTimeField):
    """A time that the clock shows twice has its offset, also where a patient asked for it."""

    widget = StartInput

    def __init__(self, **values: Any) -> None:
        super().__init__(validators=[is_plausible], **values)

    def prepare_value(self, value: Any) -> Any:
        """Return the value as the form shows it."""
        if isinstance(value, datetime) and formats.is_doubled(value):
            return timezone.localtime(value).isoformat(timespec="minutes")
        return super().prepare_value(value)

    def to_python(self, value: Any) -> datetime | None:
        """Return the moment. Raises ValidationError."""
        try:
            return super().to_python(value)
        except ValidationError as error:
            if error.code != "ambiguous_timezone":
                raise
            words = _(
                "The clocks change in that hour: this time comes twice, or not at all. Choose "
                "another time."
            )
            raise ValidationError(words, code=error.code) from None
