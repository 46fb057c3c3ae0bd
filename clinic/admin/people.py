"""Who treats."""

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from clinic import hooks
from clinic.accounts import practitioner_email
from clinic.accounts.staff_accounts import user_of
from clinic.admin.base import FIELDS, PublicAdmin
from clinic.admin.ordering import Ordered
from clinic.admin.places import AS_CHECKBOXES
from clinic.finding.indexing import forget, index_for_search
from clinic.models import Credential, Practitioner

SOON = timedelta(days=90)


class CredentialInline(admin.StackedInline):
    model = Credential
    extra = 0
    formfield_overrides = FIELDS
    fields = [("kind", "name"), ("issuer", "number"), "url", ("obtained_on", "valid_until")]


def _manages_accounts(request: HttpRequest) -> bool:
    return request.user.has_perm("clinic.change_user")


@admin.register(Practitioner)
class PractitionerAdmin(Ordered, PublicAdmin):
    address_kind = "practitioner"
    help_sections = {"photo": "Images", "biography": "The writing format", "email": "Review"}
    prose_fields = ("biography",)
    list_display = ["name", "role", "credential_state", "takes_bookings", "is_public"]
    list_filter = ["is_public", "takes_bookings", "locations", "services"]
    search_fields = ["name", "role"]
    search_fact = "role"
    prepopulated_fields = {"slug": ["name"]}
    autocomplete_fields = ["photo", "user"]
    formfield_overrides = AS_CHECKBOXES
    inlines = [CredentialInline]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        staff = ["email", "user"]
        if not _manages_accounts(request):
            staff = ["email"] if obj else []
        return [
            (None, {"fields": ["name", "slug", "role", "summary", "photo", "is_public"]}),
            (_("About"), {"fields": ["biography", "languages", "interests"]}),
            (
                _("Work"),
                {"fields": ["services", "places", "locations", "takes_bookings", "booking_url"]},
            ),
            *([(_("Staff"), {"fields": staff})] if staff else []),
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Return the fields that only those who manage accounts may set: an account or an email
        address makes a practitioner a reviewer, and a reviewer's name is on every sign-off."""
        if _manages_accounts(request) or obj is None:
            return []
        return ["email", "name"] if obj.user_id or obj.email else ["email"]

    def get_prepopulated_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        locked = "name" in self.get_readonly_fields(request, obj)
        return {} if locked else super().get_prepopulated_fields(request, obj)

    def save_model(self, request: HttpRequest, obj: Practitioner, form: Any, change: bool) -> None:
        """In the transaction of the save, queue an email to an address that is no longer used."""
        before = Practitioner.objects.select_related("user").get(pk=obj.pk) if change else None
        super().save_model(request, obj, form, change)
        if before is not None:
            practitioner_email.tell_old(
                obj, old=before.address, by=user_of(request), at=timezone.now()
            )

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Link what belongs to them, such as their roster."""
        person = context.get("original")
        found = (find(request, person) for find in hooks.practitioner_links if person)
        context["links"] = [link for link in found if link]
        return super().render_change_form(request, context, *args, **kwargs)

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
        return _t("Valid") if practitioner.credentials.all() else _t("None")

    def after_save(self, obj: Practitioner) -> None:
        index_for_search(obj)

    def before_delete(self, objects: list[Practitioner]) -> None:
        forget(objects)
