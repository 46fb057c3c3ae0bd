"""Notices, past addresses and the outbox."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import localize
from django.utils.timezone import localtime
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from clinic import missing, outbox
from clinic.admin.base import PublicAdmin
from clinic.models import Announcement, Message, Missing, Redirect


@admin.register(Announcement)
class AnnouncementAdmin(PublicAdmin):
    list_display = ["text", "state", "starts_at", "ends_at"]
    search_fields = ["text"]
    ordering = ["-starts_at", "-id"]

    @admin.display(description=_("state"))
    def state(self, announcement: Announcement) -> str:
        now = timezone.now()
        if now < announcement.starts_at:
            return _t("Waits")
        return _t("Shown") if now < announcement.ends_at else _t("Over")


class RedirectForm(forms.ModelForm):
    class Meta:
        model = Redirect
        fields = ["path", "to_path"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "to_path" in self.fields:
            self.fields["to_path"].required = True

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("path") and data["path"] == data.get("to_path"):
            raise ValidationError(_("The address would lead to itself."))
        return data


@admin.register(Redirect)
class RedirectAdmin(PublicAdmin):
    """Those that the site made itself when an address word changed are only shown."""

    form = RedirectForm
    list_display = ["path", "target", "created_at"]
    search_fields = ["path", "to_path"]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """From the list of addresses not found: the address, and the page most like it."""
        initial: dict[str, Any] = super().get_changeform_initial_data(request)
        if initial.get("path") and not initial.get("to_path"):
            initial["to_path"] = missing.suggestion(initial["path"], timezone.now())
        return initial

    def after_save(self, obj: Redirect) -> None:
        Missing.objects.filter(path=obj.path).delete()

    def has_change_permission(self, request: HttpRequest, obj: Redirect | None = None) -> bool:
        return not (obj and obj.kind) and super().has_change_permission(request, obj)

    def get_readonly_fields(self, request: HttpRequest, obj: Redirect | None = None) -> Any:
        return ["path", "target"] if obj and obj.kind else []

    def get_fields(self, request: HttpRequest, obj: Redirect | None = None) -> Any:
        return ["path", "target"] if obj and obj.kind else ["path", "to_path"]

    @admin.display(description=_("leads to"))
    def target(self, redirect: Redirect) -> str:
        if redirect.to_path:
            return redirect.to_path
        names = {"kind": redirect.kind, "number": redirect.object_id}
        return _t("The %(kind)s with number %(number)s, wherever it is") % names


class MessageStateFilter(admin.SimpleListFilter):
    title = _("state")
    parameter_name = "state"
    STATES = {
        "waiting": (_("Waiting"), Q(sent_at=None, failed_at=None)),
        "given-up": (_("Given up"), Q(failed_at__isnull=False)),
        "sent": (_("Sent"), Q(sent_at__isnull=False)),
    }

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(value, str(label)) for value, (label, _q) in self.STATES.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Message]) -> QuerySet[Message]:
        known = self.STATES.get(self.value() or "")
        return queryset.filter(known[1]) if known else queryset


@admin.register(Message)
class MessageAdmin(admin.ModelAdmin):
    """The outbox, to look at. It holds neither texts nor addresses."""

    list_display = ["kind", "object_id", "state", "attempts", "due_at", "error"]
    list_filter = [MessageStateFilter, "kind"]
    actions = ["try_again"]
    fields = ["kind", "object_id", "state", "due_at", "attempts", "error", "message_id"]
    readonly_fields = ["state"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display(description=_("state"))
    def state(self, message: Message) -> str:
        if message.sent_at:
            return _t("Sent %(when)s") % {"when": _when(message.sent_at)}
        if message.failed_at:
            return _t("Given up %(when)s") % {"when": _when(message.failed_at)}
        if message.attempts:
            return _t("Failed, is tried again")
        return _t("Waits")

    @admin.action(description=_("Try again to send"), permissions=["view"])
    def try_again(self, request: HttpRequest, queryset: QuerySet[Message]) -> None:
        count = outbox.try_again(queryset, at=timezone.now())
        text = ngettext(
            "%(count)d mail waits to be sent again.",
            "%(count)d mails wait to be sent again.",
            count,
        )
        messages.success(request, text % {"count": count})


def _when(moment: Any) -> str:
    return str(localize(localtime(moment)))
