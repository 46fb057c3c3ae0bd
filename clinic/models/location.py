from datetime import date, time

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from clinic.slugs import validate_slug_is_free


class Location(models.Model):
    """Where the clinic is, and when it is open there."""

    name = models.CharField(_("name"), max_length=80)
    slug = models.SlugField(_("address word"), unique=True, validators=[validate_slug_is_free])
    street = models.CharField(_("street"), max_length=120)
    postal_code = models.CharField(_("postal code"), max_length=16, blank=True)
    city = models.CharField(_("town"), max_length=80)
    state = models.CharField(_("state or county"), max_length=80, blank=True)
    phone = models.CharField(_("phone"), max_length=32, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    latitude = models.DecimalField(
        _("latitude"),
        max_digits=8,
        decimal_places=5,
        null=True,
        blank=True,
        validators=[MinValueValidator(-90), MaxValueValidator(90)],
    )
    longitude = models.DecimalField(
        _("longitude"),
        max_digits=8,
        decimal_places=5,
        null=True,
        blank=True,
        validators=[MinValueValidator(-180), MaxValueValidator(180)],
    )
    how_to_find = models.CharField(
        _("how to find it, in one line"),
        max_length=160,
        blank=True,
        help_text=_("Such as: 4 minutes on foot from the station."),
    )
    directions = models.TextField(
        _("getting here"), blank=True, help_text=_("Train, bus, car, bicycle. Markdown.")
    )
    accessibility = models.TextField(
        _("accessibility"),
        blank=True,
        help_text=_("Steps, doors, lift, parking, toilet. Markdown."),
    )
    booking_url = models.URLField(
        _("outside booking address"),
        blank=True,
        help_text=_("If this location books elsewhere, its Book buttons go there."),
    )
    is_public = models.BooleanField(_("shown on the site"), default=True)
    order = models.PositiveSmallIntegerField(_("order"), default=0)

    class Meta:
        ordering = ["order", "name", "id"]
        verbose_name = _("location")

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("location", args=[self.slug])


class OpeningPeriod(models.Model):
    """Weekly opening hours: one row for each stretch of a weekday.

    One that closes at or before it opens runs past midnight; 00:00 to 00:00 is the whole day.
    """

    class Weekday(models.IntegerChoices):
        MONDAY = 0, _("Monday")
        TUESDAY = 1, _("Tuesday")
        WEDNESDAY = 2, _("Wednesday")
        THURSDAY = 3, _("Thursday")
        FRIDAY = 4, _("Friday")
        SATURDAY = 5, _("Saturday")
        SUNDAY = 6, _("Sunday")

    location = models.ForeignKey(Location, on_delete=models.CASCADE, related_name="periods")
    weekday = models.PositiveSmallIntegerField(_("day"), choices=Weekday)
    opens = models.TimeField(_("opens"))
    closes = models.TimeField(
        _("closes"), help_text=_("Earlier than it opens means after midnight.")
    )

    class Meta:
        ordering = ["weekday", "opens", "id"]
        verbose_name = _("opening hours")
        verbose_name_plural = _("opening hours")
        constraints = [
            models.UniqueConstraint(
                name="one_period_per_opening",
                fields=["location", "weekday", "opens"],
                violation_error_message=_("This day already has hours that begin then."),
            ),
            models.CheckConstraint(
                name="weekday_is_0_to_6", condition=Q(weekday__gte=0, weekday__lte=6)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {short(self.opens)}–{short(self.closes)}"


class Closure(models.Model):
    """Days on which a location, or all of them, is closed: holidays, training, works."""

    location = models.ForeignKey(
        Location,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="closures",
        help_text=_("Empty: every location."),
    )
    starts_on = models.DateField(_("first day"))
    ends_on = models.DateField(_("last day"))
    reason = models.CharField(
        _("reason"), max_length=80, help_text=_("Shown to visitors: Public holiday.")
    )

    class Meta:
        ordering = ["starts_on", "id"]
        verbose_name = _("closure")
        constraints = [
            models.CheckConstraint(
                name="closure_ends_after_it_starts",
                condition=Q(ends_on__gte=F("starts_on")),
                violation_error_message=_("The last day is before the first."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.reason}, {span(self.starts_on, self.ends_on)}"


def short(moment: time) -> str:
    """7:30, as hours are written on the site."""
    return f"{moment.hour}:{moment.minute:02d}"


def span(first: date, last: date) -> str:
    """One day, or the first and the last of several, as ISO dates."""
    return first.isoformat() if first == last else f"{first.isoformat()} – {last.isoformat()}"
