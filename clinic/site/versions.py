"""The past of what readers see and staff edit without drafts: every version, with who and when.

Apps register what is kept of a model in `hooks.kept`. The forms of the staff record each save. What
was changed in another way is found at the next save, and kept as a version of its own.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext as _

from clinic import hooks
from clinic.lib.comparing import Effort, Part, by_words
from clinic.lib.fields.several import SeveralField
from clinic.models import User, Version

Content = dict[str, Any]


def is_kept(model: type[models.Model]) -> bool:
    """Return whether versions of this model are kept."""
    return model._meta.label_lower in hooks.kept


def of(obj: models.Model) -> models.QuerySet[Version]:
    """Return the versions of a thing, the newest first."""
    return Version.objects.filter(kind=obj._meta.label_lower, object_id=obj.pk).order_by("-number")


def record(obj: models.Model, *, by: User | None, at: datetime) -> Version | None:
    """Keep what is saved of a thing, in the transaction of the save; None if it is what the last
    version has."""
    content = content_of(type(obj)._base_manager.get(pk=obj.pk))
    last = of(obj).first()
    if last is not None and _bare(last.content) == _bare(content):
        return None
    return Version.objects.create(
        kind=obj._meta.label_lower,
        object_id=obj.pk,
        number=last.number + 1 if last else 1,
        made_at=at,
        by=by,
        by_name=str(by) if by else "",
        content=content,
    )


def content_of(obj: models.Model) -> Content:
    """Return what is kept of a thing as it is in the database, as JSON can hold it."""
    kept = hooks.kept[obj._meta.label_lower]
    return {
        "fields": _values(obj, kept.fields),
        "rows": {
            relation: [_values(row, names) for row in getattr(obj, relation).all()]
            for relation, names in kept.rows.items()
        },
    }


def compare(model: type[models.Model], old: Content | None, new: Content) -> list[Part]:
    """Return the parts in which two contents differ, by words; all of `new` without an old one."""
    before, effort = dict(_words(model, old)) if old else {}, Effort()
    pairs = [(label, before.get(label, ""), after) for label, after in _words(model, new)]
    return [
        Part(label, by_words(was, becomes, effort))
        for label, was, becomes in pairs
        if was.strip() != becomes.strip()
    ]


def restore(obj: Any, content: Content, *, locked: Collection[str] = ()) -> list[str]:
    """Save what an earlier version said, but for the fields `locked`; the caller records it.

    Returns the labels of what could not be put back, because it names something that is gone, or
    because this version of the software has no such field. Raises ValidationError.
    """
    model, left = type(obj), []
    kept, many = hooks.kept[model._meta.label_lower], {}
    for name, value in content["fields"].items():
        if name in locked:
            continue
        if name not in kept.fields:
            left.append(name)
            continue
        field: Any = model._meta.get_field(name)
        if field.remote_field:
            ids = [each["id"] for each in _each(value)]
            found = list(field.related_model._base_manager.filter(pk__in=ids))
            if len(found) < len(ids):
                left.append(_label(field))
            if field.many_to_many:
                many[name] = found
            elif found or value is None:
                setattr(obj, name, found[0] if found else None)
        else:
            setattr(obj, name, field.to_python(value))
    with transaction.atomic():
        obj.full_clean()
        obj.save()
        for name, found in many.items():
            getattr(obj, name).set(found)
        for relation, rows in content["rows"].items():
            if relation in kept.rows:
                _restore_rows(getattr(obj, relation), rows, kept.rows[relation])
    return left


def _restore_rows(manager: Any, rows: list[dict[str, Any]], names: tuple[str, ...]) -> None:
    if [_values(row, names) for row in manager.all()] == rows:
        return
    manager.all().delete()
    for values in rows:
        row = manager.model(**{manager.field.name: manager.instance})
        for name in names:
            if name in values:
                field = row._meta.get_field(name)
                value = values[name]
                if field.remote_field:  # refused by the check below if it is gone
                    value = value["id"] if value else None
                setattr(row, field.attname, field.to_python(value))
        row.full_clean()
        row.save()


def _values(obj: models.Model, names: Collection[str]) -> dict[str, Any]:
    return {name: _value(obj, obj._meta.get_field(name)) for name in names}


def _value(obj: models.Model, field: Any) -> Any:
    if field.many_to_many:
        return [_named(each) for each in getattr(obj, field.name).order_by("pk")]
    if field.remote_field:
        each = getattr(obj, field.name)
        return _named(each) if each else None
    value = field.value_from_object(obj)
    return value if isinstance(value, bool | int | str | None) else field.value_to_string(obj)


def _named(obj: models.Model) -> dict[str, Any]:
    """The key, and the name as it was: what is gone can still be called something."""
    return {"id": obj.pk, "name": str(obj)}


def _each(value: Any) -> list[dict[str, Any]]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _bare(value: Any) -> Any:
    """Without the names of what is referred to: another name there is no change here."""
    if isinstance(value, dict):
        if value.keys() == {"id", "name"}:
            return value["id"]
        return {key: _bare(each) for key, each in value.items()}
    return [_bare(each) for each in value] if isinstance(value, list) else value


def _words(model: type[models.Model], content: Content) -> list[tuple[str, str]]:
    """Label and words of each part, for people."""
    fields = [
        (_label(field), _said(field, content["fields"].get(name)))
        for name in hooks.kept[model._meta.label_lower].fields
        if (field := model._meta.get_field(name))
    ]
    rows = []
    for relation, names in hooks.kept[model._meta.label_lower].rows.items():
        related: Any = model._meta.get_field(relation).related_model
        lines = [
            ", ".join(
                words
                for name in names
                if (words := _said(related._meta.get_field(name), row.get(name)))
            )
            for row in content["rows"].get(relation, [])
        ]
        rows.append((str(related._meta.verbose_name_plural).capitalize(), "\n".join(lines)))
    return fields + rows


def _label(field: Any) -> str:
    words = str(field.verbose_name)
    return words[:1].upper() + words[1:]


def _said(field: Any, value: Any) -> str:
    if field.remote_field:
        return ", ".join(each["name"] for each in _each(value))
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if value is None:
        return ""
    if isinstance(field, SeveralField):
        return field.words(value)
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    return str(value)
