"""A field for several of a few choices, stored as a JSON list in their order."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _


class SeveralField(models.JSONField):
    """Holds some of the values of `among` (value, label), each once."""

    def __init__(
        self, *args: Any, among: Sequence[tuple[str, Any]] = (), default: Any = list, **kwargs: Any
    ) -> None:
        self.among = among
        super().__init__(*args, default=default, **kwargs)

    def deconstruct(self) -> Any:
        """Leave the choices out: they mean nothing to the database."""
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.JSONField", args, kwargs

    def validate(self, value: Any, model_instance: Any) -> None:
        """Raise ValidationError if it is no list of known values."""
        super().validate(value, model_instance)
        known = {key for key, _label in self.among}
        if not (isinstance(value, list) and all(isinstance(v, str) and v in known for v in value)):
            raise ValidationError(_("Choose from the list."), code="invalid")

    def formfield(self, **kwargs: Any) -> Any:
        """Return check boxes, whatever an admin class wants for JSON."""
        return forms.MultipleChoiceField(
            choices=self.among,
            widget=forms.CheckboxSelectMultiple,
            required=not self.blank,
            label=str(self.verbose_name).capitalize(),
            help_text=self.help_text,
            initial=[],
        )

    def words(self, value: Any) -> str:
        """Return the labels of the chosen values."""
        chosen = value if isinstance(value, list) else []
        return ", ".join(str(label) for key, label in self.among if key in chosen)
