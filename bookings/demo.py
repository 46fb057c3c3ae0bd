"""Requests of the demo clinic: invented people, in every state, over the days before today."""

import json
import uuid
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

from django.db import transaction

from bookings import sample_data, workflow
from bookings.intake import submission
from bookings.intake.submission import Origin, Submitted, submit
from bookings.models import CloseReason, Enquiry, Event, Roster, Source, Tally
from bookings.patient.messages import KINDS
from bookings.privacy import attribution
from bookings.workflow import audit_log
from clinic import hooks
from clinic.lib.calendar import opening_hours
from clinic.models import (
    Clinic,
    Closure,
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
VISIT = timedelta(minutes=45)
RULES = ("buffer_minutes", "notice_hours", "most_first")  # of a roster
DAYS_AHEAD = 60  # in which a place is open often enough for every visit


def load(at: datetime) -> None:
    """Add the demo's requests to a clinic that is a demo; again changes nothing."""
    data = json.loads(DATA.read_text(encoding="utf-8"))
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
        for roster in data["rosters"]:
            loader.roster(roster)
        Message.objects.filter(kind__in=KINDS).delete()


def remove() -> None:
    """Take away every request: a demo holds nothing real."""
    Event.objects.all().delete()
    Enquiry.objects.all().delete()
    Tally.objects.all().delete()
    Roster.objects.all().delete()
    User.objects.filter(username=sample_data.RECEPTION).delete()


def is_empty() -> bool:
    return not (Enquiry.objects.exists() or Roster.objects.exists())


class _Loader:
    def __init__(self, at: datetime) -> None:
        self.at = at
        self.zone = Clinic.objects.get().zone
        self.services = {thing.slug: thing for thing in Service.objects.all()}
        self.people = {thing.slug: thing for thing in Practitioner.objects.all()}
        self.places = {thing.slug: thing for thing in Location.objects.all()}
        self.closures = list(Closure.objects.all())
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
                privacy_edition=hooks.published.page_edition("privacy", when),
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
        this = attribution.month_of(self.at)
        for ago, counts in enumerate(zip(tallies["requests"], tallies["accepted"], strict=True), 1):
            Tally.objects.create(
                edition=origin.edition,
                month=attribution.months_before(this, ago),
                requests=counts[0],
                accepted=counts[1],
            )

    def roster(self, entry: dict[str, Any]) -> None:
        """When somebody works; days off count from the day there."""
        rules = {name: entry[name] for name in RULES if name in entry}
        roster = Roster.objects.create(practitioner=self.people[entry["practitioner"]], **rules)
        for hours in entry["hours"]:
            begin, end = hours.get("break", (None, None))
            for weekday in hours["days"]:
                roster.hours.create(
                    weekday=weekday,
                    starts=hours["from"],
                    ends=hours["until"],
                    break_starts=begin,
                    break_ends=end,
                    location=self.places[hours["at"]],
                )
        today = self.at.astimezone(self.zone).date()
        for off in entry.get("off", ()):
            first = today + timedelta(days=off["in_days"])
            last = first + timedelta(days=off["days"] - 1)
            roster.days_off.create(starts_on=first, ends_on=last, reason=off["reason"])

    def _step(self, enquiry: Enquiry, verb: str, values: dict[str, Any], at: datetime) -> None:
        by = self.staff[RECEPTION]
        if verb not in {"withdraw", "accept"}:
            audit_log.log_opening(enquiry, by=by, at=at)
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
                location = self.places[values["at"]]
                visits = self._visits(location, values["hour"])
                workflow.offer(
                    enquiry,
                    practitioner=self.people[values["with"]],
                    location=location,
                    starts=[visits[day - 1] for day in values["days"]],
                    minutes=VISIT // timedelta(minutes=1),
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

    def _visits(self, location: Location, hour: int) -> list[datetime]:
        """The visits that could begin at that hour on the days to come, one for each day on which
        the location is open for the whole of it: the first is tomorrow's, if it is open then."""
        tomorrow = self.at.astimezone(self.zone).date() + timedelta(days=1)
        spans = list(
            opening_hours.spans(
                location.weekly_hours(),
                location.closed_days(self.closures),
                self.zone,
                tomorrow,
                DAYS_AHEAD,
            )
        )
        starts = (
            datetime.combine(tomorrow + timedelta(days=n), time(hour), self.zone).astimezone(UTC)
            for n in range(DAYS_AHEAD)
        )
        return [
            start
            for start in starts
            if any(opens <= start and start + VISIT <= closes for opens, closes in spans)
        ]

    def _origin(self, word: str) -> Origin | None:
        """A published article whose title has this word, found as visitors find it."""
        articles = SearchDocument.objects.filter(kind="edition", title__icontains=word)
        edition = articles.order_by("object_id").values_list("object_id", flat=True).first()
        known = word and edition and hooks.published.origin(edition, self.at)
        return Origin(edition, 1) if known and edition else None
