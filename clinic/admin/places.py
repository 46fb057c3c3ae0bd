"""Where the clinic is, when it is open, what it offers there."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db import models
from django.forms import CheckboxSelectMultiple
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from clinic.admin.base import FIELDS, PublicAdmin
from clinic.admin.ordering import Ordered
from clinic.finding.indexing import forget, index_for_search
from clinic.models import Closure, Location, OpeningPeriod, Service, Version
from clinic.models.service import lines

AS_CHECKBOXES = {**FIELDS, models.ManyToManyField: {"widget": CheckboxSelectMultiple}}


class OpeningPeriodInline(admin.StackedInline):
    model = OpeningPeriod
    formfield_overrides = FIELDS
    extra = 0
    fields = [("weekday", "opens", "closes")]
    verbose_name = _("opening period")
    verbose_name_plural = _("opening hours")


class ClosureInline(admin.StackedInline):
    model = Closure
    formfield_overrides = FIELDS
    extra = 0
    fields = [("starts_on", "ends_on"), "reason"]


@admin.register(Location)
class LocationAdmin(Ordered, PublicAdmin):
    address_kind = "location"
    help_sections = {"directions": "The writing format"}
    phone_fields = ("phone",)
    prose_fields = ("directions", "accessibility")
    list_display = ["name", "street", "city", "is_public"]
    list_filter = ["is_public"]
    search_fields = ["name", "street", "city"]
    search_fact = "city"
    prepopulated_fields = {"slug": ["name"]}
    inlines = [OpeningPeriodInline, ClosureInline]
    fieldsets = [
        (None, {"fields": ["name", "slug", "phone", "email", "is_public"]}),
        (
            _("Address"),
            {"fields": ["street", "postal_code", "city", "state", ("latitude", "longitude")]},
        ),
        (_("Getting here"), {"fields": ["how_to_find", "directions", "accessibility"]}),
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
    search_fact = "where"
    autocomplete_fields = ["location"]
    ordering = ["-starts_on", "-id"]

    @admin.display(description=_("location"), ordering="location")
    def where(self, closure: Closure) -> str:
        return str(closure.location) if closure.location else str(_("All locations"))


SAFETY = ("risks", "not_for", "red_flags")


SHOWN_IN_ARTICLES = _(
    "Articles about this service show these details, so reviewers approve them too. If you change "
    "the lengths, price, typical course, risks or who should not have it, these articles need a "
    "new review."
)


class ServiceForm(forms.ModelForm):
    """Asks before a list that keeps patients safe is emptied."""

    emptied = forms.BooleanField(label=_("Yes, remove the whole list"), required=False)

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or {}
        if not cleaned.get("emptied"):
            for name in SAFETY:
                count = len(lines(self.initial.get(name) or ""))
                if count and name in cleaned and not lines(cleaned[name]):
                    self.add_error(name, _emptied(count))
        return cleaned


def _emptied(count: int) -> str:
    words = ngettext(
        "You have removed the only line of this list. If that is right, tick the box below the "
        "lists and save again.",
        "You have removed all %(n)d lines of this list. If that is right, tick the box below the "
        "lists and save again.",
        count,
    )
    return words % {"n": count}


@admin.register(Service)
class ServiceAdmin(Ordered, PublicAdmin):
    form = ServiceForm
    address_kind = "service"
    help_sections = {"description": "The writing format"}
    prose_fields = ("description",)
    list_display = ["name", "first_minutes", "follow_minutes", "price_text", "is_public"]
    list_filter = ["is_public", "locations"]
    search_fields = ["name", "summary"]
    prepopulated_fields = {"slug": ["name"]}
    formfield_overrides = AS_CHECKBOXES
    fieldsets = [
        (None, {"fields": ["name", "slug", "summary", "description", "is_public"]}),
        (
            _("Appointments"),
            {
                "description": SHOWN_IN_ARTICLES,
                "fields": [
                    ("first_minutes", "follow_minutes"),
                    "price_text",
                    "typical_course",
                    "bring",
                    "booking_way",
                    "locations",
                    "booking_url",
                ],
            },
        ),
        (
            _("Safety"),
            {
                "description": SHOWN_IN_ARTICLES,
                "fields": (*SAFETY, "red_flags_reviewed_on"),
            },
        ),
        (_("Appearance"), {"fields": ["place"]}),
    ]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Show the box below the lists when one of them has been emptied."""
        emptied = obj is not None and any(
            lines(getattr(obj, name)) and not lines(request.POST[name])
            for name in SAFETY
            if name in request.POST
        )
        return [
            (title, {**options, "fields": [*options["fields"], "emptied"]})
            if emptied and SAFETY[0] in options["fields"]
            else (title, options)
            for title, options in super().get_fieldsets(request, obj)
        ]

    def save_model(self, request: HttpRequest, obj: Service, form: Any, change: bool) -> None:
        before = Service.objects.filter(pk=obj.pk).first()
        self._note_changed_facts(before, obj)
        super().save_model(request, obj, form, change)

    def _restore_locked(self, request: HttpRequest, obj: Service, row: Version) -> HttpResponse:
        before = Service.objects.get(pk=obj.pk)
        response = super()._restore_locked(request, obj, row)
        self._note_changed_facts(before, obj)
        obj.save(update_fields=["facts_changed_at"])
        return response

    def _note_changed_facts(self, before: Service | None, obj: Service) -> None:
        """Set the moment from which sign-offs of articles about the service cover its facts."""
        if before is not None and before.facts() != obj.facts():
            obj.facts_changed_at = timezone.now()

    def after_save(self, obj: Service) -> None:
        index_for_search(obj)

    def before_delete(self, objects: list[Service]) -> None:
        forget(objects)
