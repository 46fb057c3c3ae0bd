"""A password is not made of what anyone reads on the website: the clinic's name, town, services."""

import re
import unicodedata
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from clinic.models import Clinic, Location, Service

BESIDES = 8  # characters that a password needs besides these words
SHORTEST = 3  # letters of a word that counts
# Signs in place of letters, as people write them.
READ_AS = str.maketrans("013457@$", "oieastas")


class OwnWordsValidator:
    """For AUTH_PASSWORD_VALIDATORS."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raise ValidationError if too little is left without the clinic's own words."""
        typed = _folded(password)
        # Longer words first: they may hold shorter ones.
        words = sorted(_words(), key=lambda word: (-len(word), word))
        found = [word for word in words if word in typed or word in typed.translate(READ_AS)]
        if not found:
            return
        pattern = re.compile("|".join(map(re.escape, found)))
        if min(_left(pattern, typed), _left(pattern, typed.translate(READ_AS))) < BESIDES:
            raise ValidationError(
                _(
                    "This password is mostly made of words that anyone can read on the website "
                    "(%(words)s). Choose other words."
                ),
                code="password_of_own_words",
                params={"words": ", ".join(found)},
            )

    def get_help_text(self) -> str:
        """Return the rule, as forms show it."""
        return _(
            "Your password can’t be mostly made of the clinic’s own words, such as its name, town "
            "or services."
        )


def _words() -> set[str]:
    clinic = Clinic.objects.get(id=1)
    texts = [
        clinic.name,
        clinic.kind,
        clinic.legal_name,
        urlsplit(settings.SITE_URL).hostname or "",
    ]
    texts += [clinic.email.rpartition("@")[2], *Service.objects.values_list("name", flat=True)]
    for named in Location.objects.values_list("name", "city"):
        texts += named
    words = re.findall(r"[^\W\d_]+", _folded(" ".join(texts)))
    return {word for word in words if len(word) >= SHORTEST}


def _left(pattern: re.Pattern[str], typed: str) -> int:
    return len(pattern.sub("", typed))


def _folded(text: str) -> str:
    """Without capitals and accents."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in plain if not unicodedata.combining(sign))
