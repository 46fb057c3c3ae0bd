"""Everything that is kept about one person: finding it, giving it out, and erasing it (GDPR,
articles 15 and 17).

Nobody proves who they are when they make a request, so what is found is only offered: people
choose the requests, one by one.
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Prefetch, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from bookings.models import Enquiry, Offer
from bookings.patient.messages import KINDS
from bookings.privacy import retention
from bookings.workflow import stale_pages
from clinic.models import Message

logger = logging.getLogger(__name__)

# Of a request, what tells people apart: nothing of health leaves the database.
SHOWN = ("number", "name", "email", "phone", "state", "created_at")
NOT_TOLD = {"id", "form_key", "digest", "link_serial", "link_since", "given_to", "enquiry", "once"}


class NotChosen(Exception):
    """The choice cannot be carried out; its text is a sentence for people."""


@dataclass(frozen=True)
class Match:
    """A request that may be about a person, and why: `by` names what is the same."""

    enquiry: Enquiry
    by: tuple[str, ...]  # of "number", "email", "phone", "name"
    visit: Offer | None  # booked, and not yet over

    @property
    def is_sure(self) -> bool:
        """The request asked about, or the same name and email address, to which we write.

        A phone number proves nothing, even with the name: anyone who knows both can give them.
        Families share an email address, so the name must be the same, too.
        """
        return "number" in self.by or {"name", "email"} <= set(self.by)

    @property
    def words(self) -> str:
        """What is the same, for people."""
        names = {
            "number": _("this request"),
            "email": _("same email address"),
            "phone": _("same phone number"),
            "name": _("same name"),
        }
        return ", ".join(str(names[each]) for each in self.by)

    @property
    def key(self) -> str:
        """Names the request as it was when it was shown."""
        return f"{self.enquiry.pk}-{self.enquiry.version}"  # type: ignore[attr-defined]


def like(enquiry: Enquiry, *, at: datetime) -> list[Match]:
    """This request, and those with its address, phone number or name; the sure ones first."""
    return _matches({enquiry.pk}, enquiry.email, {enquiry.phone}, {enquiry.name}, at)


def find(word: str, *, at: datetime) -> list[Match]:
    """All requests with this email address, phone number (E.164) or number of a request, and those
    that may be of the same person. A phone number alone leads no further: it may be shared."""
    numbered = Enquiry.objects.filter(number__iexact=word).only(*SHOWN).first()
    if numbered:
        return like(numbered, at=at)
    seeds = list(Enquiry.objects.filter(email__iexact=word).only(*SHOWN)) if "@" in word else []
    phones = {seed.phone for seed in seeds} or {word}
    return _matches(set(), word, phones, {seed.name for seed in seeds}, at)


def choose(matches: Iterable[Match], keys: Iterable[str]) -> list[Match]:
    """Those of them that were chosen, each as it was shown. Raises NotChosen."""
    by_key = {match.key: match for match in matches}
    chosen = set(keys)
    if not chosen:
        raise NotChosen(_("Choose at least one request. Nothing was done."))
    if not chosen <= by_key.keys():
        raise NotChosen(
            _("A request that you chose has changed since the list was shown. Nothing was done.")
        )
    return [match for key, match in by_key.items() if key in chosen]


def erase(matches: Iterable[Match], *, by: str) -> int:
    """Erase these requests for good, each with a line in the log; returns how many."""
    gone = [match.enquiry for match in matches]
    count = retention.erase(enquiry.pk for enquiry in gone)
    for enquiry in gone:
        logger.info("Request %s was erased by %s.", enquiry.number, by)
    return count


def _matches(
    keys: set[int],
    email: str,
    phones: set[str],
    names: set[str],
    at: datetime,
) -> list[Match]:
    known = {
        "email": {email.lower()} - {""},
        "phone": phones - {""},
        "name": {name.lower() for name in names},
    }
    same = Q(pk__in=keys) | Q(phone__in=known["phone"]) | Q(lower_name__in=known["name"])
    if email:
        same |= Q(email__iexact=email)
    rows = Enquiry.objects.alias(lower_name=Lower("name")).filter(same)
    accepted = Offer.objects.held().filter(state=Offer.State.ACCEPTED, ends_at__gt=at)
    visits = Prefetch(
        "offers", accepted.select_related("practitioner", "location"), to_attr="to_come"
    )
    found = stale_pages.with_version(rows).only(*SHOWN).prefetch_related(visits)
    matches = [
        Match(
            enquiry,
            (("number",) if enquiry.pk in keys else ())
            + tuple(
                field
                for field, values in known.items()
                if str(getattr(enquiry, field)).lower() in values
            ),
            next(iter(enquiry.to_come), None),
        )
        for enquiry in found.order_by("id")
    ]
    return sorted(matches, key=lambda match: ("number" not in match.by, not match.is_sure))


def export(enquiries: Iterable[Enquiry]) -> list[dict[str, Any]]:
    """Each request with its timeline, times and mails, in words, as JSON holds them."""
    requests = Enquiry.objects.filter(pk__in=[enquiry.pk for enquiry in enquiries])
    related = requests.select_related("service", "practitioner", "location", "previous")
    return [
        {
            **_told(enquiry),
            "timeline": [_told(event) for event in enquiry.events.order_by("at", "id")],
            "times": [
                _told(offer) for offer in enquiry.offers.select_related("practitioner", "location")
            ],
            "mails": [
                {"kind": mail.kind, "due_at": _plain(mail.due_at), "sent_at": _plain(mail.sent_at)}
                for mail in Message.objects.filter(kind__in=KINDS, object_id=enquiry.pk)
            ],
        }
        for enquiry in related.order_by("id")
    ]


def _told(thing: Any) -> dict[str, Any]:
    """The values of a row but for keys and what names a member of staff's account."""
    return {
        field.name: _plain(getattr(thing, field.name))
        for field in thing._meta.concrete_fields
        if field.name not in NOT_TOLD and field.name != "by"
    }


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | str | list | dict):
        return value
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
