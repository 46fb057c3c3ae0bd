"""Who treats."""

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from clinic.admin.base import FIELDS, PublicAdmin
from clinic.admin.places import AS_CHECKBOXES, forget
from clinic.models import Credential, Practitioner
from clinic.wiring import index_for_search

SOON = timedelta(days=90)


class CredentialInline(admin.StackedInline):
    model = Credential
    extra = 0
    formfield_overrides = FIELDS
    fields = [("kind", "name"), ("issuer", "number"), "url", ("obtained_on", "valid_until")]


@admin.register(Practitioner)
class PractitionerAdmin(PublicAdmin):
    address_kind = "practitioner"
    prose_fields = ("biography",)
    list_display = ["name", "role", "credential_state", "takes_bookings", "is_public", "order"]
    list_filter = ["is_public", "takes_bookings", "locations", "services"]
    search_fields = ["name", "role"]
    prepopulated_fields = {"slug": ["name"]}
    autocomplete_fields = ["photo", "user"]
    formfield_overrides = AS_CHECKBOXES
    inlines = [CredentialInline]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        staff = ["email"]
        # An account makes somebody a reviewer: only who looks after accounts may connect one.
        if request.user.has_perm("clinic.change_user"):
            staff.append("user")
        return [
            (None, {"fields": ["name", "slug", "role", "summary", "photo", "is_public", "order"]}),
            (_("About"), {"fields": ["biography", "languages", "interests"]}),
            (_("Work"), {"fields": ["services", "locations", "takes_bookings", "booking_url"]}),
            (_("Staff"), {"fields": staff}),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Practitioner]:
        return super().get_queryset(request).prefetch_related("credentials")

    @admin.display(description=_("credentials"))
    def credential_state(self, practitioner: Practitioner) -> str:
        """What is wrong first: expired, then expiring within three months."""
        today = timezone.localdate()
        ends = sorted(c.valid_until for c in practitioner.credentials.all() if c.valid_until)
        if ends and ends[0] < today:
            return _t("Expired on %(day)s") % {"day": date_format(ends[0])}
        if ends and ends[0] <= today + SOON:
            return _t("One expires on %(day)s") % {"day": date_format(ends[0])}
        return _t("In order") if practitioner.credentials.all() else _t("None")

    def after_save(self, obj: Practitioner) -> None:
        index_for_search(obj)

    def before_delete(self, objects: list[Practitioner]) -> None:
        forget(objects)
