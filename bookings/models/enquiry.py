from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clinic.lib.encrypted import EncryptedTextField
from clinic.models import User


class State(models.TextChoices):
    """Whose turn it is. Everything but `closed` is open."""

    NEEDS_REPLY = "needs_reply", _("Needs reply")
    WAITING = "waiting", _("Waiting for patient")
    BOOKED = "booked", _("Booked")
    CLOSED = "closed", _("Closed")


SOON = timedelta(hours=2)  # before a promise breaks, staff are warned
OPEN = (State.NEEDS_REPLY, State.WAITING, State.BOOKED)


class CloseReason(models.TextChoices):
    VISITED = "visited", _("The visit took place")
    WITHDRAWN = "withdrawn", _("Withdrawn by the patient")
    DECLINED = "declined", _("We cannot help here")
    NO_ANSWER = "no_answer", _("Patient could not be reached")
    DUPLICATE = "duplicate", _("The same request came twice")
    SPAM = "spam", _("Not a request (spam)")


class Source(models.TextChoices):
    WEB = "web", _("Website")
    PHONE = "phone", _("Phone")
    DESK = "desk", _("At the desk")


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
    EMAIL = "email", _("E-mail")


class ForWhom(models.TextChoices):
    """Who comes to the visit, as the person says who asks for it."""

    SELF = "self", _("Myself")
    CHILD = "child", _("My child")
    OTHER = "other", _("Someone I care for")

    @property
    def to_staff(self) -> Any:
        """The same as staff say it."""
        words = {
            ForWhom.SELF: _("The one who asks"),
            ForWhom.CHILD: _("Their child"),
            ForWhom.OTHER: _("Someone they care for"),
        }
        return words[self]


class EnquiryQuerySet(models.QuerySet["Enquiry"]):
    def open(self) -> "EnquiryQuerySet":
        return self.filter(state__in=OPEN)

    def for_reply(self) -> "EnquiryQuerySet":
        """Those that wait for us, without those that a machine may have made."""
        return self.filter(state=State.NEEDS_REPLY, suspected=False)

    def seen_by(self, user: User) -> "EnquiryQuerySet":
        """What this member of staff may see: all, those given to them, or none."""
        if user.has_perm("bookings.view_enquiry"):
            return self
        if user.has_perm("bookings.view_given_enquiry"):
            return self.filter(given_to=user)
        return self.none()

    def by_time_left(self) -> "EnquiryQuerySet":
        """Those that wait for us first, the one whose answer is due soonest on top."""
        ours_first = models.Case(
            models.When(state=State.NEEDS_REPLY, then=0),
            models.When(state=State.WAITING, then=1),
            models.When(state=State.BOOKED, then=2),
            default=3,
        )
        return self.order_by(ours_first, models.F("answer_by").asc(nulls_last=True), "id")


class Enquiry(models.Model):
    """One booking request by a patient. bookings.privacy tells the class of each field."""

    number = models.CharField(_("number"), max_length=16, unique=True)
    # Drawn with the form: two sendings of one form are one enquiry.
    form_key = models.UUIDField(unique=True, editable=False)
    digest = models.CharField(max_length=64, editable=False)  # HMAC of what was sent
    source = models.CharField(_("how it came"), max_length=8, choices=Source, default=Source.WEB)

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
        help_text=_("Empty: no preference."),
    )
    location = models.ForeignKey(
        "clinic.Location",
        verbose_name=_("location"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="enquiries",
        help_text=_("Empty: either."),
    )
    days = models.JSONField(_("days that suit"), default=list, blank=True)  # 0 is Monday
    parts = models.JSONField(_("parts of the day that suit"), default=list, blank=True)
    returning = models.BooleanField(_("has been here before"), null=True, blank=True)

    name = models.CharField(_("name"), max_length=120)
    email = models.EmailField(_("e-mail"), blank=True)
    phone = models.CharField(_("phone"), max_length=32, blank=True)  # E.164
    contact_by = models.CharField(_("answer by"), max_length=8, blank=True, choices=ContactBy)
    language = models.CharField(_("language"), max_length=40, blank=True)
    for_whom = models.CharField(_("for whom"), max_length=8, blank=True, choices=ForWhom)
    message = EncryptedTextField(_("message"), blank=True, validators=[MaxLengthValidator(4000)])
    access_needs = EncryptedTextField(
        _("what would help on the visit"), blank=True, validators=[MaxLengthValidator(1000)]
    )

    # The edition of the article whose book link was followed, and which link of it; cut after a
    # while (bookings.arrivals).
    came_from = models.PositiveBigIntegerField(null=True, blank=True)
    came_from_place = models.PositiveSmallIntegerField(null=True, blank=True)
    privacy_edition = models.PositiveBigIntegerField(null=True, blank=True)

    state = models.CharField(_("status"), max_length=12, choices=State, default=State.NEEDS_REPLY)
    state_since = models.DateTimeField(_("in this state since"))
    # Looks as if a machine had made it: kept in a box of its own until staff have looked.
    suspected = models.BooleanField(_("perhaps not a real request"), default=False)
    close_reason = models.CharField(
        _("why it was closed"), max_length=12, choices=CloseReason, blank=True
    )
    given_to = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("given to"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="enquiries",
    )
    # Goes into the private link: raising it revokes every link given out before.
    link_serial = models.PositiveSmallIntegerField(default=1)
    link_since = models.DateTimeField(null=True, blank=True)  # of the newest, if asked for anew
    answer_by = models.DateTimeField(_("answer promised by"), null=True, blank=True)
    created_at = models.DateTimeField(_("received"))
    first_seen_at = models.DateTimeField(_("first seen by staff"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    previous = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="following"
    )

    objects = EnquiryQuerySet.as_manager()

    class Meta:
        verbose_name = _("enquiry")
        verbose_name_plural = _("enquiries")
        ordering = ["-created_at", "-id"]
        permissions = [
            ("view_given_enquiry", "Can view enquiries given to them"),
            ("export_enquiry", "Can export enquiries"),
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

    def is_late(self, at: datetime) -> bool:
        """Whether the promised answer is overdue."""
        return (
            self.state == State.NEEDS_REPLY and self.answer_by is not None and self.answer_by < at
        )

    def is_due_soon(self, at: datetime) -> bool:
        """Whether the promised answer is due within SOON, and not overdue yet."""
        return (
            self.state == State.NEEDS_REPLY
            and self.answer_by is not None
            and at <= self.answer_by < at + SOON
        )
