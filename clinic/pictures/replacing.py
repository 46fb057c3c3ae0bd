"""Another image in place of one, and removing an image for good."""

from datetime import datetime

from django.db import transaction
from django.db.models import Model

from clinic import hooks
from clinic.lib.database import guards
from clinic.models import Image, User
from clinic.pictures import library
from clinic.site import content_version, versions


def replace(old: Image, new: Image | None, *, by: User | None, at: datetime) -> list[Model]:
    """Let everything that shows an image and may change show another one, or none; return it.

    Published editions keep theirs. For the caller's transaction.
    """
    changed = [
        thing for texts in hooks.picture_texts for thing in texts.replace(old, new, by=by, at=at)
    ]
    for model, name in library.references():
        if guards.is_frozen(model._meta.db_table):
            continue
        rows = model._default_manager.filter(**{name: old.pk})
        for thing in rows.select_for_update(of=("self",)):
            if versions.is_kept(model):
                versions.record(thing, by=None, at=at)  # what was changed in another way
            setattr(thing, name, new)
            thing.save(update_fields=[name])
            if versions.is_kept(model):
                versions.record(thing, by=by, at=at)
            changed.append(thing)
    return changed


def forget(image: Image, *, at: datetime) -> list[tuple[Model, str]]:
    """Remove an image from what was published, and delete it with its files.

    Returns the things in whose history that is to be told, each with the words. For an image that
    nothing else shows any more (`replace`): raises IntegrityError where something does. Call it
    outside a transaction.
    """
    found = [thing for texts in hooks.picture_texts for thing in texts.forget(image, at=at)]
    with transaction.atomic():
        fresh = Image.objects.select_for_update().get(pk=image.pk)
        library.delete_files(library.files_of(fresh))
        fresh.delete()
        content_version.raise_version()
    return found
