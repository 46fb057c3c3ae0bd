"""Encrypted text: what lies in the table, what is refused, and the change of keys."""

from collections.abc import Callable

import pytest
from django.core.exceptions import FieldError, ImproperlyConfigured
from django.db import connection, models
from django.db.migrations.writer import MigrationWriter
from django.test.utils import isolate_apps

from clinic.lib.fields.encrypted import EncryptedTextField, Undecryptable, new_key, rotate

pytestmark = pytest.mark.database

OLD_KEY, KEY = new_key(), new_key()
HEALTH = "Tingling in the left hand — since Tuesday 🙂"

with isolate_apps():

    class Letter(models.Model):
        text = EncryptedTextField(null=True)

        class Meta:
            app_label = "scratch"
            db_table = "test_encrypted_letter"


@pytest.fixture(autouse=True)
def letters(db: None, settings) -> None:
    """The table of Letter; it goes with the test's transaction."""
    settings.HEALTH_DATA_KEYS = [KEY]
    identity = "bigserial" if connection.vendor == "postgresql" else "integer"
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE test_encrypted_letter (id {identity} PRIMARY KEY, text text)")


def stored(letter: Letter) -> str | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT text FROM test_encrypted_letter WHERE id = %s", [letter.pk])
        return cursor.fetchone()[0]


def store(letter: Letter, text: str | None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE test_encrypted_letter SET text = %s WHERE id = %s", [text, letter.pk]
        )


def reread(letter: Letter) -> str | None:
    return Letter.objects.get(pk=letter.pk).text


def _save(letter: Letter) -> None:
    letter.text = HEALTH
    letter.save()


def _update(letter: Letter) -> None:
    Letter.objects.filter(pk=letter.pk).update(text=HEALTH)


def _bulk_update(letter: Letter) -> None:
    letter.text = HEALTH
    Letter.objects.bulk_update([letter], ["text"])


@pytest.mark.parametrize("write", [_save, _update, _bulk_update])
def test_every_way_of_writing_encrypts(write: Callable[[Letter], None]):
    letter = Letter.objects.create(text="before")
    write(letter)
    token = stored(letter)
    assert token.startswith("gAAAA")
    assert "Tingling" not in token
    assert reread(letter) == HEALTH


def test_created_rows_are_encrypted():
    one = Letter.objects.create(text=HEALTH)
    (two,) = Letter.objects.bulk_create([Letter(text=HEALTH)])
    assert stored(one) != stored(two), "equal texts must not be seen to be equal"
    assert [reread(one), reread(two)] == [HEALTH, HEALTH]
    assert list(Letter.objects.values_list("text", flat=True)) == [HEALTH, HEALTH]


@pytest.mark.parametrize("nothing", ["", None])
def test_nothing_is_stored_as_it_is(nothing: str | None):
    letter = Letter.objects.create(text=nothing)
    assert stored(letter) == nothing
    assert reread(letter) == nothing


@pytest.mark.parametrize(
    "value", ["in clear", "schlägt fehl 🙂", "gAAAAABnot-a-token", "gAAAA" + "A" * 100]
)
def test_what_is_no_token_is_never_passed_on(value: str):
    letter = Letter.objects.create(text=HEALTH)
    store(letter, value)
    with pytest.raises(Undecryptable) as caught:
        reread(letter)
    assert "scratch.Letter.text" in str(caught.value)
    assert value not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_token_of_a_foreign_key_is_refused(settings):
    letter = Letter.objects.create(text=HEALTH)
    settings.HEALTH_DATA_KEYS = [new_key()]
    with pytest.raises(Undecryptable):
        reread(letter)


@pytest.mark.parametrize("keys", [[], ["too short"]])
def test_unusable_keys_are_named_as_such(settings, keys: list[str]):
    settings.HEALTH_DATA_KEYS = keys
    with pytest.raises(ImproperlyConfigured, match="HEALTH_DATA_KEYS"):
        Letter.objects.create(text=HEALTH)


@pytest.mark.parametrize(
    "lookup",
    [
        {"text": HEALTH},
        {"text": None},
        {"text__icontains": "a"},
        {"text__in": [HEALTH]},
        {"text__gt": "a"},
        {"text__regex": "a"},
        {"text__length": 3},
    ],
)
def test_lookups_are_refused(lookup: dict[str, object]):
    with pytest.raises(FieldError):
        Letter.objects.filter(**lookup).exists()


def test_absence_may_be_asked_for():
    Letter.objects.create(text=HEALTH)
    assert Letter.objects.filter(text__isnull=False).count() == 1


def test_migrations_can_name_the_field():
    field = Letter._meta.get_field("text")
    text, imports = MigrationWriter.serialize(field)
    assert text == "clinic.lib.fields.encrypted.EncryptedTextField(null=True)"
    assert imports == {"import clinic.lib.fields.encrypted"}


def test_rotation_needs_only_the_first_key_afterwards(settings):
    settings.HEALTH_DATA_KEYS = [OLD_KEY]
    letters = [Letter.objects.create(text=f"{HEALTH} {n}") for n in range(5)]
    empty = Letter.objects.create(text="")
    absent = Letter.objects.create(text=None)
    settings.HEALTH_DATA_KEYS = [KEY, OLD_KEY]
    new = Letter.objects.create(text="already new")
    token = stored(new)

    assert rotate(Letter, "text", batch=2) == 5
    assert rotate(Letter, "text", batch=2) == 0

    settings.HEALTH_DATA_KEYS = [KEY]
    assert [reread(letter) for letter in letters] == [f"{HEALTH} {n}" for n in range(5)]
    assert stored(new) == token
    assert [reread(empty), reread(absent)] == ["", None]


def test_rotation_stops_at_what_no_key_opens():
    letter = Letter.objects.create(text=HEALTH)
    store(letter, "in clear")
    with pytest.raises(Undecryptable) as caught:
        rotate(Letter, "text")
    assert "in clear" not in str(caught.value)
