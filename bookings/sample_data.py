"""Synthetic enquiries in every state, for measuring. Nobody in them exists."""

import random
import uuid
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

from django.db import transaction
from django.db.models import F, Max

from bookings import workflow
from bookings.intake import submission
from bookings.models import CloseReason, Enquiry, Offer
from bookings.patient.messages import KINDS
from bookings.workflow import audit_log
from clinic.models import Location, Message, Practitioner, Service, User
from clinic.operations.sample_data import NotFilled, batches, random_for

DOMAIN = "synthetic.example"  # of the addresses that tell these enquiries from others
PERSON = "synthetic-person"  # how the slugs of practitioners begin who were made with a roster
RECEPTION = "synthetic-reception"  # who answers them: an account that cannot sign in
FORM_KEYS = uuid.uuid5(uuid.NAMESPACE_URL, f"https://{DOMAIN}/book/")
VISITS_PER_DAY = 16
FIRST_VISIT, VISIT_MINUTES = time(8, tzinfo=UTC), 30

# What becomes of them, in turn.
FATES = (
    *("new", "new", "tried", "reached", "offered", "offered", "booked", "visited", "visited"),
    *("withdrawn", "declined", "no_answer"),
)
NAMES = (
    ("Abel", "Brida", "Corin", "Della", "Edda", "Farid", "Gesa", "Hanno", "Ilse", "Jorin", "Kaya"),
    ("Ashdown", "Birkwood", "Cloverly", "Dovetail", "Elmsford", "Fairlane", "Greenhow", "Hazelby"),
)
WORDS = (
    "It started two weeks ago when I carried a wardrobe.",
    "My knee is worst going down stairs.",
    "My doctor thought you could help.",
    "It wakes me when I turn over.",
    "I’d like to run again in the spring.",
    "Nothing happened, it just started.",
)


def add_enquiries(count: int, at: datetime) -> Iterator[None]:
    """Add enquiries by the same steps as patients and staff take. No mail of theirs is sent."""
    first = Enquiry.objects.filter(email__endswith=f"@{DOMAIN}").count()
    office = _Office(at) if count else None
    for numbers in batches(first, count):
        with transaction.atomic():
            made = [office.add(number).pk for number in numbers] if office else []
            # Within the transaction, so the worker never sees them wait.
            mails = Message.objects.filter(kind__in=KINDS, object_id__in=made)
            mails.update(sent_at=F("due_at"))
        yield from (None for _ in numbers)


class _Office:
    """The clinic as it is, a receptionist who does not exist, and a diary of held times."""

    def __init__(self, at: datetime) -> None:
        self.at = at
        # Those who were made with a roster have appointments by it.
        people = Practitioner.objects.exclude(slug__startswith=f"{PERSON}-")
        self.people = list(people.filter(takes_bookings=True).order_by("id"))
        self.places = list(Location.objects.order_by("id"))
        self.services = list(Service.objects.order_by("id"))
        if not (self.people and self.places and self.services):
            raise NotFilled("Requests need a practitioner, a location and a service.")
        self.reception, _ = User.objects.get_or_create(
            username=RECEPTION, defaults={"is_active": False}
        )
        held = Offer.objects.held().values("practitioner").annotate(last=Max("ends_at"))
        busy = {row["practitioner"]: row["last"].date() for row in held.order_by()}
        self.first_free = {
            person.pk: max(busy.get(person.pk, at.date()), at.date()) for person in self.people
        }
        self.taken: defaultdict[int, int] = defaultdict(int)

    def add(self, number: int) -> Enquiry:
        draw = random_for("enquiry", number)
        fate = FATES[number % len(FATES)]
        enquiry = self._received(draw, number, self.at - _age(draw, fate))
        self._follow(enquiry, fate, draw)
        return enquiry

    def _received(self, draw: random.Random, number: int, at: datetime) -> Enquiry:
        first, last = (draw.choice(names) for names in NAMES)
        content = {
            "service": draw.choice(self.services),
            "practitioner": draw.choice([None, *self.people]),
            "location": draw.choice([None, *self.places]),
            "days": sorted(draw.sample(range(5), draw.randint(1, 5))),
            "parts": draw.sample(["morning", "afternoon", "evening"], draw.randint(1, 3)),
            "returning": draw.choice([True, False, None]),
            "name": f"{first} {last}",
            "email": f"{first}.{last}.{number}@{DOMAIN}".lower(),
            "phone": f"+161355501{draw.randint(0, 99):02}",
            "message": " ".join(draw.sample(WORDS, draw.randint(0, 3))),
        }
        form_key = uuid.uuid5(FORM_KEYS, str(number))
        return submission.submit(content, form_key=form_key, at=at).enquiry

    def _follow(self, enquiry: Enquiry, fate: str, draw: random.Random) -> None:
        if fate == "new":
            return
        by, at = self.reception, enquiry.created_at + timedelta(minutes=draw.randint(5, 55))
        audit_log.log_opening(enquiry, by=by, at=at)
        match fate:
            case "tried":
                workflow.contacted(enquiry, reached=False, text="No answer.", by=by, at=at)
            case "reached":
                workflow.contacted(
                    enquiry, reached=True, text="Will send some dates.", by=by, at=at
                )
            case "offered" | "booked":
                person = draw.choice(self.people)
                starts = [self._free(person) for _ in range(1 if fate == "booked" else 3)]
                self._offer(enquiry, person, starts, at)
                if fate == "booked":
                    offer = enquiry.offers.get()
                    workflow.accept(enquiry, offer_id=offer.pk, at=at + timedelta(minutes=2))
            case "visited":
                self._visit(enquiry, draw.choice(self.people), at)
            case "withdrawn":
                workflow.withdraw(enquiry, at=at)
            case "declined" | "no_answer":
                workflow.note(enquiry, text="Talked it over.", by=by, at=at)
                workflow.close(enquiry, reason=CloseReason(fate), by=by, at=at)

    def _visit(self, enquiry: Enquiry, person: Practitioner, at: datetime) -> None:
        self._offer(enquiry, person, [at + timedelta(days=3)], at)
        offer = enquiry.offers.get()
        workflow.accept(enquiry, offer_id=offer.pk, at=at + timedelta(minutes=2))
        over = offer.ends_at + timedelta(days=1)
        workflow.close(enquiry, reason=CloseReason.VISITED, by=None, at=over)

    def _offer(
        self, enquiry: Enquiry, person: Practitioner, starts: list[datetime], at: datetime
    ) -> None:
        workflow.offer(
            enquiry,
            practitioner=person,
            location=enquiry.location or self.places[0],
            starts=starts,
            minutes=VISIT_MINUTES,
            by=self.reception,
            at=at,
        )

    def _free(self, person: Practitioner) -> datetime:
        """The next time of theirs that nobody holds."""
        days, visit = divmod(self.taken[person.pk], VISITS_PER_DAY)
        self.taken[person.pk] += 1
        day: date = self.first_free[person.pk] + timedelta(days=days + 1)
        return datetime.combine(day, FIRST_VISIT) + timedelta(minutes=VISIT_MINUTES * visit)


def _age(draw: random.Random, fate: str) -> timedelta:
    """How long ago a request came, such that neither the clock nor the purge soon changes it."""
    match fate:
        case "offered" | "booked":
            minutes = draw.randint(60, 12 * 60)
        case "visited":
            minutes = draw.randint(70 * 1440, 150 * 1440)
        case _:
            minutes = draw.randint(60, 40 * 1440)
    return timedelta(minutes=minutes)
