from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.validators import MaxLengthValidator, MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from bookings.models.offer import Offer
from clinic.lib.fields.encrypted import EncryptedTextField
from clinic.lib.fields.visible_text import EmailAddressField, LineField
from clinic.models import User


class State(models.TextChoices):
    """Whose turn it is. Everything but `closed` is open."""

    NEEDS_REPLY = "needs_reply", _("Needs reply")
    WAITING = "waiting", _("Waiting for patient")
    BOOKED = "booked", _("Booked")
    CLOSED = "closed", _("Closed")


SOON = timedelta(hours=2)  # before a promise breaks, staff are warned
OPEN = (State.NEEDS_REPLY, State.WAITING, State.BOOKED)
# Our turn: nobody has answered, or a booked patient asks for another time.
OUR_TURN = Q(state=State.NEEDS_REPLY) | (Q(state=State.BOOKED) & ~Q(moves=[]))


class CloseReason(models.TextChoices):
    VISITED = "visited", _("Appointment attended")
    WITHDRAWN = "withdrawn", _("Cancelled by the patient")
    DECLINED = "declined", _("We can’t help with this")
    NO_SHOW = "no_show", _("Patient did not attend")
    NO_ANSWER = "no_answer", _("Patient could not be reached")
    DUPLICATE = "duplicate", _("Duplicate request")
    SPAM = "spam", _("Spam")


class Source(models.TextChoices):
    WEB = "web", _("Website")
    PHONE = "phone", _("Phone")
    DESK = "desk", _("In person")


class Part(models.TextChoices):
    MORNING = "morning", _("Morning")
    AFTERNOON = "afternoon", _("Afternoon")
    EVENING = "evening", _("Evening")

    @classmethod
    def of(cls, hour: int) -> "Part":
        """The part in which an hour of the day lies: until noon, until five, after that."""
        return cls.MORNING if hour < 12 else cls.AFTERNOON if hour < 17 else cls.EVENING


class ContactBy(models.TextChoices):
    PHONE = "phone", _("Phone")
    EMAIL = "email", _("Email")


class ForWhom(models.TextChoices):
    """Who comes to the visit, as the person says who asks for it."""

    SELF = "self", _("Myself")
    CHILD = "child", _("My child")
    OTHER = "other", _("Someone I care for")

    @property
    def to_staff(self) -> Any:
        """The same as staff say it."""
        words = {
            ForWhom.SELF: _("Themselves"),
            ForWhom.CHILD: _("Their child"),
            ForWhom.OTHER: _("Someone they care for"),
        }
        return words[self]


class EnquiryQuerySet(models.QuerySet["Enquiry"]):
    def open(self) -> "EnquiryQuerySet":
        return self.filter(state__in=OPEN)

    def for_reply(self) -> "EnquiryQuerySet":
        """Those that wait for us, without those that a machine may have made."""
        return self.filter(OUR_TURN, suspected=False)

    def seen_by(self, user: User) -> "EnquiryQuerySet":
        """What this member of staff may see: all, those given to them and their own appointments,
        or none."""
        if user.has_perm("bookings.view_enquiry"):
            return self
        if user.has_perm("bookings.view_given_enquiry"):
            own = _visits().filter(practitioner__user=user)
            return self.filter(Q(given_to=user) | models.Exists(own))
        return self.none()

    def with_visit(self) -> "EnquiryQuerySet":
        """Each with `visit_at`, when its last appointment begins; None without one."""
        last = _visits().order_by("-starts_at").values("starts_at")[:1]
        return self.annotate(visit_at=models.Subquery(last))

    def where_visit(self, **values: Any) -> "EnquiryQuerySet":
        """Those that have an appointment with these values."""
        return self.filter(models.Exists(_visits().filter(**values)))

    def at_or_wished(self, **values: Any) -> "EnquiryQuerySet":
        """Those whose appointment has these values or, where there is none yet, whose wish does."""
        booked = models.Exists(_visits().filter(**values))
        return self.filter(booked | (~models.Exists(_visits()) & Q(**values)))

    def by_time_left(self, *then: str) -> "EnquiryQuerySet":
        """Those that wait for us first, the one whose answer is due soonest on top."""
        ours_first = models.Case(
            models.When(OUR_TURN, then=0),
            models.When(state=State.WAITING, then=1),
            models.When(state=State.BOOKED, then=2),
            default=3,
        )
        nulls_last = [models.F(name).asc(nulls_last=True) for name in ("answer_by", *then)]
        return self.order_by(ours_first, *nulls_last, "id")


def _visits() -> models.QuerySet[Offer]:
    """The appointments of a request, also when they are over; not those that were cancelled."""
    return Offer.objects.filter(enquiry=models.OuterRef("pk"), state=Offer.State.ACCEPTED)


class Enquiry(models.Model):
    """One booking request by a patient. bookings.privacy.field_classes tells the class of each
    field."""

    number = models.CharField(_("number"), max_length=16, unique=True)
    # Drawn with the form: two sendings of one form are one enquiry.
    form_key = models.UUIDField(unique=True, editable=False)
    digest = models.CharField(max_length=64, editable=False)  # HMAC of what was sent
    source = models.CharField(
        _("how it was made"), max_length=8, choices=Source, default=Source.WEB
    )

    service = models.ForeignKey(
        "clinic.Service",
        verbose_name=_("service"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="enquiries",
    )
    practitioner = models.ForeignKey(
        "clinic.Practitioner",
        verbose_name=_("practitioner"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="enquiries",
        help_text=_("Leave empty for no preference."),
    )
    location = models.ForeignKey(
        "clinic.Location",
        verbose_name=_("location"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="enquiries",
        help_text=_("Leave empty for either."),
    )
    days = models.JSONField(_("preferred days"), default=list, blank=True)  # 0 is Monday
    parts = models.JSONField(_("preferred times of day"), default=list, blank=True)
    soonest = models.BooleanField(_("as early as possible"), default=False)
    # Open times that suit, the first choice first (bookings.rosters.wishes).
    wishes = models.JSONField(_("times asked for"), default=list, blank=True)
    # Open times to which the patient would like to move the booked appointment; it stays meanwhile.
    moves = models.JSONField(_("times to reschedule to"), default=list, blank=True)
    returning = models.BooleanField(_("returning patient"), null=True, blank=True)

    name = LineField(_("name"), max_length=120)
    email = EmailAddressField(_("email"), blank=True)
    phone = LineField(_("phone"), max_length=32, blank=True)  # E.164
    contact_by = models.CharField(_("contact by"), max_length=8, blank=True, choices=ContactBy)
    language = LineField(_("language"), max_length=40, blank=True)
    for_whom = models.CharField(_("appointment for"), max_length=8, blank=True, choices=ForWhom)
    # Who comes, where it is a child; the name above is the adult's.
    child_name = LineField(_("child’s name"), max_length=120, blank=True)
    child_age = models.PositiveSmallIntegerField(
        _("child’s age"), null=True, blank=True, validators=[MaxValueValidator(17)]
    )
    message = EncryptedTextField(_("message"), blank=True, validators=[MaxLengthValidator(4000)])
    access_needs = EncryptedTextField(
        _("accessibility needs"), blank=True, validators=[MaxLengthValidator(1000)]
    )

    # The edition of the article whose book link was followed, and which link of it; cut after a
    # while (bookings.privacy.attribution).
    came_from = models.PositiveBigIntegerField(null=True, blank=True)
    came_from_place = models.PositiveSmallIntegerField(null=True, blank=True)
    privacy_edition = models.PositiveBigIntegerField(null=True, blank=True)

    state = models.CharField(_("status"), max_length=12, choices=State, default=State.NEEDS_REPLY)
    state_since = models.DateTimeField(_("in this status since"))
    # Looks as if a machine had made it: kept in a box of its own until staff have looked.
    suspected = models.BooleanField(_("possible spam"), default=False)
    close_reason = models.CharField(
        _("reason for closing"), max_length=12, choices=CloseReason, blank=True
    )
    given_to = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("assigned to"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="enquiries",
    )
    # Goes into the private link: raising it revokes every link given out before.
    link_serial = models.PositiveSmallIntegerField(default=1)
    link_since = models.DateTimeField(null=True, blank=True)  # of the newest, if asked for anew
    answer_by = models.DateTimeField(_("reply due by"), null=True, blank=True)
    created_at = models.DateTimeField(_("received"))
    first_seen_at = models.DateTimeField(_("first seen by staff"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    previous = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="following"
    )

    objects = EnquiryQuerySet.as_manager()

    class Meta:
        verbose_name = _("request")
        verbose_name_plural = _("requests")
        ordering = ["-created_at", "-id"]
        permissions = [
            ("view_given_enquiry", "Can view requests assigned to them"),
            ("export_enquiry", "Can export requests"),
        ]
        indexes = [
            models.Index(name="enquiry_inbox", fields=["state", "answer_by"]),
            models.Index(name="enquiry_purge", fields=["state", "closed_at"]),
            models.Index(
                name="enquiry_linked",
                fields=["created_at"],
                condition=Q(came_from__isnull=False),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="enquiry_state_is_known", condition=Q(state__in=State.values)
            ),
            models.CheckConstraint(
                name="enquiry_source_is_known", condition=Q(source__in=Source.values)
            ),
            models.CheckConstraint(
                name="enquiry_contact_way_is_known",
                condition=Q(contact_by__in=["", *ContactBy.values]),
            ),
            models.CheckConstraint(
                name="enquiry_for_whom_is_known", condition=Q(for_whom__in=["", *ForWhom.values])
            ),
            models.CheckConstraint(
                name="enquiry_child_comes_with_an_adult",
                condition=Q(for_whom=ForWhom.CHILD) | Q(child_name="", child_age=None),
            ),
            models.CheckConstraint(name="enquiry_has_a_name", condition=~Q(name="")),
            models.CheckConstraint(
                name="enquiry_can_be_answered", condition=~Q(email="") | ~Q(phone="")
            ),
            models.CheckConstraint(
                name="enquiry_closed_has_a_reason",
                condition=(
                    Q(state=State.CLOSED, close_reason__in=CloseReason.values)
                    & Q(closed_at__isnull=False)
                )
                | (~Q(state=State.CLOSED) & Q(close_reason="", closed_at=None)),
            ),
            models.CheckConstraint(
                name="enquiry_origin_is_whole",
                condition=Q(came_from=None, came_from_place=None)
                | Q(came_from__isnull=False, came_from_place__isnull=False),
            ),
            models.CheckConstraint(
                name="enquiry_does_not_follow_itself", condition=~Q(previous=models.F("id"))
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def needs_reply(self) -> bool:
        """Whether it is our turn, as `OUR_TURN`."""
        return self.state == State.NEEDS_REPLY or (self.state == State.BOOKED and bool(self.moves))

    def is_late(self, at: datetime) -> bool:
        """Whether the promised answer is overdue."""
        return self.needs_reply and self.answer_by is not None and self.answer_by < at

    def is_due_soon(self, at: datetime) -> bool:
        """Whether the promised answer is due within SOON, and not overdue yet."""
        return self.needs_reply and self.answer_by is not None and at <= self.answer_by < at + SOON
