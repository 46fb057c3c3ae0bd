"""Pages of the desk that are out of date: a form names the state that it showed, and nothing is
saved, deleted or done over what another person has changed since. What was typed is kept."""

import hashlib
from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.actions import delete_selected
from django.contrib.admin.models import LogEntry
from django.contrib.admin.utils import unquote
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.lib.database.locking import locked

FIELD = "seen"
LENGTH = 12  # hex digits of a digest: it tells states apart, and guards nothing
NOT_COUNTED = {"last_login"}  # signing in changes nothing that can be edited
WORDS = 200  # characters of a value that are shown


def digest(obj: models.Model, *more: object) -> str:
    """Tells the states of a row, with its many-to-many relations and what else is given, apart."""
    fields = [field for field in obj._meta.concrete_fields if field.name not in NOT_COUNTED]
    values = [str(obj.serializable_value(field.attname)) for field in fields]
    many = [_related(obj, field.name) for field in obj._meta.many_to_many]
    return _short([values, many, more])


def is_stale(request: HttpRequest, seen: str) -> bool:
    """Whether the form was made when the state was another one. One that names none is no form of
    ours, and is taken as it is."""
    return request.POST.get(FIELD, seen) != seen


def last_change(obj: models.Model) -> str:
    """Who changed it last, when, and what, as far as the admin's log says; else nothing."""
    kind = ContentType.objects.get_for_model(obj, for_concrete_model=False)
    entry = LogEntry.objects.filter(content_type=kind, object_id=str(obj.pk)).first()
    if entry is None:
        return ""
    at = date_format(timezone.localtime(entry.action_time), "DATETIME_FORMAT")
    words = _("Last change: %(at)s by %(name)s.") % {"name": entry.user, "at": at}
    return f"{words} {entry.get_change_message()}".strip()


def refusal(obj: models.Model) -> str:
    """Why nothing was done."""
    words = _("This has changed since you opened the page, so nothing was done. Check it again.")
    return f"{words} {last_change(obj)}".strip()


class ChangedSince(Exception):
    """The form was made when the state was another one: nothing is to be done."""


def refuse(request: HttpRequest, seen: str) -> None:
    """Raise ChangedSince if the form was made when the state was another one. What verbs are given
    to call with the row that they have locked (clinic.lib.database.locking)."""
    if is_stale(request, seen):
        raise ChangedSince


class NamesStateToDelete:
    """For admin classes: nothing is deleted that has changed since the question was asked."""

    def seen_of(self, obj: Any) -> str:
        """The state of an object, for the page that asks."""
        return digest(obj)

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        obj = self.get_object(request, unquote(object_id))  # type: ignore[attr-defined]
        if obj is None or request.method != "POST":
            context = {**(extra_context or {}), FIELD: self.seen_of(obj) if obj else ""}
            return super().delete_view(request, object_id, context)  # type: ignore[misc]
        try:
            with locked(obj, lambda row: refuse(request, self.seen_of(row))):
                return super().delete_view(request, object_id, extra_context)  # type: ignore[misc]
        except ChangedSince:
            messages.error(request, refusal(obj))
            return HttpResponseRedirect(request.get_full_path())

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions: dict[str, Any] = super().get_actions(request)  # type: ignore[misc]
        if "delete_selected" in actions:
            _function, *names = actions["delete_selected"]
            actions["delete_selected"] = (_delete_as_shown, *names)
        return actions


class NamesState(NamesStateToDelete):
    """For admin classes: the form names the state of each field and of its related rows. Where
    another person changed one of them, the save is refused with what is saved now."""

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)  # type: ignore[misc]
        if obj is None or request.method != "POST" or FIELD not in request.POST:
            return form
        model_admin = self

        class CurrentForm(form):  # type: ignore[misc, valid-type]
            def clean(self) -> Any:
                changed = model_admin._changed_since(request, self)
                self.is_out_of_date = bool(changed)
                cleaned = super().clean()
                if changed:
                    raise ValidationError(changed)
                return cleaned

        return CurrentForm

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Return the state that was shown first, until the changes have been shown."""
        form, obj = context["adminform"].form, context.get("original")
        if obj is not None:
            is_told = request.method != "POST" or getattr(form, "is_out_of_date", False)
            given = None if is_told else request.POST.get(FIELD)
            context[FIELD] = given or " ".join(
                f"{name}:{state}" for name, state in self._states(request, obj, form).items()
            )
        return super().render_change_form(request, context, *args, **kwargs)  # type: ignore[misc]

    def _states(self, request: HttpRequest, obj: Any, form: forms.ModelForm) -> dict[str, str]:
        """A digest of each field of the form and of each kind of related rows, as they are saved;
        while the form is only shown, its object is as it was read for it."""
        if form.is_bound:
            obj = type(obj)._base_manager.get(pk=obj.pk)
        states = {name: _short(_value(obj, name)) for name in _names(form)}
        for inline in self.get_inline_instances(request, obj):  # type: ignore[attr-defined]
            name = inline.get_formset(request, obj).fk.name
            rows = inline.model._base_manager.filter(**{name: obj.pk}).order_by("pk")
            states[inline.model._meta.model_name] = _short(list(rows.values_list()))
        return states

    def _changed_since(self, request: HttpRequest, form: forms.ModelForm) -> list[str]:
        """What was saved after the form was opened, in sentences; the row is locked."""
        pk = form.instance.pk
        rows = type(form.instance)._base_manager.select_for_update(of=("self",))
        obj = rows.get(pk=pk)
        seen = dict(
            part.split(":", 1) for part in request.POST[FIELD].split() if part.count(":") == 1
        )
        states = self._states(request, obj, form)
        changed = [name for name, state in states.items() if seen.get(name) != state]
        if not changed:
            return []
        words = _(
            "Someone else changed this after you opened it. Nothing was saved, and nothing that "
            "you entered is lost: compare it with what is saved now, then save again."
        )
        return [words, *filter(None, [last_change(obj)]), *self._saved_now(obj, form, changed)]

    def _saved_now(self, obj: Any, form: forms.ModelForm, names: Iterable[str]) -> list[str]:
        said = []
        related = {each.model._meta.model_name: each.model for each in self.inlines}  # type: ignore[attr-defined]
        for name in names:
            if name in related:
                label = str(related[name]._meta.verbose_name_plural).capitalize()
                said.append(_("%(field)s: the list has changed.") % {"field": label})
            else:
                label = str(form.fields[name].label or name).capitalize()
                value = _words(obj, name)
                said.append(_("%(field)s, saved now: %(value)s") % {"field": label, "value": value})
        return said


@admin.action(
    permissions=["delete"],
    description=gettext_lazy("Delete selected %(verbose_name_plural)s"),
)
def _delete_as_shown(model_admin: Any, request: HttpRequest, queryset: Any) -> Any:
    """Django's, for the rows as they were when it asked."""
    if "post" not in request.POST:
        return _delete_locked(model_admin, request, queryset)
    with transaction.atomic():
        list(queryset.order_by("pk").select_for_update(of=("self",)).values_list("pk"))
        return _delete_locked(model_admin, request, queryset)


def _delete_locked(model_admin: Any, request: HttpRequest, queryset: Any) -> Any:
    states = [(row.pk, model_admin.seen_of(row)) for row in queryset.order_by("pk")]
    seen = _short(states)
    if "post" in request.POST and is_stale(request, seen):
        words = _("Some of these have changed since you opened the page, so nothing was deleted.")
        messages.error(request, words)
        asked = request.POST.copy()
        del asked["post"]
        request.POST = asked  # type: ignore[assignment]
    response = delete_selected(model_admin, request, queryset)
    if response is not None:
        response.context_data[FIELD] = seen  # type: ignore[index]
    return response


def _short(value: object) -> str:
    return hashlib.sha256(repr(value).encode()).hexdigest()[:LENGTH]


def _names(form: forms.ModelForm) -> list[str]:
    """The fields of the form that are saved in its model; a password is changed elsewhere."""
    saved = {
        field.name
        for field in [*form._meta.model._meta.fields, *form._meta.model._meta.many_to_many]
    }
    return [name for name in form.fields if name in saved - {"password"}]


def _value(obj: models.Model, name: str) -> Any:
    field = obj._meta.get_field(name)
    if field.many_to_many:
        return _related(obj, name)
    return str(obj.serializable_value(name))


def _related(obj: models.Model, name: str) -> list[Any]:
    return sorted(getattr(obj, name).values_list("pk", flat=True))


def _words(obj: models.Model, name: str) -> str:
    """A saved value, for people."""
    field = obj._meta.get_field(name)
    value = getattr(obj, name)
    if field.many_to_many:
        text = ", ".join(str(each) for each in value.all())
    elif isinstance(value, bool):
        text = _("Yes") if value else _("No")
    elif getattr(field, "choices", None):
        text = str(getattr(obj, f"get_{name}_display")())
    else:
        text = "" if value is None else str(value)
    return Truncator(text).chars(WORDS) or "–"
