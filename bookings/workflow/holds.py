"""Times that are held for a patient: taking, finding and releasing them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from bookings.models import Enquiry, Event, Offer
from bookings.models.offer import OfferQuerySet
from clinic import formats
from clinic.lib.calendar import wall_time
from clinic.mail import outbox
from clinic.models import Clinic, Location, Practitioner

MOST_OFFERED = 3  # times that are offered at once
MOST_ASKED = 2  # times that are held for one person who chose them
BEFORE_VISIT = timedelta(hours=1)  # a time is chosen so long before it, where there is the time


class NotAllowed(Exception):
    """What does not fit; its text is a sentence for people."""


def one_at_a_time(*practitioners: int) -> None:
    """Until the transaction ends, others who hold times of these practitioners wait (keys given).

    The guard that keeps held times apart lets two writers who meet wait for each other, which
    PostgreSQL ends as a deadlock. `no_key`: rows that only refer to a practitioner need not wait.
    """
    rows = Practitioner.objects.filter(pk__in=practitioners).order_by("pk")
    list(rows.select_for_update(no_key=True).values_list("pk"))


def hold(
    enquiry: Enquiry,
    *,
    practitioner: Practitioner,
    location: Location,
    starts: Sequence[datetime],
    minutes: int,
    at: datetime,
) -> list[Offer]:
    """Hold these times. Those that the practitioner holds in vain, because nobody answered, are
    released first. Raises NotAllowed for too many, one in the past, and one that is taken."""
    one_at_a_time(practitioner.pk)
    release_expired(practitioner.pk, at)
    if not starts or enquiry.offers.held().count() + len(starts) > MOST_OFFERED:
        raise NotAllowed(
            _("Offer between one and %(most)d time slots; release one before you offer another.")
            % {"most": MOST_OFFERED}
        )
    if min(starts) <= at:
        raise NotAllowed(_("One of these times is in the past."))
    clinic = Clinic.objects.only("offer_hold_hours", "time_zone").get()
    offers = [
        Offer(
            enquiry=enquiry,
            practitioner=practitioner,
            location=location,
            starts_at=start,
            ends_at=start + timedelta(minutes=minutes),
            starts_agreed=wall_time.written(start, clinic.zone),
            held_until=until(start, timedelta(hours=clinic.offer_hold_hours), at),
            created_at=at,
        )
        for start in starts
    ]
    spans = sorted((offer.starts_at, offer.ends_at) for offer in offers)
    if any(start < end for (_start, end), (start, _end) in pairwise(spans)):
        raise NotAllowed(_("Two of these times overlap. Change one of them."))
    try:
        with transaction.atomic():
            for offer in offers:
                offer.save(force_insert=True)
    except IntegrityError:
        raise NotAllowed(_taken(practitioner, spans, at)) from None
    return offers


def ask(
    enquiry: Enquiry,
    *,
    practitioner: Practitioner,
    location: Location,
    start: datetime,
    length: timedelta,
    at: datetime,
) -> Offer:
    """Hold a time that a patient chose, until we say yes: at least until our answer is due. Raises
    NotAllowed where somebody else was faster, and for a third time of one person."""
    one_at_a_time(practitioner.pk)
    release_expired(practitioner.pk, at)
    # One person may send two requests at once, for times of two practitioners: one waits.
    locked = Clinic.objects.select_for_update(no_key=True)
    clinic = locked.only("offer_hold_hours", "time_zone").get()
    same = Q(enquiry__phone=enquiry.phone) if enquiry.phone else Q(pk__in=[])
    if enquiry.email:
        same |= Q(enquiry__email__iexact=enquiry.email)
    theirs = Offer.objects.held().filter(same, state=Offer.State.ASKED)
    if theirs.exclude(pk__in=Offer.objects.expired(at)).count() >= MOST_ASKED:
        raise NotAllowed(
            _(
                "We’re already holding two times for you. Give one back on its private page, or "
                "tell us which days work for you instead."
            )
        )
    hold_for = timedelta(hours=clinic.offer_hold_hours)
    if enquiry.answer_by:
        hold_for = max(hold_for, enquiry.answer_by - at)
    offer = Offer(
        enquiry=enquiry,
        practitioner=practitioner,
        location=location,
        starts_at=start,
        ends_at=start + length,
        starts_agreed=wall_time.written(start, clinic.zone),
        state=Offer.State.ASKED,
        held_until=until(start, hold_for, at),
        created_at=at,
    )
    try:
        with transaction.atomic():
            offer.save(force_insert=True)
    except IntegrityError:
        raise NotAllowed(_("Someone else has just taken that time. Choose another.")) from None
    return offer


def until(start: datetime, hold: timedelta, at: datetime) -> datetime:
    """Return until when a time is held that is offered now: before it begins."""
    return min(at + hold, start - min(BEFORE_VISIT, (start - at) / 2))


def held(enquiry: Enquiry, offer_id: int) -> Offer:
    """One of the times that are held for this enquiry. Raises NotAllowed."""
    offer = enquiry.offers.held().filter(pk=offer_id).first()
    if offer is None:
        raise NotAllowed(_("This time is no longer held. Choose another."))
    return offer


def take(
    enquiry: Enquiry, offer_id: int, *, at: datetime, state: Offer.State = Offer.State.OFFERED
) -> Offer:
    """Book one of the times in this state, offered by default, and release the others. Raises
    NotAllowed.

    One whose hold has run out may still be taken while it is held: nobody else wanted it. The
    update asks again, so that a worker which releases it at this moment is not overruled.
    """
    offered = enquiry.offers.held().filter(pk=offer_id, state=state)
    one_at_a_time(*offered.values_list("practitioner", flat=True))
    taken = offered.filter(starts_at__gt=at).update(
        state=Offer.State.ACCEPTED, sequence=F("sequence") + 1
    )
    if not taken:
        raise NotAllowed(_("This time is no longer available. Choose another."))
    release(enquiry.offers.held().exclude(pk=offer_id), Offer.State.CANCELLED, at)
    return enquiry.offers.get(pk=offer_id)


def move(
    enquiry: Enquiry,
    *,
    practitioner: Practitioner,
    location: Location,
    starts_at: datetime,
    minutes: int,
    at: datetime,
) -> Offer:
    """Give the booked visit another time; it keeps its place in the calendar. Raises NotAllowed."""
    visit = enquiry.offers.held().filter(state=Offer.State.ACCEPTED).first()
    if visit is None:
        raise NotAllowed(_("There is no booked appointment."))
    if starts_at <= at:
        raise NotAllowed(_("One of these times is in the past."))
    one_at_a_time(practitioner.pk)
    release_expired(practitioner.pk, at)
    visit.practitioner, visit.location = practitioner, location
    visit.starts_at, visit.ends_at = starts_at, starts_at + timedelta(minutes=minutes)
    visit.starts_agreed = wall_time.written(starts_at, Clinic.objects.get().zone)
    visit.sequence += 1
    try:
        with transaction.atomic():
            visit.save()
    except IntegrityError:
        span = (starts_at, starts_at + timedelta(minutes=minutes))
        raise NotAllowed(_taken(practitioner, [span], at, besides=visit)) from None
    return visit


def release(offers: QuerySet[Offer], state: Offer.State, at: datetime) -> None:
    """Give times back; `state` says why."""
    offers.update(state=state, released_at=at, sequence=F("sequence") + 1)


def release_expired(practitioner_id: int, at: datetime) -> None:
    """Give back what this practitioner holds in vain, because nobody answered."""
    expire(Offer.objects.filter(practitioner=practitioner_id), at)


def expire(offers: OfferQuerySet, at: datetime) -> None:
    """Give back those of these times whose hold is over, and tell patients who chose theirs."""
    over = offers.expired(at)
    chosen = over.filter(state=Offer.State.ASKED).exclude(enquiry__email="")
    told = list(chosen.values_list("enquiry", "pk"))
    release(over, Offer.State.EXPIRED, at)
    for enquiry, offer in told:
        outbox.queue("enquiry-released", enquiry, at=at, serial=offer)


def chosen(enquiry: Enquiry) -> Offer | None:
    """Return the time that the patient chose and that is held until we say yes."""
    return enquiry.offers.held().filter(state=Offer.State.ASKED).first()


def lost(enquiry: Enquiry) -> Offer | None:
    """Return the time that was held last for the patient who chose it, if it no longer is and they
    did not give it back themselves."""
    held = enquiry.events.filter(kind=Event.Kind.HELD).order_by("-id").first()
    if held is None:
        return None
    ended = (Offer.State.CANCELLED, Offer.State.EXPIRED)
    return enquiry.offers.filter(starts_agreed=held.data["start"], state__in=ended).first()


def meeting(offer: Offer, at: datetime) -> QuerySet[Offer]:
    """What is held for others at the time of this offer, apart from holds that have run out."""
    meets = Offer.objects.held().filter(
        practitioner=offer.practitioner_id, starts_at__lt=offer.ends_at, ends_at__gt=offer.starts_at
    )
    return meets.exclude(pk=offer.pk).exclude(pk__in=Offer.objects.expired(at))


def release_all(enquiry: Enquiry, at: datetime) -> None:
    """Give back all times of an enquiry; a visit that is over stays accepted."""
    enquiry.offers.held().filter(state=Offer.State.ACCEPTED, ends_at__lte=at).update(released_at=at)
    release(enquiry.offers.held(), Offer.State.CANCELLED, at)


def end_visit(enquiry: Enquiry, at: datetime) -> None:
    """Take a booked visit as over once it has begun: it is not cancelled. Raises NotAllowed for one
    that is still to come."""
    booked = enquiry.offers.held().filter(state=Offer.State.ACCEPTED)
    if booked.filter(starts_at__gt=at).exists():
        raise NotAllowed(_("The appointment is still to come. Choose another reason."))
    booked.update(released_at=at)


def _taken(
    practitioner: Practitioner,
    spans: Sequence[tuple[datetime, datetime]],
    at: datetime,
    *,
    besides: Offer | None = None,
) -> str:
    """Whose time stands in the way of these, and when it is."""
    meets = Q(pk__in=[])
    for start, end in spans:
        meets |= Q(starts_at__lt=end, ends_at__gt=start)
    held = Offer.objects.held().filter(meets, practitioner=practitioner).select_related("enquiry")
    found = (held.exclude(pk=besides.pk) if besides else held).first()
    if found is None:  # it was released at this moment
        return _("One of these times was held a moment ago. Please try again.")
    names = {
        "practitioner": practitioner.name,
        "time": formats.dated(found.starts_at, at),
        "end": formats.clock_time(found.ends_at),
        "name": found.enquiry.name,
        "number": found.enquiry.number,
    }
    if found.state == Offer.State.ACCEPTED:
        words = _(
            "%(practitioner)s has an appointment with %(name)s (%(number)s) on %(time)s, until "
            "%(end)s. Choose another time."
        )
    else:
        words = _(
            "%(practitioner)s’s time on %(time)s, until %(end)s, is already held for %(name)s "
            "(%(number)s). Choose another time."
        )
    return words % names
