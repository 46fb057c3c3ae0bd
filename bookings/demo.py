"""Requests of the demo clinic: invented people, in every state, over the days before today."""

import json
import uuid
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

from django.db import transaction

from bookings import arrivals, filling, submission, timeline, workflow
from bookings.messages import KINDS
from bookings.models import CloseReason, Enquiry, Event, Source, Tally
from bookings.submission import Origin, Submitted, submit
from clinic import registry
from clinic.models import (
    Clinic,
    Location,
    Message,
    Practitioner,
    SearchDocument,
    Service,
    User,
)

DATA = Path(__file__).with_name("demo.json")
NAMES = uuid.uuid5(uuid.NAMESPACE_URL, "https://larkspur.example/book/")
RECEPTION = "joan"


def load(at: datetime) -> None:
    """Add the demo's requests to a clinic that is a demo; again changes nothing."""
    data = json.loads(DATA.read_text())
    entries = data["requests"]
    keys = [uuid.uuid5(NAMES, entry["name"]) for entry in entries]
    if not Clinic.objects.get().is_demo or Enquiry.objects.filter(form_key__in=keys).exists():
        return
    # One transaction: the worker never sees the mails that the verbs queue.
    with transaction.atomic():
        loader = _Loader(at)
        for key, entry in zip(keys, entries, strict=True):
            loader.load(key, entry)
        for tallies in data["arrivals"]:
            loader.count(tallies)
        Message.objects.filter(kind__in=KINDS).delete()


def remove() -> None:
    """Take away every request: a demo holds nothing real."""
    Event.objects.all().delete()
    Enquiry.objects.all().delete()
    Tally.objects.all().delete()
    User.objects.filter(username=filling.RECEPTION).delete()


def is_empty() -> bool:
    return not Enquiry.objects.exists()


class _Loader:
    def __init__(self, at: datetime) -> None:
        self.at = at
        self.zone = Clinic.objects.get().zone
        self.services = {thing.slug: thing for thing in Service.objects.all()}
        self.people = {thing.slug: thing for thing in Practitioner.objects.all()}
        self.places = {thing.slug: thing for thing in Location.objects.all()}
        self.staff = {user.username: user for user in User.objects.all()}

    def load(self, key: uuid.UUID, entry: dict[str, Any]) -> None:
        """Send the request and take its steps, at the moments at which they happened."""
        at = self._ago(entry["hours_ago"])
        content = {name: entry[name] for name in submission.CONTENT if name in entry} | {
            "service": self.services.get(entry["service"]),
            "practitioner": self.people.get(entry["practitioner"]),
            "location": self.places.get(entry["location"]),
        }
        source = Source(entry.get("source", Source.WEB))
        by = None if source == Source.WEB else self.staff.get(RECEPTION)
        origin = self._origin(entry["from"])

        def send(values: dict[str, Any], when: datetime) -> Submitted:
            return submit(
                values,
                form_key=key,
                at=when,
                source=source,
                origin=origin,
                privacy_edition=registry.published.page_edition("privacy", when),
                by=by,
            )

        enquiry = send(content, at).enquiry
        for verb, hours_ago, values in sorted(entry["steps"], key=lambda step: -step[1]):
            when = self._ago(hours_ago)
            if verb == "changed":
                send(content | values, when)
            else:
                self._step(enquiry, verb, values, when)

    def count(self, tallies: dict[str, Any]) -> None:
        """What an article brought in the months before this one, the latest first."""
        origin = self._origin(tallies["from"])
        if origin is None:
            return
        this = arrivals.month_of(self.at)
        for ago, counts in enumerate(zip(tallies["requests"], tallies["accepted"], strict=True), 1):
            Tally.objects.create(
                edition=origin.edition,
                month=arrivals.months_before(this, ago),
                requests=counts[0],
                accepted=counts[1],
            )

    def _step(self, enquiry: Enquiry, verb: str, values: dict[str, Any], at: datetime) -> None:
        by = self.staff[RECEPTION]
        if verb not in {"withdraw", "accept"}:
            timeline.log_opening(enquiry, by=by, at=at)
        match verb:
            case "assign":
                workflow.assign(enquiry, to=self.staff[values["to"]], by=by, at=at)
            case "note":
                workflow.note(enquiry, text=values["text"], by=by, at=at)
            case "tried" | "contacted":
                workflow.contacted(
                    enquiry, reached=verb == "contacted", text=values["text"], by=by, at=at
                )
            case "offer" | "agreed":
                workflow.offer(
                    enquiry,
                    practitioner=self.people[values["with"]],
                    location=self.places[values["at"]],
                    starts=[self._visit(days, values["hour"]) for days in values["days"]],
                    minutes=45,
                    agreed=verb == "agreed",
                    by=by,
                    at=at,
                )
            case "accept":
                offer = enquiry.offers.held().earliest("starts_at")
                workflow.accept(enquiry, offer_id=offer.pk, at=at)
            case "withdraw":
                workflow.withdraw(enquiry, at=at)
            case "close":
                reason = CloseReason(values["reason"])
                workflow.close(enquiry, reason=reason, text=values["text"], by=by, at=at)

    def _ago(self, hours: float) -> datetime:
        return self.at - timedelta(hours=hours)

    def _visit(self, days: int, hour: int) -> datetime:
        """That hour of a working day, at least so many days from now."""
        day = self.at.astimezone(self.zone).date() + timedelta(days=days)
        while day.weekday() >= 5:
            day += timedelta(days=1)
        return datetime.combine(day, time(hour), self.zone)

    def _origin(self, word: str) -> Origin | None:
        """A published article whose title has this word, found as visitors find it."""
        articles = SearchDocument.objects.filter(kind="edition", title__icontains=word)
        edition = articles.order_by("object_id").values_list("object_id", flat=True).first()
        known = word and edition and registry.published.origin(edition, self.at)
        return Origin(edition, 1) if known and edition else None
