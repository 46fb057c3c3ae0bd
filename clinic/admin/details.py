"""The clinic itself: one row, so the list leads straight to it."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from clinic.admin.base import PublicAdmin
from clinic.models import Clinic


@admin.register(Clinic)
class ClinicAdmin(PublicAdmin):
    autocomplete_fields = ["logo"]
    phone_fields = ("phone", "out_of_hours_phone")
    fieldsets = [
        (
            None,
            {
                "fields": [
                    "name",
                    "kind",
                    "legal_name",
                    "logo",
                    "phone",
                    "email",
                    "region",
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
        (_("Home page"), {"fields": ["headline", "lead"]}),
        (
            _("Publishing"),
            {
                "fields": [
                    "review_before_publishing",
                    "reviewer_may_be_author",
                    "review_interval_months",
                    "reference_style",
                ]
            },
        ),
        (
            _("Requests"),
            {
                "fields": [
                    "reference_prefix",
                    "answer_hours",
                    "offer_hold_hours",
                    "reminder_hours",
                    "link_days",
                ]
            },
        ),
        (
            _("How long requests are kept"),
            {
                "description": _("After these days they are deleted, with everything about them."),
                "fields": ["keep_spam_days", "keep_declined_days", "keep_closed_days"],
            },
        ),
    ]

    def changelist_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return redirect("admin:clinic_clinic_change", 1)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
