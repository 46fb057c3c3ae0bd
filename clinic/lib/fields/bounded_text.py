"""Texts with a limit: every text that a person fills has one, in the model as in its form."""

from typing import Any

from django.core.validators import MaxLengthValidator
from django.db import models

from clinic.lib.fields.visible_text import VisibleCharField, VisibleText

SHORT = 2_000  # characters: a note, a few sentences
LONG = 20_000  # a page: a biography, an answer
LONGEST = 100_000  # an article: about 15,000 words


class LinesField(VisibleCharField):
    """A text of several lines. Browsers send their ends in a form of their own: what nobody has
    changed is no change."""

    def to_python(self, value: Any) -> Any:
        """Return the text with line ends as they are stored."""
        text = super().to_python(value)
        return text.replace("\r\n", "\n").replace("\r", "\n") if isinstance(text, str) else text

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare what is stored, by the same line ends, with what was sent."""
        return super().has_changed(self.to_python(initial), data)


class BoundedTextField(VisibleText, models.TextField):
    """A text of at most `max_length` characters. Django checks that in forms alone."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.validators.append(MaxLengthValidator(self.max_length or LONG))

    def formfield(self, **kwargs: Any) -> Any:
        """Return a form field that knows the line ends of browsers."""
        return super().formfield(**{"form_class": LinesField, **kwargs})
