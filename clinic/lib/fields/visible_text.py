"""Text that people type or paste, without signs that nobody sees and that break pages and feeds.

XML allows no control characters, PostgreSQL no null byte, UTF-8 no half of a surrogate pair; a
field that holds only invisible signs looks empty and is not. Model fields clean what is stored on
every way in, forms also what they check.
"""

import re
from typing import Any

from django import forms
from django.db import models

# Line ends of other programs: Word's line break, and those of Unicode.
_LINE_ENDS = re.compile("[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_SPACE = re.compile(r"\s+")
_LINE_END = re.compile(r"[\r\n\t]")
# Control characters, zero-width spaces, marks that reverse the direction of what follows, the signs
# of the renderer (clinic.lib.markdown.marks), halves of surrogate pairs, and what is no character.
_GONE = re.compile(
    "[\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f\u200b\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff"
    "\ue000\ue001\ud800-\udfff\ufdd0-\ufdef\ufff9-\ufffb\ufffe\uffff]"
)
# Any sign but those that show nothing by themselves: spaces, joiners, fillers, variation selectors.
_VISIBLE = re.compile(
    "[^\\s\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200c-\u200f\u2800\u3164\uffa0"
    "\ufe00-\ufe0f\U000e0000-\U000e0fff]"
)


# The same in a name, but for spaces and joiners.
_UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200e\u200f\u2800\u3164\uffa0"
    "\ufe00-\ufe0f\U000e0000-\U000e0fff]"
)
_JOINER_ASIDE = re.compile("(?<![^\\s\x00-\x7f])[\u200c\u200d]|[\u200c\u200d](?![^\\s\x00-\x7f])")


def visible(text: str) -> str:
    """Return the text without signs that nobody sees; "" if it has no others."""
    text = _GONE.sub("", _LINE_ENDS.sub("\n", text))
    return text if _VISIBLE.search(text) else ""


def visible_line(text: str) -> str:
    """Return the text as `visible` does, in one line."""
    return _SPACE.sub(lambda gap: " " if _LINE_END.search(gap[0]) else gap[0], visible(text))


def visible_name(text: str) -> str:
    """Return the text in one line, with no sign in it that shows nothing by itself; joiners stay
    between letters, where Persian and Indian names have them."""
    return _JOINER_ASIDE.sub("", _UNSEEN.sub("", visible_line(text))).strip()


def visible_signs(text: str) -> str:
    """Return only the signs that show, without spaces: what is left of an address."""
    return "".join(_VISIBLE.findall(visible(text)))


class VisibleCharField(forms.CharField):
    """A form's field for words: only invisible signs are no words."""

    def to_python(self, value: Any) -> Any:
        return super().to_python(visible(value) if isinstance(value, str) else value)


class VisibleEmailField(forms.EmailField):
    """A form's field for an email address, often copied with signs that nobody sees."""

    def to_python(self, value: Any) -> Any:
        return super().to_python(visible_signs(value) if isinstance(value, str) else value)


class VisibleText:
    """For a model field: what is assigned, checked or stored is cleaned."""

    def to_python(self, value: Any) -> Any:
        return super().to_python(visible(value) if isinstance(value, str) else value)  # type: ignore[misc]

    def formfield(self, **kwargs: Any) -> Any:
        return super().formfield(**{"form_class": VisibleCharField, **kwargs})  # type: ignore[misc]


class VisibleTextField(VisibleText, models.TextField):
    """Words of any length. The database knows no difference from Django's own field."""

    def deconstruct(self) -> Any:
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.TextField", args, kwargs


class LineField(VisibleText, models.CharField):
    """A line of words. The database knows no difference from Django's own field."""

    def to_python(self, value: Any) -> Any:
        return super().to_python(visible_line(value) if isinstance(value, str) else value)

    def deconstruct(self) -> Any:
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.CharField", args, kwargs


class EmailAddressField(models.EmailField):
    """An email address. The database knows no difference from Django's own field."""

    def to_python(self, value: Any) -> Any:
        return super().to_python(visible_signs(value) if isinstance(value, str) else value)

    def formfield(self, **kwargs: Any) -> Any:
        return super().formfield(**{"form_class": VisibleEmailField, **kwargs})

    def deconstruct(self) -> Any:
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.EmailField", args, kwargs
