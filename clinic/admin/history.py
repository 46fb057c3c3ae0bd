"""The pages of a thing's past: every version, what each one changed, and the way back to it."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.accounts.staff_accounts import user_of
from clinic.admin import stale
from clinic.lib.database.locking import locked
from clinic.models import Version
from clinic.site import versions

SHOWN = 200


def _seen_of(obj: Any) -> str:
    """The state of a thing with its related rows, for the page that asks."""
    return stale.digest(obj, versions.content_of(obj))


class KeepsVersions:
    """For admin classes: each save and deletion is recorded if versions of the model are kept."""

    model: Any
    admin_site: Any

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if change:
            self._record(obj, by=None)  # what was changed in another way
        super().save_model(request, obj, form, change)  # type: ignore[misc]

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)  # type: ignore[misc]
        self._record(form.instance, by=user_of(request))

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        self._record(obj, by=None)
        super().delete_model(request, obj)  # type: ignore[misc]

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        for obj in queryset:
            self._record(obj, by=None)
        super().delete_queryset(request, queryset)  # type: ignore[misc]

    def _record(self, obj: Any, *, by: Any) -> None:
        if versions.is_kept(self.model):
            versions.record(obj, by=by, at=timezone.now())

    def get_urls(self) -> list[URLPattern]:
        urls: list[URLPattern] = super().get_urls()  # type: ignore[misc]
        if not versions.is_kept(self.model):
            return urls
        view = self.admin_site.admin_view(self.version_view)
        route = "<path:object_id>/history/<int:number>/"
        return [path(route, view, name=self._name("version")), *urls]

    def _name(self, page: str) -> str:
        return f"{self.model._meta.app_label}_{self.model._meta.model_name}_{page}"

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show every version; Django's page for what has none."""
        if not versions.is_kept(self.model):
            return super().history_view(request, object_id, extra_context)  # type: ignore[misc]
        obj = self._for_viewing(request, object_id)
        context = self._context(request, obj, _("History"))
        context["versions"] = list(self._with_changes(obj))
        return render(request, "admin/versions.html", context)

    def _with_changes(self, obj: Any) -> Iterator[tuple[Version, list[str]]]:
        """Each version with the labels of what it changed, which the first one has none of."""
        rows = list(versions.of(obj)[: SHOWN + 1])
        for row, before in zip(rows[:SHOWN], [*rows[1:], None], strict=False):
            parts = versions.compare(self.model, before.content, row.content) if before else []
            yield row, [part.label for part in parts]

    def version_view(self, request: HttpRequest, object_id: str, number: int) -> HttpResponse:
        """Compare a version with the one before it and with what is saved now; POST restores it."""
        obj = self._for_viewing(request, object_id)
        may_change = self.has_change_permission(request, obj)  # type: ignore[attr-defined]
        if request.method == "POST" and not may_change:
            raise PermissionDenied
        row = get_object_or_404(versions.of(obj), number=number)
        if request.method == "POST":
            try:
                return self._raising(request, self._restore, obj, row)  # type: ignore[attr-defined]
            except stale.ChangedSince:
                messages.error(request, stale.refusal(obj))
        now = versions.content_of(obj)
        before = versions.of(obj).filter(number__lt=number).first()
        old = before.content if before else None
        context = self._context(request, obj, _("Version %(number)s") % {"number": number})
        context |= {
            "version": row,
            "changed": versions.compare(self.model, old, row.content),
            "since": versions.compare(self.model, row.content, now),
            "may_change": may_change,
            stale.FIELD: _seen_of(obj),
        }
        return render(request, "admin/version.html", context)

    def _restore(self, request: HttpRequest, obj: Any, row: Version) -> HttpResponse:
        """In a transaction: the version, and what follows from a save."""
        with locked(obj, lambda fresh: stale.refuse(request, _seen_of(fresh))) as fresh:
            return self._restore_locked(request, fresh, row)

    def _restore_locked(self, request: HttpRequest, obj: Any, row: Version) -> HttpResponse:
        self._record(obj, by=None)
        locked = self.get_readonly_fields(request, obj)  # type: ignore[attr-defined]
        try:
            left = versions.restore(obj, row.content, locked=locked)
        except ValidationError as refusal:
            messages.error(request, " ".join(refusal.messages))
            return HttpResponseRedirect(request.get_full_path())
        self.after_save(obj)  # type: ignore[attr-defined]
        self._record(obj, by=user_of(request))
        words = _("Version %(number)s has been restored.") % {"number": row.number}
        self.log_change(request, obj, words)  # type: ignore[attr-defined]
        messages.success(request, words)
        if left:
            gone = {"fields": ", ".join(left)}
            messages.warning(request, _("Not restored, because it is gone: %(fields)s") % gone)
        return HttpResponseRedirect(reverse(f"admin:{self._name('change')}", args=[obj.pk]))

    def _for_viewing(self, request: HttpRequest, object_id: str) -> Any:
        """The object, for those who may see it; else 403, 404."""
        if not self.has_view_or_change_permission(request):  # type: ignore[attr-defined]
            raise PermissionDenied
        obj = self.get_object(request, unquote(object_id))  # type: ignore[attr-defined]
        if obj is None:
            raise Http404
        if not self.has_view_or_change_permission(request, obj):  # type: ignore[attr-defined]
            raise PermissionDenied
        return obj

    def _context(self, request: HttpRequest, obj: Any, title: str) -> dict[str, Any]:
        return {
            **admin.site.each_context(request),
            "opts": self.model._meta,
            "object": obj,
            "title": title,
            "subtitle": str(obj),
        }
