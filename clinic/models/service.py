import re

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from clinic.slugs import validate_slug_is_free

LIST_SIGNS = re.compile(r"^(?:[-*](?:\s+|$)|[\s•✓✔✗])*")


class Place(models.TextChoices):
    """The markable places of the body figure (clinic/drawings.py)."""

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


class Service(models.Model):
    """What the clinic treats, or how."""

    name = models.CharField(_("name"), max_length=80)
    slug = models.SlugField(_("address word"), unique=True, validators=[validate_slug_is_free])
    summary = models.CharField(_("in one sentence"), max_length=200)
    description = models.TextField(_("description"), blank=True, help_text=_("Markdown."))
    first_minutes = models.PositiveSmallIntegerField(
        _("first visit (minutes)"), null=True, blank=True
    )
    follow_minutes = models.PositiveSmallIntegerField(
        _("later visits (minutes)"), null=True, blank=True
    )
    price_text = models.CharField(
        _("price"), max_length=160, blank=True, help_text=_("In your own words: First visit $95.")
    )
    typical_course = models.CharField(
        _("typical course"), max_length=200, blank=True, help_text=_("How many visits, how often.")
    )
    risks = models.TextField(
        _("risks"), blank=True, help_text=_("One risk in each line, the common ones first.")
    )
    not_for = models.TextField(
        _("who should not have it"), blank=True, help_text=_("One in each line.")
    )
    red_flags = models.TextField(
        _("red flags"),
        blank=True,
        help_text=_(
            "One in each line. The booking form asks “Is any of these true?” first; somebody who "
            "says yes is shown urgent advice and no form. The answer is never stored."
        ),
    )
    place = models.CharField(_("place on the body"), max_length=12, choices=Place, blank=True)
    locations = models.ManyToManyField(
        "clinic.Location", verbose_name=_("offered at"), blank=True, related_name="services"
    )
    booking_url = models.URLField(
        _("outside booking address"),
        blank=True,
        help_text=_("If this service is booked elsewhere, its Book buttons go there."),
    )
    is_public = models.BooleanField(_("shown on the site"), default=True)
    order = models.PositiveSmallIntegerField(_("order"), default=0)

    class Meta:
        ordering = ["order", "name", "id"]
        verbose_name = _("service")

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("service", args=[self.slug])

    @property
    def risk_lines(self) -> list[str]:
        return lines(self.risks)

    @property
    def not_for_lines(self) -> list[str]:
        return lines(self.not_for)

    @property
    def red_flag_lines(self) -> list[str]:
        return lines(self.red_flags)


def lines(text: str) -> list[str]:
    """The lines of a text that say something, without the list signs that people type before them.

    Only before them: a line may begin or end with **bold** words.
    """
    return [line for line in (LIST_SIGNS.sub("", raw).strip() for raw in text.splitlines()) if line]
