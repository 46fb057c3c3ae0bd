"""No field that people fill takes signs that nobody sees: found by introspection, on every form."""

from collections.abc import Iterator

import pytest
from django import forms
from django.apps import apps
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db import models
from django.test import RequestFactory
from django.urls import get_resolver

from clinic.lib.fields.visible_text import VisibleText, visible, visible_line, visible_name

pytestmark = pytest.mark.database

APPS = ("clinic", "articles", "bookings")
BROKEN = "a\x0bb\u200b\x07c\ud800"
UNSEEN = "\u200b \u2800\u3164\ufe0f\u200d"
# Codes, keys and words to search for are compared and never stored.
NOT_WORDS = {"code", "password", "q", "number", "website", "username"}


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("A\u200bn\ufe0fna\u202e", "Anna"),
        ("Z\u00adoë\u200f \u3164", "Zoë"),
        ("\u200dZed\u200d", "Zed"),
        ("M\u200di\u200ca", "Mia"),
        ("علی\u200cرضا", "علی\u200cرضا"),
        (UNSEEN, ""),
    ],
)
def test_what_is_left_of_a_name(typed: str, kept: str):
    assert visible_name(typed) == kept


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("One\x0btwo\u2028three", "One\ntwo\nthree"),
        ("a\0b\x07c\x9fd\ue000e\uffff", "abcde"),
        ("re\u200bhab\ufeff \u202eevil\u202c", "rehab evil"),
        ("half \ud83d of a pair", "half  of a pair"),
        ("👩\u200d⚕\ufe0f and 👍", "👩\u200d⚕\ufe0f and 👍"),
        ("soft\u00adhyphen, na\u00efve, العربية", "soft\u00adhyphen, na\u00efve, العربية"),
        ("\tTabs\r\n\nand lines", "\tTabs\r\n\nand lines"),
        (UNSEEN, ""),
        ("", ""),
    ],
)
def test_what_is_left_of_a_text(text: str, kept: str):
    assert visible(text) == kept


def test_a_line_has_no_line_ends():
    assert visible_line("One\r\n two\x0bthree\tfour") == "One two three four"


def _forms() -> Iterator[tuple[str, type[forms.BaseForm]]]:
    """Every form of the three apps: their own classes, and those that the admin makes."""
    get_resolver().url_patterns  # noqa: B018 (imports all views, and so all forms)
    waiting = list(forms.BaseForm.__subclasses__())
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        if kind.__module__.split(".")[0] in APPS:
            yield kind.__qualname__, kind
    request = RequestFactory().get("/admin/")
    request.user = apps.get_model("clinic", "User")(
        is_superuser=True, is_staff=True, is_active=True
    )
    for model, shown in admin.site._registry.items():
        may_write = shown.has_add_permission(request) or shown.has_change_permission(request)
        if model._meta.app_label not in APPS or not may_write:
            continue
        yield model._meta.label, shown.get_form(request)
        for inline in shown.inlines:
            made = inline(model, admin.site).get_formset(request)
            yield f"{model._meta.label} {inline.__name__}", made.form


def _is_words(name: str, field: forms.Field) -> bool:
    return (
        isinstance(field, forms.CharField)
        and not isinstance(field.widget, forms.HiddenInput | forms.PasswordInput)
        and name not in NOT_WORDS
    )


def _lets_through(form: type[forms.BaseForm], name: str, text: str) -> bool:
    """Whether a field, and the field of the model behind it, take a broken text as it is."""
    try:
        found = form.base_fields[name].clean(text)
        model = form._meta.model if issubclass(form, forms.BaseModelForm) else None
        if model and name in {field.name for field in model._meta.concrete_fields}:
            found = model._meta.get_field(name).clean(found, model())
    except (ValidationError, ValueError):
        return False
    return isinstance(found, str) and visible(found) != found


def test_no_form_takes_what_nobody_sees(db: None):
    found = [
        (label, form, name)
        for label, form in _forms()
        for name, field in form.base_fields.items()
        if _is_words(name, field)
    ]
    assert len(found) > 80
    taken = {
        f"{label}.{name}"
        for label, form, name in found
        if any(_lets_through(form, name, text) for text in (BROKEN, UNSEEN))
    }
    assert not taken, sorted(taken)


def test_an_email_address_is_taken_without_what_nobody_sees(db: None):
    """A zero-width space at its end was taken, and no email ever arrived."""
    found = {
        f"{label}.{name}": field
        for label, form in _forms()
        for name, field in form.base_fields.items()
        if isinstance(field, forms.EmailField)
    }
    assert len(found) > 5
    for label, field in found.items():
        assert field.clean("pat@clinic.example\u200b\u00ad ") == "pat@clinic.example", label


def test_no_model_stores_what_nobody_sees():
    """On every way in: what is written to the database is cleaned, without a form, too."""
    fields = [
        field
        for app in APPS
        for model in apps.get_app_config(app).get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, VisibleText)
    ]
    assert len(fields) > 60
    for field in fields:
        for text in (BROKEN, UNSEEN):
            stored = models.Field.get_prep_value(field, field.to_python(text))
            assert visible(stored) == stored, field
            assert field.get_prep_value(text) == stored, field
