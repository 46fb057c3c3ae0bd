"""Notices, past addresses and the outbox."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import localize
from django.utils.html import format_html
from django.utils.timezone import localtime
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from clinic import hooks
from clinic.admin.base import PublicAdmin
from clinic.admin.lists import BoundedList, ReadOnly
from clinic.hooks import PanelRow
from clinic.mail import outbox
from clinic.models import Announcement, Message, Missing, Redirect
from clinic.site import not_found_log, page_context


@admin.register(Announcement)
class AnnouncementAdmin(PublicAdmin):
    list_display = ["text", "state", "starts_at", "ends_at"]
    search_fields = ["text"]
    ordering = ["-starts_at", "-id"]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        obj.note_wall_times(page_context.zone())
        super().save_model(request, obj, form, change)

    @admin.display(description=_("status"))
    def state(self, announcement: Announcement) -> str:
        now = timezone.now()
        if now < announcement.starts_at:
            return _t("Scheduled")
        return _t("Active") if now < announcement.ends_at else _t("Ended")


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
            raise ValidationError(_("A redirect can’t point to itself."))
        return data


@admin.register(Redirect)
class RedirectAdmin(PublicAdmin):
    """Those that the site made itself when a slug changed are only shown."""

    form = RedirectForm
    list_display = ["path", "target", "created_at"]
    search_fields = ["path", "to_path"]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """From the list of addresses not found: the address, and the page most like it."""
        initial: dict[str, Any] = super().get_changeform_initial_data(request)
        if initial.get("path") and not initial.get("to_path"):
            initial["to_path"] = not_found_log.suggestion(initial["path"], timezone.now())
        return initial

    def after_save(self, obj: Redirect) -> None:
        Missing.objects.filter(path=obj.path).delete()

    def has_change_permission(self, request: HttpRequest, obj: Redirect | None = None) -> bool:
        return not (obj and obj.kind) and super().has_change_permission(request, obj)

    def get_readonly_fields(self, request: HttpRequest, obj: Redirect | None = None) -> Any:
        return ["path", "target"] if obj and obj.kind else []

    def get_fields(self, request: HttpRequest, obj: Redirect | None = None) -> Any:
        return ["path", "target"] if obj and obj.kind else ["path", "to_path"]

    @admin.display(description=_("redirects to"))
    def target(self, redirect: Redirect) -> str:
        if redirect.to_path:
            return redirect.to_path
        names = {"kind": redirect.kind, "number": redirect.object_id}
        return _t("The %(kind)s with ID %(number)s, even if its slug changes") % names


class MessageStateFilter(admin.SimpleListFilter):
    title = _("status")
    parameter_name = "state"
    STATES = {
        "waiting": (_("Scheduled"), Q(sent_at=None, failed_at=None)),
        "given-up": (_("Failed"), Q(failed_at__isnull=False)),
        "sent": (_("Sent"), Q(sent_at__isnull=False)),
    }

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(value, str(label)) for value, (label, _q) in self.STATES.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Message]) -> QuerySet[Message]:
        known = self.STATES.get(self.value() or "")
        return queryset.filter(known[1]) if known else queryset


class MessageKindFilter(admin.SimpleListFilter):
    """The kinds that there are, in words."""

    title = _("email")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        kinds = Message.objects.order_by().values_list("kind", flat=True).distinct()
        return sorted(((kind, _words(kind)) for kind in kinds), key=lambda pair: pair[1])

    def queryset(self, request: HttpRequest, queryset: QuerySet[Message]) -> QuerySet[Message]:
        return queryset.filter(kind=self.value()) if self.value() else queryset


class MessageList(ChangeList):
    """Each row of a page knows what it is about: one look-up for each kind, not for each row."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        self.result_list = _with_subjects(request, self.result_list)


@admin.register(Message)
class MessageAdmin(ReadOnly, BoundedList, admin.ModelAdmin):
    """The outbox, to look at. It shows neither texts nor addresses."""

    list_title = _("Email queue")
    list_display = ["what", "about", "state", "attempts", "due_at", "error"]
    list_filter = [MessageStateFilter, MessageKindFilter]
    actions = ["try_again"]
    fields = ["what", "about", "state", "due_at", "attempts", "error", "message_id"]
    readonly_fields = ["what", "about", "state"]

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return MessageList

    def get_object(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Message | None:
        found = super().get_object(request, *args, **kwargs)
        return _with_subjects(request, [found])[0] if found else None

    @admin.display(description=_("email"), ordering="kind")
    def what(self, message: Message) -> str:
        return _words(message.kind)

    @admin.display(description=_("about"))
    def about(self, message: Message) -> str:
        row: PanelRow | None = message.subject  # type: ignore[attr-defined]
        if row is None:
            return _t("No longer here")
        return format_html('<a href="{}">{}</a>', row.url, row.label) if row.url else row.label

    @admin.display(description=_("status"))
    def state(self, message: Message) -> str:
        if message.sent_at:
            return _t("Sent %(when)s") % {"when": _when(message.sent_at)}
        if message.failed_at:
            return _t("Failed %(when)s") % {"when": _when(message.failed_at)}
        if message.attempts:
            return _t("Failed, will retry")
        return _t("Scheduled")

    @admin.action(description=_("Retry sending"), permissions=["view"])
    def try_again(self, request: HttpRequest, queryset: QuerySet[Message]) -> None:
        count = outbox.try_again(queryset, at=timezone.now())
        text = ngettext(
            "%(count)d email will be sent again.",
            "%(count)d emails will be sent again.",
            count,
        )
        messages.success(request, text % {"count": count})


def _words(kind: str) -> str:
    return str(hooks.outgoing[kind].words) if kind in hooks.outgoing else kind


def _with_subjects(request: HttpRequest, rows: Iterable[Message]) -> list[Message]:
    """The messages, each with the `subject` it is about, or None."""
    found = list(rows)
    ids: dict[str, set[int]] = {}
    for message in found:
        ids.setdefault(message.kind, set()).add(message.object_id)
    subjects = {
        kind: hooks.outgoing[kind].about(request, these) if kind in hooks.outgoing else {}
        for kind, these in ids.items()
    }
    for message in found:
        message.subject = subjects[message.kind].get(message.object_id)  # type: ignore[attr-defined]
    return found


def _when(moment: Any) -> str:
    return str(localize(localtime(moment)))
