import re

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from clinic.lib.fields import href
from clinic.lib.fields.bounded_text import LONG, BoundedTextField
from clinic.lib.fields.reserved_slugs import validate_slug_is_free
from clinic.lib.fields.several import SeveralField
from clinic.lib.fields.visible_text import LineField

LIST_SIGNS = re.compile(r"^(?:[-*](?:\s+|$)|[\s•✓✔✗])*")


class Place(models.TextChoices):
    """The markable places of the body figure (clinic/site/drawings.py)."""

    HEAD = "head", _("Head")
    NECK = "neck", _("Neck")
    SHOULDER = "shoulder", _("Shoulder")
    ARM = "arm", _("Upper arm and elbow")
    HAND = "hand", _("Wrist and hand")
    ARMLONG = "armlong", _("Whole arm")
    UPPER = "upper", _("Upper back")
    BACK = "back", _("Low back")
    HIP = "hip", _("Hip and pelvis")
    THIGH = "thigh", _("Thigh")
    KNEE = "knee", _("Knee")
    SHIN = "shin", _("Shin and calf")
    FOOT = "foot", _("Ankle and foot")
    LEG = "leg", _("Whole leg")


# What articles about a service show of it, and so belongs to what their reviewers sign.
APPOINTMENT_FACTS = ("first_minutes", "follow_minutes", "price_text", "typical_course")
FACTS = (*APPOINTMENT_FACTS, "risks", "not_for")

# Who treats a whole limb treats its parts.
LIMB_OF: dict[str, str] = {
    **dict.fromkeys([Place.ARM, Place.HAND], Place.ARMLONG),
    **dict.fromkeys([Place.THIGH, Place.KNEE, Place.SHIN, Place.FOOT], Place.LEG),
}


class BookingWay(models.TextChoices):
    """What choosing an open time does."""

    ASKED = "asked", _("It is only requested: nothing is held until you offer a time")
    HELD = "held", _("It is held for the patient until you confirm or decline it")


class Service(models.Model):
    """What the clinic treats, or how."""

    name = LineField(_("name"), max_length=80)
    slug = models.SlugField(_("slug"), unique=True, validators=[validate_slug_is_free])
    summary = LineField(_("in one sentence"), max_length=200)
    description = BoundedTextField(
        _("description"),
        max_length=LONG,
        blank=True,
        help_text=_("You can format this text with Markdown."),
    )
    first_minutes = models.PositiveSmallIntegerField(
        _("first appointment (minutes)"), null=True, blank=True
    )
    follow_minutes = models.PositiveSmallIntegerField(
        _("follow-up appointment (minutes)"), null=True, blank=True
    )
    price_text = LineField(
        _("price"),
        max_length=160,
        blank=True,
        help_text=_("In your own words, such as: First appointment $95."),
    )
    typical_course = LineField(
        _("typical course"),
        max_length=200,
        blank=True,
        help_text=_("How many appointments, and how often."),
    )
    bring = LineField(
        _("what to bring"),
        max_length=300,
        blank=True,
        help_text=_(
            "Shown to patients with their appointment. If empty: “Wear clothes you can move in, "
            "and bring a list of your medications.”"
        ),
    )
    risks = BoundedTextField(
        _("risks"),
        max_length=LONG,
        blank=True,
        help_text=_("One risk per line, most common first."),
    )
    not_for = BoundedTextField(
        _("who should not have it"),
        max_length=LONG,
        blank=True,
        help_text=_("One per line. Each must complete the sentence “Not suitable if …”."),
    )
    red_flags_reviewed_on = models.DateField(
        _("red flags reviewed on"),
        null=True,
        blank=True,
        help_text=_(
            "When a clinician last checked that the red flags of this service are complete. Not "
            "shown."
        ),
    )
    booking_way = models.CharField(
        _("when a patient chooses a time"),
        max_length=8,
        choices=BookingWay,
        default=BookingWay.ASKED,
        help_text=_(
            "Applies only if there are schedules, so that the booking form shows open times."
        ),
    )
    place = models.CharField(_("part of the body"), max_length=12, choices=Place, blank=True)
    locations = models.ManyToManyField(
        "clinic.Location", verbose_name=_("available at"), blank=True, related_name="services"
    )
    booking_url = models.URLField(
        _("external booking link"),
        blank=True,
        validators=[href.validate_outside],
        help_text=_("If this service uses another booking site, its Book buttons link there."),
    )
    # When what articles show of it was changed last: sign-offs from before do not cover that.
    facts_changed_at = models.DateTimeField(null=True, blank=True, editable=False)
    is_public = models.BooleanField(_("shown on the site"), default=True)
    order = models.PositiveSmallIntegerField(_("order"), default=0)

    class Meta:
        ordering = ["order", "name", "id"]
        verbose_name = _("service")
        constraints = [
            models.CheckConstraint(
                name="service_booking_way_is_known",
                condition=Q(booking_way__in=BookingWay.values),
            ),
            models.CheckConstraint(
                name="service_booking_link_is_safe",
                condition=Q(booking_url="") | href.is_link("booking_url", href.OUTSIDE),
                violation_error_message=href.OUTSIDE_REFUSAL,
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def holds_times(self) -> bool:
        """Whether an open time is held for the patient who chooses it."""
        return self.booking_way == BookingWay.HELD

    def get_absolute_url(self) -> str:
        return reverse("service", args=[self.slug])

    def facts(self) -> tuple[object, ...]:
        """Return what articles about the service show of it."""
        return tuple(getattr(self, name) for name in FACTS)

    @property
    def has_facts(self) -> bool:
        """Whether an article has anything to show of the service."""
        return any(self.facts())

    @property
    def has_appointment_facts(self) -> bool:
        """Whether length, price or course are known."""
        return any(getattr(self, name) for name in APPOINTMENT_FACTS)

    @property
    def risk_lines(self) -> list[str]:
        return lines(self.risks)

    @property
    def not_for_lines(self) -> list[str]:
        return lines(self.not_for)


class Level(models.TextChoices):
    """How urgent a red flag is, the most urgent first."""

    EMERGENCY = "emergency", _("Emergency")
    TODAY = "today", _("See a doctor today")
    TELL = "tell", _("Tell us at the appointment")


class RedFlag(models.Model):
    """A sign to ask about before an appointment is requested. What is answered is never stored."""

    sentence = LineField(
        _("sentence"),
        max_length=LONG,
        help_text=_(
            "One sign, as a sentence to the patient: You cannot pass urine. Short enough to be "
            "read at a glance."
        ),
    )
    level = models.CharField(
        _("level"),
        max_length=12,
        choices=Level,
        help_text=_(
            "Emergency: people who say yes are advised to call the emergency number. See a "
            "doctor today: people who say yes are advised to see one first. Tell us at the "
            "appointment: only shown as advice, without a question."
        ),
    )
    services = models.ManyToManyField(
        Service,
        verbose_name=_("services"),
        blank=True,
        related_name="red_flags",
        help_text=_(
            "Asked of everyone who chooses one of these. Select none to ask only people who don’t "
            "know which service they need."
        ),
    )
    places = SeveralField(
        _("parts of the body"),
        among=Place.choices,
        blank=True,
        help_text=_(
            "Asked of people who don’t know which service they need, and have a problem there. "
            "Select none to ask about every part of the body."
        ),
    )
    source = LineField(
        _("source"),
        max_length=300,
        blank=True,
        help_text=_("The guideline or study it is taken from. Not shown."),
    )
    source_url = models.URLField(
        _("link to the source"), blank=True, validators=[href.validate_outside]
    )
    reviewed_on = models.DateField(
        _("reviewed on"),
        null=True,
        blank=True,
        help_text=_(
            "When a clinician last checked the sentence, its level and where it is asked. Due "
            "again after a year. Not shown."
        ),
    )
    is_public = models.BooleanField(
        _("asked and shown on the site"),
        default=True,
    )
    order = models.PositiveSmallIntegerField(_("order"), default=0)

    class Meta:
        ordering = ["order", "id"]
        verbose_name = _("red flag")
        constraints = [
            models.CheckConstraint(name="red_flag_says_something", condition=~Q(sentence="")),
            models.CheckConstraint(
                name="red_flag_has_a_level", condition=Q(level__in=Level.values)
            ),
            models.CheckConstraint(
                name="red_flag_source_link_is_safe",
                condition=Q(source_url="") | href.is_link("source_url", href.OUTSIDE),
                violation_error_message=href.OUTSIDE_REFUSAL,
            ),
        ]

    def __str__(self) -> str:
        return self.sentence

    @property
    def words_of_places(self) -> str:
        """The parts of the body in words; empty for every part."""
        return ", ".join(str(label) for place, label in Place.choices if place in self.places)


class Insurer(models.Model):
    """An insurer whose patients the clinic sees; pages show them in the order staff chose."""

    clinic = models.ForeignKey(
        "clinic.Clinic", default=1, on_delete=models.CASCADE, related_name="insurers"
    )
    name = LineField(_("name"), max_length=80)
    bills_directly = models.BooleanField(
        _("we bill them directly"),
        default=True,
        help_text=_("If not, patients pay first and claim it back."),
    )
    note = LineField(
        _("note"),
        max_length=160,
        blank=True,
        help_text=_("Example: A referral is needed. Bring your member card."),
    )
    order = models.PositiveSmallIntegerField(_("order"), default=0)

    class Meta:
        ordering = ["order", "name", "id"]
        verbose_name = _("insurer")

    def __str__(self) -> str:
        return self.name


def lines(text: str) -> list[str]:
    """The lines of a text that say something, without the list signs that people type before them.

    Only before them: a line may begin or end with **bold** words.
    """
    return [line for line in (LIST_SIGNS.sub("", raw).strip() for raw in text.splitlines()) if line]
