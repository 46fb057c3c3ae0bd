"""What the admin classes of public models share."""

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelect, RelatedFieldWidgetWrapper
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from clinic import addresses, content, frame, phones, prose


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


FIELDS: "dict[type[models.Field[Any, Any]], dict[str, Any]]" = {
    # What people type as a web address without its scheme is meant as https.
    models.URLField: {"assume_scheme": "https"},
    # Days and times are picked as each device does it.
    models.DateField: {"widget": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")},
    models.TimeField: {"widget": forms.TimeInput(attrs={"type": "time"}, format="%H:%M")},
    models.DateTimeField: {"widget": Moment},
}


class SearchedSelect(AutocompleteSelect):
    """Django's field that searches as one types. Its empty choice has a name, which HTML wants."""

    def create_option(self, name: str, value: Any, label: Any, *args: Any, **kwargs: Any) -> Any:
        option = super().create_option(name, value, label, *args, **kwargs)
        if not label:
            option["attrs"]["label"] = "–"
        return option


class PublicAdmin(admin.ModelAdmin):
    """Raises the content version as the last statement of every transaction that may have changed
    something public, and remembers past slugs."""

    formfield_overrides = FIELDS
    show_full_result_count = False
    # The kind of address (clinic.addresses.PATHS) of models that have a slug.
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

    def _raising(self, request: HttpRequest, view: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method != "POST":
            return view(request, *args, **kwargs)
        with transaction.atomic():
            response = view(request, *args, **kwargs)
            content.raise_version()
        frame.forget()
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
                addresses.check_free(kind, slug, self.instance.pk)
                return slug

        return AddressForm

    def formfield_for_dbfield(
        self, db_field: "models.Field[Any, Any]", request: Any, **kwargs: Any
    ) -> forms.Field | None:
        if db_field.name in self.phone_fields:
            kwargs["form_class"] = PhoneField
        if db_field.name in self.prose_fields:
            kwargs["validators"] = [is_sound_prose]
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and isinstance(field.widget, RelatedFieldWidgetWrapper):
            # No deleting from inside another form, and no adding beside a list of boxes.
            field.widget.can_delete_related = False
            if isinstance(field.widget.widget, forms.CheckboxSelectMultiple):
                field.widget.can_add_related = False
        return field

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs.setdefault("widget", SearchedSelect(db_field, self.admin_site))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if self.address_kind and change and "slug" in form.changed_data:
            addresses.remember(self.address_kind, obj.pk, old=form.initial["slug"], new=obj.slug)

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
    if problems := prose.problems(text):
        raise ValidationError(problems)


class PhoneField(forms.CharField):
    """A phone number: shown as it is dialled here, typed as usual, kept as E.164."""

    def prepare_value(self, value: Any) -> Any:
        return phones.display(value, frame.current().clinic.region) if value else value

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        if not text:
            return ""
        return phones.normalise(text, frame.current().clinic.region)

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return (initial or "") != self.clean(data)
        except ValidationError:
            return True
