"""What the admin classes of public models share."""

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.forms.fields import InvalidJSONInput
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.text import slugify
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from clinic.admin.history import KeepsVersions
from clinic.admin.lists import BoundedList
from clinic.admin.stale import NamesState
from clinic.admin.writing import WritingWidget
from clinic.lib.database import guards
from clinic.lib.fields import phones
from clinic.lib.fields.days import is_plausible
from clinic.site import content_version, markdown_text, page_context, redirects


class Moment(forms.SplitDateTimeWidget):
    """A day and a time, each with a name of its own for screen readers."""

    template_name = "admin/moment.html"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(
            attrs,
            date_format="%Y-%m-%d",
            time_format="%H:%M",
            date_attrs=cast(Any, {"type": "date", "aria-label": _("Date")}),
            time_attrs=cast(Any, {"type": "time", "aria-label": _("Time")}),
        )


class NestedField(forms.JSONField):
    """A JSON field that refuses a text nested deeper than Python can read."""

    def to_python(self, value: Any) -> Any:
        """Return the value. Raises ValidationError."""
        try:
            return super().to_python(value)
        except RecursionError:
            raise ValidationError(_("This JSON is nested too deeply."), code="depth") from None

    def bound_data(self, data: Any, initial: Any) -> Any:
        """Return what the form shows again: the text as it was typed if it cannot be read."""
        try:
            return super().bound_data(data, initial)
        except RecursionError:
            return InvalidJSONInput(data)


FIELDS: "dict[type[models.Field[Any, Any]], dict[str, Any]]" = {
    # What people type as a web address without its scheme is meant as https.
    models.URLField: {"assume_scheme": "https"},
    # Days and times are picked as each device does it.
    models.DateField: {
        "widget": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        "validators": [is_plausible],
    },
    models.JSONField: {"form_class": NestedField},
    models.TimeField: {"widget": forms.TimeInput(attrs={"type": "time"}, format="%H:%M")},
    models.DateTimeField: {"widget": Moment, "validators": [is_plausible]},
}


class SearchedSelect(AutocompleteSelect):
    """Django's field that searches as one types. Its empty choice has a name, which HTML wants."""

    def create_option(self, name: str, value: Any, label: Any, *args: Any, **kwargs: Any) -> Any:
        option = super().create_option(name, value, label, *args, **kwargs)
        if not label:
            option["attrs"]["label"] = "–"
        return option


def _named_by_frozen_rows(model: type[models.Model], objs: Any) -> list[str]:
    """What keeps these rows through a many-to-many table that a guard has frozen."""
    found: set[str] = set()
    for relation in model._meta.related_objects:
        through: Any = getattr(relation, "through", None)
        if through is None or not guards.is_frozen(through._meta.db_table):
            continue
        field: Any = relation.field
        rows = through._default_manager.filter(**{f"{field.m2m_reverse_field_name()}__in": objs})
        owner = field.m2m_field_name()
        found |= {str(getattr(row, owner)) for row in rows.select_related(owner)}
    return sorted(found)


class HelpLinks:
    """For admin classes: a field's help ends in a link to the section of the guide about it."""

    # By the name of a field, the heading of the section (docs/editing.md, docs/requests.md).
    help_sections: dict[str, str] = {}

    def formfield_for_dbfield(
        self, db_field: "models.Field[Any, Any]", request: Any, **kwargs: Any
    ) -> forms.Field | None:
        field: forms.Field | None = super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]
        if field is not None and db_field.name in self.help_sections:
            section = self.help_sections[db_field.name]
            field.help_text = format_html(
                '{} <a class="help-link" href="{}#{}" target="_blank" aria-label="{}">{}</a>',
                field.help_text,
                reverse("admin:help"),
                slugify(section),
                _t("Help: %(section)s (opens in a new tab)") % {"section": section},
                _t("Help"),
            )
        return field


class PublicAdmin(HelpLinks, KeepsVersions, BoundedList, NamesState, admin.ModelAdmin):
    """Raises the content version as the last statement of every transaction that may have changed
    something public, and remembers past slugs and versions."""

    formfield_overrides = FIELDS
    show_full_result_count = False
    # The kind of address (clinic.hooks.named) of models that have a slug.
    address_kind = ""
    # Fields that hold phone numbers: typed as usual, kept as E.164.
    phone_fields: tuple[str, ...] = ()
    # Fields that hold Markdown, in which a link by name must lead somewhere.
    prose_fields: tuple[str, ...] = ()

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._raising(request, super().changeform_view, *args, **kwargs)

    def changelist_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._raising(request, super().changelist_view, *args, **kwargs)

    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._raising(request, super().delete_view, *args, **kwargs)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Protect also what published editions name: a guard keeps those rows for good."""
        *found, protected = super().get_deleted_objects(objs, request)
        return *found, [*protected, *_named_by_frozen_rows(self.model, objs)]

    def _raising(self, request: HttpRequest, view: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method != "POST":
            return view(request, *args, **kwargs)
        with transaction.atomic():
            response = view(request, *args, **kwargs)
            content_version.raise_version()
        page_context.forget()
        return response

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        if not self.address_kind:
            return form
        kind = self.address_kind

        class AddressForm(form):  # type: ignore[misc, valid-type]
            def clean_slug(self) -> str:
                slug = self.cleaned_data["slug"]
                redirects.check_free(kind, slug, self.instance.pk)
                return slug

        return AddressForm

    def formfield_for_dbfield(
        self, db_field: "models.Field[Any, Any]", request: Any, **kwargs: Any
    ) -> forms.Field | None:
        if db_field.name in self.phone_fields:
            kwargs["form_class"] = PhoneField
        if db_field.name in self.prose_fields:
            kwargs |= {"validators": [is_sound_prose], "widget": WritingWidget}
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs.setdefault("widget", SearchedSelect(db_field, self.admin_site))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if self.address_kind and change and "slug" in form.changed_data:
            redirects.remember(self.address_kind, obj.pk, old=form.initial["slug"], new=obj.slug)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        self.after_save(form.instance)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        self.before_delete([obj])
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: models.QuerySet[Any]) -> None:
        self.before_delete(list(queryset))
        super().delete_queryset(request, queryset)

    def after_save(self, obj: Any) -> None:
        """For what follows from a saved object with its related rows, in the same transaction."""

    def before_delete(self, objects: list[Any]) -> None:
        """For what goes with objects that are deleted, in the same transaction."""


def is_sound_prose(text: str) -> None:
    """Refuse a text that says something its page could not show, with how to mend it."""
    if problems := markdown_text.problems(text):
        raise ValidationError(problems)


class PhoneField(forms.CharField):
    """A phone number: shown as it is dialled here, typed as usual, kept as E.164."""

    def prepare_value(self, value: Any) -> Any:
        return phones.display(value, page_context.current().clinic.region) if value else value

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        if not text:
            return ""
        return phones.normalise(text, page_context.current().clinic.region)

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return (initial or "") != self.clean(data)
        except ValidationError:
            return True
