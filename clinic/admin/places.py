"""Where the clinic is, when it is open, what it offers there."""

from typing import Any

from django.contrib import admin
from django.db import models
from django.forms import CheckboxSelectMultiple
from django.utils.translation import gettext_lazy as _

from clinic.admin.base import FIELDS, PublicAdmin
from clinic.lib import search
from clinic.models import Closure, Location, OpeningPeriod, SearchDocument, Service
from clinic.wiring import index_for_search

AS_CHECKBOXES = {**FIELDS, models.ManyToManyField: {"widget": CheckboxSelectMultiple}}


def forget(objects: list[Any]) -> None:
    """Take things that are deleted out of the search index."""
    for thing in objects:
        search.remove(SearchDocument, thing._meta.model_name or "", thing.pk)


class OpeningPeriodInline(admin.StackedInline):
    model = OpeningPeriod
    formfield_overrides = FIELDS
    extra = 0
    fields = [("weekday", "opens", "closes")]
    verbose_name = _("stretch of hours")
    verbose_name_plural = _("opening hours")


class ClosureInline(admin.StackedInline):
    model = Closure
    formfield_overrides = FIELDS
    extra = 0
    fields = [("starts_on", "ends_on"), "reason"]


@admin.register(Location)
class LocationAdmin(PublicAdmin):
    address_kind = "location"
    phone_fields = ("phone",)
    prose_fields = ("directions", "accessibility")
    list_display = ["name", "street", "city", "phone", "is_public", "order"]
    list_filter = ["is_public"]
    search_fields = ["name", "street", "city"]
    prepopulated_fields = {"slug": ["name"]}
    inlines = [OpeningPeriodInline, ClosureInline]
    fieldsets = [
        (None, {"fields": ["name", "slug", "phone", "email", "is_public", "order"]}),
        (
            _("Address"),
            {"fields": ["street", "postal_code", "city", "state", ("latitude", "longitude")]},
        ),
        (_("Getting there"), {"fields": ["how_to_find", "directions", "accessibility"]}),
        (_("Booking"), {"fields": ["booking_url"]}),
    ]

    def after_save(self, obj: Location) -> None:
        index_for_search(obj)

    def before_delete(self, objects: list[Location]) -> None:
        forget(objects)


@admin.register(Closure)
class ClosureAdmin(PublicAdmin):
    list_display = ["reason", "where", "starts_on", "ends_on"]
    list_filter = ["location"]
    list_select_related = ["location"]
    search_fields = ["reason"]
    autocomplete_fields = ["location"]
    ordering = ["-starts_on", "-id"]

    @admin.display(description=_("location"), ordering="location")
    def where(self, closure: Closure) -> str:
        return str(closure.location) if closure.location else str(_("All locations"))


@admin.register(Service)
class ServiceAdmin(PublicAdmin):
    address_kind = "service"
    prose_fields = ("description",)
    list_display = ["name", "first_minutes", "follow_minutes", "price_text", "is_public", "order"]
    list_filter = ["is_public", "locations"]
    search_fields = ["name", "summary"]
    prepopulated_fields = {"slug": ["name"]}
    formfield_overrides = AS_CHECKBOXES
    fieldsets = [
        (None, {"fields": ["name", "slug", "summary", "description", "is_public", "order"]}),
        (
            _("Visits"),
            {
                "fields": [
                    ("first_minutes", "follow_minutes"),
                    "price_text",
                    "typical_course",
                    "locations",
                    "booking_url",
                ]
            },
        ),
        (_("Safety"), {"fields": ["risks", "not_for", "red_flags"]}),
        (_("Look"), {"fields": ["place"]}),
    ]

    def after_save(self, obj: Service) -> None:
        index_for_search(obj)

    def before_delete(self, objects: list[Service]) -> None:
        forget(objects)
