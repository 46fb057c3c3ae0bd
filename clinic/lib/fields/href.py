"""Links that staff type into a field, and that pages show as they are.

A page of this site, the web, an email address or a phone number: nothing that runs (`javascript:`),
and no path that a browser reads as another host (`//host`, `/\\host`, a slash, tab and slash).
"""

import re

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

# Browsers drop tabs and line ends, and read a backslash as a slash (URL Standard, 4.4).
NEVER = ("\\", "\t", "\n", "\r")
OUTSIDE = ("https://", "http://")
SCHEMES = (*OUTSIDE, "mailto:", "tel:")
_LINK = re.compile(r"(?:https?://[^/?#]|mailto:|tel:|/(?!/))[^\\\x00-\x20\x7f]*", re.IGNORECASE)
OUTSIDE_REFUSAL = _("Start with https://.")
REFUSAL = _("Start with / for a page on this site, or with https://, mailto: or tel:.")


def validate_link(value: str) -> None:
    """Refuse what is no link that may be shown. Raises ValidationError."""
    if not _LINK.fullmatch(value):
        raise ValidationError(REFUSAL)


def validate_outside(value: str) -> None:
    """Refuse what is no page of the web. Raises ValidationError."""
    if not (_LINK.fullmatch(value) and value.lower().startswith(OUTSIDE)):
        raise ValidationError(OUTSIDE_REFUSAL)


def is_own_path(field: str) -> Q:
    """For a constraint: the field holds a path of this site."""
    return Q(**{f"{field}__startswith": "/"}) & ~Q(**{f"{field}__startswith": "//"}) & _plain(field)


def is_link(field: str, schemes: tuple[str, ...] = SCHEMES) -> Q:
    """For a constraint: the field holds a link with one of these schemes."""
    rule = Q()
    for scheme in schemes:
        rule |= Q(**{f"{field}__istartswith": scheme})
    return rule & _plain(field)


def _plain(field: str) -> Q:
    rule = Q()
    for sign in NEVER:
        rule &= ~Q(**{f"{field}__contains": sign})
    return rule
