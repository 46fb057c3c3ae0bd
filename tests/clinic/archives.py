"""A clinic with one thing of every kind, and the archives that are made of it."""

import hashlib
import io
import json
import tarfile
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.contrib.auth.models import Group
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command

from articles.models import Article, Reference
from articles.publishing import publish
from bookings import workflow
from bookings.intake import submission
from clinic.accounts import second_factor
from clinic.lib import totp
from clinic.lib.database import rows
from clinic.models import Image, Location, Practitioner, Service, User
from clinic.operations.backups import backup

AT = datetime(2027, 3, 14, 9, 15, tzinfo=UTC)
SECRET_WORDS = "It began when I lifted a box of marmalade."
PICTURE = b"not really a picture"


def set_to_work() -> None:
    """One thing of every kind: staff, a picture, a published text, a request with a held time."""
    user = User.objects.create_user("joan", password="a long password", is_staff=True)
    user.groups.set(Group.objects.filter(name="Receptionist"))
    secret = totp.new_secret()
    code = totp.code(secret, totp.step_at(AT))
    assert second_factor.set_up(user, secret=secret, code=code, at=AT)
    name = default_storage.save("images/knee-0123456789ab.webp", ContentFile(PICTURE))
    digest = hashlib.sha256(PICTURE).hexdigest()
    Image.objects.bulk_create(
        [Image(file=name, width=2, height=2, sha256=digest, alt="A knee", uploaded_by=user)]
    )
    location = Location.objects.create(name="Millbrook", slug="millbrook", street="1 Mill Lane")
    service = Service.objects.create(name="Knees", slug="knees", summary="Knees.")
    person = Practitioner.objects.create(name="Ines Okafor", slug="ines", role="Physio")
    Reference.objects.create(key="chys2023", title="Needling", csl={"title": "Needling"})
    article = Article.objects.create(
        title="Stairs", slug="stairs", body="Knees carry more [@chys2023].", author=person
    )
    article.services.add(service)
    publish(article, by=None, at=AT)
    enquiry = submission.submit(
        dict.fromkeys(submission.CONTENT)
        | submission.NOT_SAID
        | {
            **{"service": service, "practitioner": person, "location": location},
            **{"days": [0], "parts": ["morning"], "name": "Margaret Ellery"},
            **{"email": "m@patients.example", "phone": "", "message": SECRET_WORDS},
        },
        form_key=uuid.uuid4(),
        at=AT,
    ).enquiry
    workflow.offer(
        enquiry,
        practitioner=person,
        location=location,
        starts=[AT + timedelta(days=2)],
        minutes=45,
        by=user,
        at=AT,
    )


def everything() -> dict[str, bytes]:
    """All carried rows, as they are stored."""
    found = {}
    for model in backup.carried():
        out = io.BytesIO()
        rows.write(model, out)
        found[model._meta.label] = out.getvalue()
    return found


def put_back(path: Path) -> None:
    """Restore over what is there, unasked."""
    call_command("restore", path, replace=True, yes=True)


def members(path: Path) -> dict[str, bytes]:
    """What is in an archive, by name."""
    with tarfile.open(path) as tar:
        return {info.name: tar.extractfile(info).read() for info in tar}  # type: ignore[union-attr]


def pack(path: Path, contents: dict[str, bytes]) -> Path:
    """Write an archive of these members."""
    with tarfile.open(path, "w:gz") as tar:
        for name, data in contents.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return path


def with_manifest(contents: dict[str, bytes], **changes: Any) -> dict[str, bytes]:
    """These members with a manifest that says so."""
    manifest = json.loads(contents.get("manifest.json", b"{}"))
    rest = {name: data for name, data in contents.items() if name != "manifest.json"}
    manifest |= {"members": {name: hashlib.sha256(data).hexdigest() for name, data in rest.items()}}
    manifest |= changes
    manifest["signature"] = backup.signature(manifest)
    return {**rest, "manifest.json": json.dumps(manifest).encode()}
