"""A practitioner's email address has changed: the old address gets an email.

Invitations to review and their codes go to this address, so a change of it that nobody asked for
must not stay unnoticed.
"""

import json
from collections.abc import Iterable
from datetime import datetime

from django.contrib.admin.models import CHANGE, LogEntry
from django.core.mail import EmailMultiAlternatives
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic import hooks
from clinic.mail import composer, outbox
from clinic.models import Clinic, Message, Practitioner, User

KIND = "practitioner-address"  # of mail; its object is the entry of the log that names the address


def tell_old(practitioner: Practitioner, *, old: str, by: User, at: datetime) -> None:
    """Log the change with the old address, and queue the mail to it; in the caller's transaction.
    Does nothing if there was no address, or if it is the same."""
    if not old or old.casefold() == practitioner.address.casefold():
        return
    changed = {"fields": ["email"], "name": "old address", "object": old}
    entry = LogEntry.objects.log_actions(
        by.pk, [practitioner], CHANGE, [{"changed": changed}], single_object=True
    )
    outbox.queue(KIND, entry.pk, at=at)


def changed(message: Message) -> EmailMultiAlternatives | None:
    """To the old address. Nothing once the log is gone."""
    entry = LogEntry.objects.filter(pk=message.object_id).first()
    if entry is None:
        return None
    old = json.loads(entry.change_message)[0]["changed"]["object"]
    subject = _("Your email address at %(clinic)s has changed") % {
        "clinic": Clinic.objects.get(id=1)
    }
    context = {"name": entry.object_repr}
    return composer.write("practitioner_address", subject, old, context, html=False)


def outgoing() -> dict[str, hooks.Outgoing]:
    """What the list of emails says of it: whose address it was."""
    words = gettext_lazy("To a practitioner’s earlier address: it was changed")
    return {KIND: hooks.Outgoing(words, _about)}


def _about(request: HttpRequest, ids: Iterable[int]) -> dict[int, hooks.PanelRow]:
    found = LogEntry.objects.filter(pk__in=ids).values_list("pk", "object_repr")
    return {pk: hooks.PanelRow(name) for pk, name in found}


KINDS = {KIND: changed}
