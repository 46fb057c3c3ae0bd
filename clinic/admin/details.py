"""The clinic itself: one row, so the list leads straight to it."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db import models
from django.forms.widgets import Script
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from clinic.admin import ordering
from clinic.admin.base import PublicAdmin
from clinic.models import Clinic, Insurer, WayToStart


class WayToStartInline(admin.StackedInline):
    class Media:
        js = [ordering.SCRIPT]

    model = WayToStart
    formset = ordering.NumberedFormSet
    extra = 0
    fields = [("label", "kind"), "line", ("url", "order")]


class InsurerInline(admin.StackedInline):
    model = Insurer
    formset = ordering.NumberedFormSet
    extra = 0
    fields = [("name", "order"), "bills_directly", "note"]


@admin.register(Clinic)
class ClinicAdmin(PublicAdmin):
    list_title = form_title = _("Settings")
    autocomplete_fields = ["logo"]
    help_sections = {
        "review_before_publishing": "Review",
        "reference_style": "Sources",
        "answer_hours": "Requests",
        "cancellation_rule": "Pages that show current details",
        "keep_closed_days": "Requests",
    }
    phone_fields = ("phone", "out_of_hours_phone")
    colour_fields = ("sky", "tape")
    inlines = [WayToStartInline, InsurerInline]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    "name",
                    "kind",
                    "legal_name",
                    "phone",
                    "email",
                    "region",
                    "locale",
                    "time_zone",
                ]
            },
        ),
        (
            _("Emergencies"),
            {
                "fields": [
                    "emergency_phone",
                    "emergency_advice",
                    "out_of_hours_name",
                    "out_of_hours_phone",
                ]
            },
        ),
        (
            _("Appearance"),
            {
                "description": _(
                    "Colours are saved only if everything stays easy to read on them, in light "
                    "and dark mode. Illustrations use them too."
                ),
                "fields": ["logo", "sky", "tape", "typeface"],
            },
        ),
        (_("Home page"), {"fields": ["headline", "lead"]}),
        (
            _("Publishing"),
            {
                "fields": [
                    "review_before_publishing",
                    "review_interval_months",
                    "reference_style",
                ]
            },
        ),
        (
            _("Requests"),
            {
                "fields": [
                    "booking_url",
                    "reference_prefix",
                    "answer_hours",
                    "offer_hold_hours",
                    "reminder_hours",
                    "cancel_hours",
                    "cancellation_rule",
                    "link_days",
                ]
            },
        ),
        (
            _("Data retention"),
            {
                "description": _(
                    "Requests and everything about them are deleted after the number of days set "
                    "here."
                ),
                "fields": ["keep_spam_days", "keep_closed_days", "keep_declined_days"],
            },
        ),
    ]

    class Media:
        js = [Script("js/admin/colours.js", type="module")]

    def formfield_for_dbfield(
        self, db_field: "models.Field[Any, Any]", request: Any, **kwargs: Any
    ) -> forms.Field | None:
        if db_field.name in self.colour_fields:
            kwargs["widget"] = forms.TextInput(attrs={"data-colour": "", "spellcheck": "false"})
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def changelist_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return redirect("admin:clinic_clinic_change", 1)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
