"""The reference library."""

import json
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from articles import ama
from articles.library import columns_of
from articles.models import Edition, Reference
from clinic.admin.base import PublicAdmin


class ReferenceForm(forms.ModelForm):
    """CSL-JSON in a text field; what is searched is read from it."""

    class Meta:
        model = Reference
        fields = ["key", "csl", "kind", "plain"]
        widgets = {
            "csl": forms.Textarea(attrs={"rows": 18, "class": "vLargeTextField code"}),
            "plain": forms.Textarea(attrs={"rows": 3}),
        }

    def clean_csl(self) -> dict[str, Any]:
        csl = self.cleaned_data["csl"]
        if isinstance(csl, str):
            csl = json.loads(csl)
        if not isinstance(csl, dict) or not str(csl.get("title") or "").strip():
            raise ValidationError(_("It must be one CSL-JSON object with a title."))
        return csl

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or {}
        if isinstance(cleaned.get("csl"), dict):
            for name, value in columns_of(cleaned["csl"]).items():
                setattr(self.instance, name, value)
            # `doi` and `pmid` are no form fields: look here whether another one has them.
            for name in ("doi", "pmid"):
                value = getattr(self.instance, name)
                others = Reference.objects.exclude(pk=self.instance.pk)
                twin = others.filter(**{name: value}).first() if value else None
                if twin:
                    self.add_error(
                        "csl",
                        _("%(value)s is in the library already, as %(key)s.")
                        % {"value": value, "key": twin.key},
                    )
        return cleaned


@admin.register(Reference)
class ReferenceAdmin(PublicAdmin):
    form = ReferenceForm
    list_display = ["key", "title", "authors", "year", "kind"]
    list_filter = ["kind", "year"]
    search_fields = ["key", "title", "authors", "doi", "pmid"]
    search_help_text = _("Author, title, DOI or PMID")
    ordering = ["key"]
    readonly_fields = ["as_printed", "used_in"]
    fieldsets = [(None, {"fields": ["key", "as_printed", "used_in", "kind", "plain", "csl"]})]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Texts cite it by its key: it stays as it is."""
        return ["as_printed", "used_in", *(["key"] if obj else [])]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if obj is not None and obj.citations.exists():
            return False
        return super().has_delete_permission(request, obj)

    @admin.display(description=_("as it will print"))
    def as_printed(self, reference: Reference) -> SafeString | str:
        return ama.format_reference(reference.csl) if reference.pk else "–"

    @admin.display(description=_("used in"))
    def used_in(self, reference: Reference) -> SafeString | str:
        editions = Edition.objects.filter(citations__reference=reference).distinct()
        titles = {(e.title, e.get_absolute_url()) for e in editions.only("title", "kind", "slug")}
        if not titles:
            return str(_("No edition cites it."))
        return format_html(
            "<ul>{}</ul>",
            format_html_join("", '<li><a href="{1}">{0}</a></li>', sorted(titles)),
        )
