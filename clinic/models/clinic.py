from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from clinic.lib import theme
from clinic.lib.colours import HEX
from clinic.lib.fields import href
from clinic.lib.fields.bounded_text import SHORT, BoundedTextField
from clinic.lib.fields.visible_text import EmailAddressField, LineField


def validate_time_zone(value: str) -> None:
    """Refuse a name that is not in the IANA time zone database."""
    if value not in available_timezones():
        raise ValidationError(_("Use a name such as America/New_York or Europe/Lisbon."))


def validate_colour(value: str) -> None:
    """Refuse what is not written as #rrggbb."""
    if not HEX.fullmatch(value.lower()):
        raise ValidationError(_("Enter # and six hexadecimal digits, such as #a9d4e5."))


class Clinic(models.Model):
    """Who the clinic is, and what it has decided. One row."""

    # Who
    name = LineField(_("name"), max_length=80, help_text=_("Short name, such as Larkspur."))
    kind = LineField(
        _("type of clinic"),
        max_length=60,
        default="Physiotherapy",
        help_text=_("Appears under the name in the header. Example: Physiotherapy."),
    )
    legal_name = LineField(_("legal name"), max_length=120, blank=True)
    email = EmailAddressField(
        _("email"),
        blank=True,
        help_text=_("Notifications of new requests are sent here. They contain no health details."),
    )
    phone = LineField(
        _("phone"),
        max_length=32,
        blank=True,
        help_text=_("Shown on every page as the number to call."),
    )
    region = models.CharField(
        _("country"),
        max_length=2,
        default="US",
        help_text=_(
            "Two-letter code (ISO 3166), used for phone numbers entered without a country code."
        ),
    )
    locale = models.CharField(
        _("date and time format"),
        max_length=5,
        choices=settings.LANGUAGES,
        default=settings.LANGUAGE_CODE,
        help_text=_("How dates and times appear on pages, in emails and in calendar entries."),
    )
    time_zone = models.CharField(
        _("time zone"),
        max_length=64,
        default="UTC",
        validators=[validate_time_zone],
        help_text=_(
            "Example: America/New_York. Appointments made before a change keep their original time "
            "zone."
        ),
    )
    emergency_phone = LineField(
        _("emergency number"), max_length=32, blank=True, help_text=_("Example: 911 or 112.")
    )
    out_of_hours_name = LineField(
        _("after-hours service"),
        max_length=60,
        blank=True,
        help_text=_("Example: Health information line."),
    )
    out_of_hours_phone = LineField(_("after-hours number"), max_length=32, blank=True)
    logo = models.ForeignKey(
        "clinic.Image",
        verbose_name=_("logo"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text=_(
            "Optional: without one, the default logo is shown. A logo at least twice as wide as "
            "it is high also replaces the name."
        ),
    )

    # Look
    class Typeface(models.TextChoices):
        STRIPS = "strips", _("National Park and Atkinson Hyperlegible (rounded)")
        BOOK = "book", _("Source Serif and Source Sans (classic)")

    sky = models.CharField(
        _("background colour"),
        max_length=7,
        default=theme.SKY,
        validators=[validate_colour],
        help_text=_(
            "Used for large areas. It must be light because text appears on it. Example: #a9d4e5."
        ),
    )
    tape = models.CharField(
        _("accent colour"),
        max_length=7,
        default=theme.TAPE,
        validators=[validate_colour],
        help_text=_("Used for highlights and the main button. Example: #ffb81f."),
    )
    typeface = models.CharField(
        _("typefaces"), max_length=8, choices=Typeface, default=Typeface.STRIPS
    )

    # Home page
    headline = LineField(_("headline"), max_length=80, default="Show us where it hurts.")
    lead = BoundedTextField(
        _("introduction"),
        max_length=SHORT,
        blank=True,
        help_text=_("Two sentences under the headline: what you do and how."),
    )
    emergency_advice = BoundedTextField(
        _("emergency advice"),
        max_length=SHORT,
        blank=True,
        help_text=_("Shown at the bottom of every page: when not to wait for an appointment."),
    )

    # Publishing
    review_before_publishing = models.BooleanField(
        _("articles need a clinical review before publishing"), default=True
    )
    review_interval_months = models.PositiveSmallIntegerField(
        _("months until the next review"), default=12, validators=[MinValueValidator(1)]
    )

    class ReferenceStyle(models.TextChoices):
        AMA = "ama", _("AMA, 11th edition")
        NLM = "nlm", _("NLM / Vancouver")

    reference_style = models.CharField(
        _("reference style"),
        max_length=8,
        choices=ReferenceStyle,
        default=ReferenceStyle.AMA,
    )

    # Booking
    reference_prefix = LineField(
        _("request number prefix"), max_length=4, default="RQ", help_text=_("As in RQ 482716.")
    )
    booking_url = models.URLField(
        _("external booking link"),
        blank=True,
        validators=[href.validate_outside],
        help_text=_(
            "If all appointments are booked on another site, Book buttons link there. Services, "
            "practitioners and locations with a link of their own keep it."
        ),
    )
    cancellation_rule = BoundedTextField(
        _("late cancellation"),
        max_length=SHORT,
        blank=True,
        help_text=_(
            "What patients pay if they cancel after the deadline, and when there is no charge. "
            "Shown beside the deadline: when they request an appointment, and on pages that have "
            "[Cancellation](show:cancellation)."
        ),
    )
    answer_hours = models.PositiveSmallIntegerField(
        _("reply within (business hours)"),
        default=8,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
        help_text=_(
            "Only hours when the clinic is open count. The booking form promises a reply within "
            "this time."
        ),
    )
    offer_hold_hours = models.PositiveSmallIntegerField(
        _("hold offered times for (hours)"), default=48, validators=[MinValueValidator(1)]
    )
    reminder_hours = models.PositiveSmallIntegerField(
        _("send reminder (hours before appointment)"), default=24
    )
    cancel_hours = models.PositiveSmallIntegerField(
        _("free cancellation until (hours before the appointment)"),
        null=True,
        blank=True,
        validators=[MaxValueValidator(24 * 28)],
        help_text=_(
            "Shown to patients when they request, reschedule or cancel an appointment. Leave empty "
            "if you have no such rule."
        ),
    )
    link_days = models.PositiveSmallIntegerField(
        _("private links expire after (days)"), default=60, validators=[MinValueValidator(1)]
    )
    keep_spam_days = models.PositiveSmallIntegerField(_("delete spam after (days)"), default=3)
    keep_declined_days = models.PositiveSmallIntegerField(
        _("delete other closed requests after (days)"),
        default=60,
        help_text=_(
            "Requests closed with the reason “Cancelled by the patient”, “We can’t help with "
            "this”, “Patient could not be reached” or “Duplicate request”."
        ),
    )
    keep_closed_days = models.PositiveSmallIntegerField(
        _("delete requests with an attended appointment after (days)"), default=180
    )

    # Once it has, the booking form stays open whatever is missing later (bookings.intake.opening).
    has_taken_requests = models.BooleanField(default=False, editable=False)
    is_demo = models.BooleanField(default=False, editable=False)
    # The newest version of the time zone data that a worker has used here (clinic.site.wall_times).
    zone_data = models.CharField(max_length=12, blank=True, editable=False)

    class Meta:
        verbose_name = _("clinic")
        verbose_name_plural = _("clinic")
        constraints = [
            models.CheckConstraint(name="clinic_is_one_row", condition=models.Q(id=1)),
            models.CheckConstraint(
                name="clinic_booking_link_is_safe",
                condition=models.Q(booking_url="") | href.is_link("booking_url", href.OUTSIDE),
                violation_error_message=href.OUTSIDE_REFUSAL,
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Refuse colours on which something could not be read."""
        self.sky, self.tape = self.sky.lower(), self.tape.lower()
        if HEX.fullmatch(self.sky) and HEX.fullmatch(self.tape):
            found = theme.problems(self.theme)
            if found:
                raise ValidationError(found)

    @property
    def theme(self) -> theme.Theme:
        """How the site looks."""
        return theme.Theme(self.sky, self.tape, self.typeface)

    @property
    def full_name(self) -> str:
        return f"{self.name} {self.kind}".strip()

    @property
    def logo_stands_alone(self) -> bool:
        """A logo twice as wide as high is taken to hold the name: no words beside it."""
        return self.logo is not None and self.logo.width >= 2 * self.logo.height

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)
