"""Text that is encrypted before it reaches the database: Fernet tokens under keys of their own.

The keys are `settings.HEALTH_DATA_KEYS`: the first encrypts, every one of them decrypts, so a new
key is put in front, `rotate` is run, and then the old one is taken away.
"""

from functools import lru_cache
from typing import Any, NoReturn

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Value
from django.db.models.functions import Cast

from clinic.lib.fields.visible_text import VisibleText


class Undecryptable(Exception):
    """A stored value is no token of any of our keys. Names the field, never the content."""


class EncryptedTextField(VisibleText, models.TextField):
    """A text that only a holder of the keys can read.

    None and "" are stored as they are. It cannot be searched: every lookup but `isnull` is
    refused with a FieldError. Reading raises Undecryptable where the stored value is not a token
    that one of the keys opens; plain text is never passed on.
    """

    description = "Text, encrypted at rest"

    def get_db_prep_value(
        self, value: Any, connection: BaseDatabaseWrapper, prepared: bool = False
    ) -> Any:
        value = super().get_db_prep_value(value, connection, prepared)
        return _cipher().encrypt(value.encode()).decode() if value else value

    def from_db_value(
        self, value: str | None, expression: Any, connection: BaseDatabaseWrapper
    ) -> str | None:
        if not value:
            return value
        try:
            return _cipher().decrypt(value.encode()).decode()
        except InvalidToken:
            _refuse(self)

    def get_lookup(self, lookup_name: str) -> Any:
        return super().get_lookup(lookup_name) if lookup_name == "isnull" else None

    def get_transform(self, lookup_name: str) -> None:
        return None


def new_key() -> str:
    """A fresh key for HEALTH_DATA_KEYS: 32 random bytes in URL-safe base64."""
    return Fernet.generate_key().decode()


def rotate(model: type[models.Model], field: str, *, batch: int = 500) -> int:
    """Encrypt anew, with the first key, each value that an older key encrypted; count them.

    A row that changes meanwhile is left to its writer, who had the first key. It may be stopped and
    started again. Raises Undecryptable at a value that no key opens; earlier batches stay done.
    Guards refuse the update of a frozen table: let them stand aside around it.
    """
    first = Fernet(settings.HEALTH_DATA_KEYS[0])
    stored = Cast(field, models.TextField())  # read as it lies, past from_db_value
    rows = model._base_manager.annotate(stored=stored).exclude(stored="").order_by("pk")
    after: Any = None
    rotated = 0
    while True:
        rest = rows.filter(stored__isnull=False)
        if after is not None:
            rest = rest.filter(pk__gt=after)
        page = list(rest.values_list("pk", "stored")[:batch])
        if not page:
            return rotated
        with transaction.atomic(using=rows.db):
            for pk, token in page:
                if _opens(first, token):
                    continue
                try:
                    renewed = _cipher().rotate(token.encode()).decode()
                except InvalidToken:
                    _refuse(model._meta.get_field(field))
                rotated += rows.filter(pk=pk, stored=token).update(
                    **{field: Value(renewed, output_field=models.TextField())}
                )
        after = page[-1][0]


def _cipher() -> MultiFernet:
    return _cipher_of(tuple(settings.HEALTH_DATA_KEYS))


@lru_cache(maxsize=4)
def _cipher_of(keys: tuple[str, ...]) -> MultiFernet:
    try:
        return MultiFernet([Fernet(key) for key in keys])
    except ValueError:
        raise ImproperlyConfigured(
            "HEALTH_DATA_KEYS needs at least one key, each 32 bytes in URL-safe base64."
        ) from None


def _opens(cipher: Fernet, token: str) -> bool:
    try:
        cipher.decrypt(token.encode())
    except InvalidToken:
        return False
    return True


def _refuse(field: Any) -> NoReturn:
    name = f"{field.model._meta.label}.{field.name}"
    raise Undecryptable(
        f"A stored {name} cannot be decrypted: it is not encrypted, it is damaged, "
        "or its key is not in HEALTH_DATA_KEYS."
    ) from None
