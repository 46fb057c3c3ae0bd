"""Topics: the subject headings of the site."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from articles.models import Topic
from clinic.admin.base import PublicAdmin


class OrderForm(forms.ModelForm):
    """A row of the list. The head of its column names the field, not the row."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        words = _t("Order of %(topic)s") % {"topic": self.instance}
        self.fields["order"].widget.attrs["aria-label"] = words


@admin.register(Topic)
class TopicAdmin(PublicAdmin):
    address_kind = "topic"
    prose_fields = ("introduction",)
    list_display = ["name", "place", "hint", "order"]
    list_editable = ["order"]
    search_fields = ["name", "hint"]
    autocomplete_fields = ["services"]
    prepopulated_fields = {"slug": ["name"]}
    fieldsets = [
        (None, {"fields": ["name", "slug", "hint", "place", "introduction"]}),
        (_("Where it stands"), {"fields": ["services", "order"]}),
    ]

    def get_changelist_form(self, request: HttpRequest, **kwargs: Any) -> Any:
        return super().get_changelist_form(request, form=OrderForm, **kwargs)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A topic of a published edition stays: editions do not change."""
        if obj is not None and obj.editions.exists():
            return False
        return super().has_delete_permission(request, obj)
