"""Who signs in, and in which roles."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.contrib.auth.admin import GroupAdmin as StockGroupAdmin
from django.contrib.auth.admin import UserAdmin as StockUserAdmin
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from clinic.accounts import second_factor, staff_accounts
from clinic.accounts.staff_accounts import user_of
from clinic.admin import account_actions
from clinic.admin.account_forms import AccountForm, InviteForm
from clinic.admin.lists import BoundedList, ReadOnly
from clinic.admin.places import AS_CHECKBOXES
from clinic.admin.stale import NamesState
from clinic.models import Clinic, Message, SecondFactor, SecurityEvent, User


class RoleFilter(admin.RelatedFieldListFilter):
    """Filters by role: the groups are the roles."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = _("roles")


@admin.register(User)
class UserAdmin(BoundedList, NamesState, StockUserAdmin):
    """Accounts. Permissions come from roles alone; there are no superusers."""

    list_display = [
        "username",
        "full_name",
        "role_names",
        "state",
        "has_factor",
        "signed_in",
    ]
    list_filter = [("groups", RoleFilter), "is_active"]
    search_fields = ["username", "first_name", "last_name", "email"]
    search_fact = "username"
    filter_horizontal = ()
    readonly_fields = ["last_login", "date_joined"]
    formfield_overrides = AS_CHECKBOXES
    form = AccountForm
    add_form = InviteForm
    add_form_template = "admin/clinic/user/add_form.html"
    fieldsets = [
        (None, {"fields": ["username", "password"]}),
        (_("Person"), {"fields": ["first_name", "last_name", "email"]}),
        (_("Roles"), {"fields": ["groups"]}),
        (_("Dates"), {"fields": ["last_login", "date_joined"]}),
    ]
    add_fieldsets = [(None, {"fields": ["first_name", "last_name", "email", "groups"]})]

    def get_urls(self) -> list[URLPattern]:
        def own(route: str, view: Any, name: str) -> URLPattern:
            return path(route, self.admin_site.admin_view(view), name=f"clinic_user_{name}")

        return [
            own("<int:user_id>/link/", account_actions.send_link, "send_link"),
            own("<int:user_id>/leave/", account_actions.leave, "leave"),
            own("<int:user_id>/sessions/", account_actions.sessions, "sessions"),
            own(
                "<int:user_id>/second-factor/",
                account_actions.remove_second_factor,
                "remove_second_factor",
            ),
            *super().get_urls(),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        factors = SecondFactor.objects.filter(user=OuterRef("pk"))
        users = super().get_queryset(request).prefetch_related("groups")
        mails = Message.objects.filter(kind=staff_accounts.INVITED, object_id=OuterRef("pk"))
        return users.annotate(has_factor=Exists(factors), was_invited=Exists(mails))

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        user = self.get_object(request, object_id)
        context = dict(extra_context or {})
        if user is not None:
            context |= {
                "state": self.state(user),
                "mail": staff_accounts.last_mail(user),
                "has_password": user.is_active and user.has_usable_password(),
                "factor": second_factor.factor_of(user),
                "needs_factor": second_factor.is_required(user),
                "is_own": user == user_of(request),
            }
        return super().change_view(request, object_id, form_url, context)

    def add_view(
        self,
        request: HttpRequest,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        title = {"title": _t("Invite a colleague")}
        context = {**title, **(extra_context or {})}
        if request.method != "POST":
            return super().add_view(request, form_url, context)
        with transaction.atomic():
            # One at a time: the second of two who invite the same colleague is told so.
            Clinic.objects.select_for_update().get()
            return super().add_view(request, form_url, context)

    def formfield_for_manytomany(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        """Here the groups are the roles."""
        own = {"label": _("Roles"), "help_text": "", "queryset": Group.objects.order_by("name")}
        return super().formfield_for_manytomany(db_field, request, **{**own, **kwargs})

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """An account that is added is an invitation, mailed in the same transaction."""
        if change:
            old = User.objects.values_list("email", flat=True).get(pk=obj.pk)
            # Nothing else: a password that its owner changes, or an account that is closed, at the
            # same moment, stays so.
            obj.save(update_fields=set(form.changed_data) - {"groups"})
            staff_accounts.was_changed(
                obj, form.changed_data, old_email=old, by=user_of(request), at=timezone.now()
            )
            return
        obj.username = staff_accounts.free_username(obj.email)
        obj.is_staff = True
        obj.set_unusable_password()
        super().save_model(request, obj, form, change)
        staff_accounts.send_link(obj, by=user_of(request), at=timezone.now())

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        before = list(form.instance.groups.values_list("name", flat=True))
        super().save_related(request, form, formsets, change)
        staff_accounts.roles_were_set(form.instance, before, by=user_of(request), at=timezone.now())

    def user_change_password(
        self, request: HttpRequest, id: str, form_url: str = ""
    ) -> HttpResponse:
        """Only for a colleague without an email address. Others choose a password themselves, by a
        link; one's own is changed with the old one."""
        if not self.has_change_permission(request):
            raise PermissionDenied  # before it shows whether there is such an account
        user = self.get_object(request, unquote(id))
        if user is None:
            raise Http404
        if not self.has_change_permission(request, user):
            raise PermissionDenied
        if user == user_of(request):
            return redirect("admin:password_change")
        if user.email:
            return redirect("admin:clinic_user_send_link", user.pk)
        before = user.password
        with transaction.atomic():
            answer = super().user_change_password(request, id, form_url)
            user.refresh_from_db(fields=["password"])
            if user.password != before:
                kind = staff_accounts.PASSWORD_CHANGED
                staff_accounts.notify(kind, user, at=timezone.now(), by=user_of(request))
        return answer

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """A superuser, made on the command line, is out of a manager's reach."""
        out_of_reach = obj is not None and obj.is_superuser and not request.user.is_superuser
        return not out_of_reach and super().has_change_permission(request, obj)

    @admin.display(description=_("status"))
    def state(self, user: User) -> str:
        """Return in a word whether the person can sign in."""
        if not user.is_active:
            return _t("Has left")
        if user.has_usable_password():
            return _t("Active")
        return _t("Invited") if user.was_invited else _t("No password")  # type: ignore[attr-defined]

    @admin.display(description=_("name"), ordering="first_name")
    def full_name(self, user: User) -> str:
        return user.get_full_name()

    @admin.display(description=_("two-step sign-in"))
    def has_factor(self, user: User) -> str:
        return _t("On") if user.has_factor else _t("No two-step sign-in")  # type: ignore[attr-defined]

    @admin.display(description=_("last sign-in"), ordering="last_login")
    def signed_in(self, user: User) -> str:
        if user.last_login is None:
            return _t("Never signed in")
        return date_format(timezone.localtime(user.last_login), "DATETIME_FORMAT")

    @admin.display(description=_("roles"))
    def role_names(self, user: User) -> str:
        return ", ".join(group.name for group in user.groups.all())


@admin.register(SecurityEvent)
class SecurityEventAdmin(ReadOnly, BoundedList, admin.ModelAdmin):
    """What happened to accounts, and who took data out: to read."""

    list_title = _("Security log")
    empty_value_display = ""
    list_display = ["when", "what", "account", "note", "by"]
    list_display_links = None
    list_filter = [
        "kind",
        ("account", admin.RelatedOnlyFieldListFilter),
        ("by", admin.RelatedOnlyFieldListFilter),
    ]
    list_select_related = ["account", "by"]
    actions = None

    @admin.display(description=_("when"), ordering="at")
    def when(self, event: SecurityEvent) -> str:
        return date_format(timezone.localtime(event.at), "DATETIME_FORMAT")

    @admin.display(description=_("event"), ordering="kind")
    def what(self, event: SecurityEvent) -> str:
        if event.kind == SecurityEvent.Kind.FAILED:
            words = ngettext("%(n)d failed sign-in", "%(n)d failed sign-ins", event.number)
            return words % {"n": event.number}
        return str(capfirst(event.get_kind_display()))


admin.site.unregister(Group)


@admin.register(Group)
class GroupAdmin(BoundedList, StockGroupAdmin):
    """The roles, to look at: clinic.accounts.roles sets them after every migrate."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
