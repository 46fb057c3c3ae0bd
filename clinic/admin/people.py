"""Who treats, and who signs in."""

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as StockGroupAdmin
from django.contrib.auth.admin import UserAdmin as StockUserAdmin
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from clinic.admin.base import HTTPS, PublicAdmin
from clinic.admin.places import AS_CHECKBOXES, forget
from clinic.models import Credential, Practitioner, User
from clinic.wiring import index_for_search

SOON = timedelta(days=90)


class CredentialInline(admin.StackedInline):
    model = Credential
    extra = 0
    formfield_overrides = HTTPS
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


@admin.register(User)
class UserAdmin(StockUserAdmin):
    """Accounts. What somebody may do comes from their roles alone; no account here is almighty."""

    list_display = ["username", "get_full_name", "role_names", "is_active", "last_login"]
    list_filter = ["groups", "is_active"]
    search_fields = ["username", "first_name", "last_name", "email"]
    filter_horizontal = ()
    readonly_fields = ["last_login", "date_joined"]
    formfield_overrides = AS_CHECKBOXES
    fieldsets = [
        (None, {"fields": ["username", "password"]}),
        (_("Person"), {"fields": ["first_name", "last_name", "email"]}),
        (
            _("Roles"),
            {
                "fields": ["is_active", "groups"],
                "description": _("Somebody who has left is made inactive, not deleted."),
            },
        ),
        (_("Dates"), {"fields": ["last_login", "date_joined"]}),
    ]
    add_fieldsets = [
        (
            None,
            {
                "fields": [
                    "username",
                    "first_name",
                    "last_name",
                    "email",
                    "usable_password",
                    "password1",
                    "password2",
                    "groups",
                ]
            },
        ),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).prefetch_related("groups")

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        obj.is_staff = True
        super().save_model(request, obj, form, change)

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """A superuser, made on the command line, is out of a manager's reach."""
        out_of_reach = obj is not None and obj.is_superuser and not request.user.is_superuser
        return not out_of_reach and super().has_change_permission(request, obj)

    @admin.display(description=_("roles"))
    def role_names(self, user: User) -> str:
        return ", ".join(group.name for group in user.groups.all())


admin.site.unregister(Group)


@admin.register(Group)
class GroupAdmin(StockGroupAdmin):
    """The roles, to look at: clinic.roles sets them after every migrate."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
