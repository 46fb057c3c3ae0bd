from zoneinfo import ZoneInfo, available_timezones

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from clinic import theme
from clinic.lib.colours import HEX


def validate_time_zone(value: str) -> None:
    """Refuse a name that is not in the IANA time zone database."""
    if value not in available_timezones():
        raise ValidationError(_("Use a name such as America/New_York or Europe/Lisbon."))


def validate_colour(value: str) -> None:
    """Refuse what is not written as #rrggbb."""
    if not HEX.fullmatch(value.lower()):
        raise ValidationError(_("Write six digits after a #, such as #a9d4e5."))


class Clinic(models.Model):
    """Who the clinic is, and what it has decided. One row."""

    # Who
    name = models.CharField(_("name"), max_length=80, help_text=_("The short name: Larkspur."))
    kind = models.CharField(
        _("what it is"),
        max_length=60,
        default="Physiotherapy",
        help_text=_("Stands under the name in the header."),
    )
    legal_name = models.CharField(_("legal name"), max_length=120, blank=True)
    email = models.EmailField(
        _("e-mail"),
        blank=True,
        help_text=_("New requests are announced here. No health details are in those mails."),
    )
    phone = models.CharField(
        _("phone"), max_length=32, blank=True, help_text=_("Shown on every page, to be called.")
    )
    region = models.CharField(
        _("country"),
        max_length=2,
        default="US",
        help_text=_("Two letters (ISO 3166): how phone numbers without a country are read."),
    )
    time_zone = models.CharField(
        _("time zone"), max_length=64, default="UTC", validators=[validate_time_zone]
    )
    emergency_phone = models.CharField(
        _("emergency number"), max_length=32, blank=True, help_text=_("Such as 911 or 112.")
    )
    out_of_hours_name = models.CharField(
        _("out-of-hours service"), max_length=60, blank=True, help_text=_("Such as Night doctor.")
    )
    out_of_hours_phone = models.CharField(_("out-of-hours number"), max_length=32, blank=True)
    logo = models.ForeignKey(
        "clinic.Image",
        verbose_name=_("logo"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text=_(
            "May stay empty: then the drawn one is shown. A logo twice as wide as high stands for "
            "the name, too."
        ),
    )

    # Look
    class Typeface(models.TextChoices):
        STRIPS = "strips", _("National Park and Atkinson Hyperlegible (strips with round ends)")
        BOOK = "book", _("Source Serif and Source Sans (as in a book)")

    sky = models.CharField(
        _("sky"),
        max_length=7,
        default=theme.SKY,
        validators=[validate_colour],
        help_text=_("The large flat areas, as #a9d4e5. It must be light: text stands on it."),
    )
    tape = models.CharField(
        _("tape"),
        max_length=7,
        default=theme.TAPE,
        validators=[validate_colour],
        help_text=_("The one strip that marks what matters, and the first button, as #ffb81f."),
    )
    typeface = models.CharField(
        _("typefaces"), max_length=8, choices=Typeface, default=Typeface.STRIPS
    )

    # Home page
    headline = models.CharField(_("headline"), max_length=80, default="Show us where it hurts.")
    lead = models.TextField(
        _("lead"),
        blank=True,
        help_text=_("Two sentences under the headline: what you do, how."),
    )
    emergency_advice = models.TextField(
        _("emergency advice"),
        blank=True,
        help_text=_("Stands at the foot of every page: when not to wait for an appointment."),
    )

    # Publishing
    review_before_publishing = models.BooleanField(
        _("articles need a clinical review before they are published"), default=True
    )
    reviewer_may_be_author = models.BooleanField(
        _("an author may review their own text"), default=False
    )
    review_interval_months = models.PositiveSmallIntegerField(
        _("months until the next review"), default=12, validators=[MinValueValidator(1)]
    )

    class ReferenceStyle(models.TextChoices):
        AMA = "ama", _("AMA, 11th edition")
        NLM = "nlm", _("NLM / Vancouver")

    reference_style = models.CharField(
        _("style of references"),
        max_length=8,
        choices=ReferenceStyle,
        default=ReferenceStyle.AMA,
    )

    # Booking
    reference_prefix = models.CharField(
        _("letters of request numbers"), max_length=4, default="RQ", help_text=_("As in RQ 482716.")
    )
    answer_hours = models.PositiveSmallIntegerField(
        _("answer within (open hours)"),
        default=8,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
        help_text=_("Hours in which the clinic is open. The form promises an answer by then."),
    )
    offer_hold_hours = models.PositiveSmallIntegerField(
        _("hours that an offered time is held"), default=48, validators=[MinValueValidator(1)]
    )
    reminder_hours = models.PositiveSmallIntegerField(
        _("hours before a visit that a reminder is sent"), default=24
    )
    link_days = models.PositiveSmallIntegerField(
        _("days that a private link works"), default=60, validators=[MinValueValidator(1)]
    )
    keep_spam_days = models.PositiveSmallIntegerField(_("days that spam is kept"), default=3)
    keep_declined_days = models.PositiveSmallIntegerField(
        _("days that declined and expired requests are kept"), default=60
    )
    keep_closed_days = models.PositiveSmallIntegerField(
        _("days that closed requests are kept"), default=180
    )

    is_demo = models.BooleanField(default=False, editable=False)

    class Meta:
        verbose_name = _("clinic")
        verbose_name_plural = _("clinic")
        constraints = [
            models.CheckConstraint(name="clinic_is_one_row", condition=models.Q(id=1)),
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
