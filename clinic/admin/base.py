"""What the admin classes of public models share."""

from typing import Any

from django.contrib import admin
from django.db import transaction
from django.http import HttpRequest, HttpResponse

from clinic import addresses, content


class PublicAdmin(admin.ModelAdmin):
    """Raises the content version as the last statement of every transaction that may have changed
    something public, and remembers past slugs."""

    # The kind of address (clinic.addresses.PATHS) of models that have a slug.
    address_kind = ""

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
        return response

    def get_form(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, **kwargs)
        if not self.address_kind:
            return form
        kind = self.address_kind

        class AddressForm(form):  # type: ignore[misc, valid-type]
            def clean_slug(self) -> str:
                slug = self.cleaned_data["slug"]
                addresses.check_free(kind, slug, self.instance.pk)
                return slug

        return AddressForm

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if self.address_kind and change and "slug" in form.changed_data:
            addresses.remember(self.address_kind, obj.pk, old=form.initial["slug"], new=obj.slug)
