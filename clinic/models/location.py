from collections.abc import Iterable
from datetime import date

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.formats import date_format, time_format
from django.utils.translation import gettext_lazy as _

from clinic.lib.calendar import opening_hours
from clinic.lib.fields import href
from clinic.lib.fields.bounded_text import LONG, BoundedTextField
from clinic.lib.fields.reserved_slugs import validate_slug_is_free
from clinic.lib.fields.visible_text import EmailAddressField, LineField


class Location(models.Model):
    """Where the clinic is, and when it is open there."""

    name = LineField(_("name"), max_length=80)
    slug = models.SlugField(_("slug"), unique=True, validators=[validate_slug_is_free])
    street = LineField(_("street"), max_length=120)
    postal_code = LineField(_("postal code"), max_length=16, blank=True)
    city = LineField(_("city"), max_length=80)
    state = LineField(_("province or state"), max_length=80, blank=True)
    phone = LineField(_("phone"), max_length=32, blank=True)
    email = EmailAddressField(_("email"), blank=True)
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
    how_to_find = LineField(
        _("how to find us, in one line"),
        max_length=160,
        blank=True,
        help_text=_("Example: 4-minute walk from the station."),
    )
    directions = BoundedTextField(
        _("getting here"),
        max_length=LONG,
        blank=True,
        help_text=_("Train, bus, car, bicycle. Markdown."),
    )
    accessibility = BoundedTextField(
        _("accessibility"),
        max_length=LONG,
        blank=True,
        help_text=_("Steps, doors, elevator, parking, washroom. Markdown."),
    )
    booking_url = models.URLField(
        _("external booking link"),
        blank=True,
        validators=[href.validate_outside],
        help_text=_("If this location uses another booking site, its Book buttons link there."),
    )
    is_public = models.BooleanField(_("shown on the site"), default=True)
    order = models.PositiveSmallIntegerField(_("order"), default=0)

    class Meta:
        ordering = ["order", "name", "id"]
        verbose_name = _("location")
        constraints = [
            models.CheckConstraint(
                name="location_booking_link_is_safe",
                condition=Q(booking_url="") | href.is_link("booking_url", href.OUTSIDE),
                violation_error_message=href.OUTSIDE_REFUSAL,
            )
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("location", args=[self.slug])

    def weekly_hours(self) -> list[opening_hours.Period]:
        """Return the opening hours as plain values; prefetch `periods` for several locations."""
        return [period.as_value() for period in self.periods.all()]

    def closures_of(self, closures: Iterable["Closure"]) -> list["Closure"]:
        """Return those of the closures that close this location."""
        return [closure for closure in closures if closure.location_id in (None, self.pk)]

    def closed_days(self, closures: Iterable["Closure"]) -> list[opening_hours.Closure]:
        """Return those of the closures that close this location, as plain values."""
        return [
            opening_hours.Closure(closure.starts_on, closure.ends_on, closure.reason)
            for closure in self.closures_of(closures)
        ]


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
        _("closes"),
        help_text=_("A closing time earlier than the opening time means after midnight."),
    )

    class Meta:
        ordering = ["weekday", "opens", "id"]
        verbose_name = _("opening hours")
        verbose_name_plural = _("opening hours")
        constraints = [
            models.UniqueConstraint(
                name="one_period_per_opening",
                fields=["location", "weekday", "opens"],
                violation_error_message=_("This day already has opening hours that start then."),
            ),
            models.CheckConstraint(
                name="weekday_is_0_to_6", condition=Q(weekday__gte=0, weekday__lte=6)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {time_format(self.opens)}–{time_format(self.closes)}"

    def as_value(self) -> opening_hours.Period:
        """Return it as what clinic.lib.calendar.opening_hours computes with."""
        return opening_hours.Period(self.weekday, self.opens, self.closes)


class Closure(models.Model):
    """Days on which a location, or all of them, is closed: holidays, training, works."""

    location = models.ForeignKey(
        Location,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="closures",
        help_text=_("Leave empty for all locations."),
    )
    starts_on = models.DateField(_("first day"))
    ends_on = models.DateField(_("last day"))
    reason = LineField(
        _("reason"), max_length=80, help_text=_("Shown to visitors. Example: Public holiday.")
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


def span(first: date, last: date) -> str:
    """Return one day, or the first and the last of several."""
    return date_format(first) if first == last else f"{date_format(first)} – {date_format(last)}"
