from datetime import timedelta

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.formats import time_format
from django.utils.translation import gettext_lazy as _

from clinic.lib.fields.visible_text import LineField
from clinic.models import OpeningPeriod, User
from clinic.models.location import span

Weekday = OpeningPeriod.Weekday


class RosterQuerySet(models.QuerySet["Roster"]):
    def seen_by(self, user: User) -> "RosterQuerySet":
        """What this member of staff may see: all, their own, or none."""
        if user.has_perm("bookings.view_roster") or user.has_perm("bookings.change_roster"):
            return self
        if user.has_perm("bookings.view_own_roster"):
            return self.filter(practitioner__user=user)
        return self.none()


class Roster(models.Model):
    """When one practitioner works, and the rules for times that are open with them."""

    practitioner = models.OneToOneField(
        "clinic.Practitioner",
        verbose_name=_("practitioner"),
        on_delete=models.CASCADE,
        related_name="roster",
    )
    buffer_minutes = models.PositiveSmallIntegerField(
        _("time between appointments (minutes)"),
        default=0,
        validators=[MaxValueValidator(120)],
        help_text=_("Kept free between one appointment and the next, for notes and cleaning."),
    )
    notice_hours = models.PositiveSmallIntegerField(
        _("minimum notice (hours)"),
        default=4,
        validators=[MaxValueValidator(720)],
        help_text=_("Times that start sooner than this can’t be chosen."),
    )
    horizon_weeks = models.PositiveSmallIntegerField(
        _("bookable up to (weeks ahead)"),
        default=8,
        validators=[MinValueValidator(1), MaxValueValidator(52)],
        help_text=_("How far ahead appointments can be booked."),
    )
    most_first = models.PositiveSmallIntegerField(
        _("maximum first appointments per day"),
        null=True,
        blank=True,
        validators=[MaxValueValidator(50)],
        help_text=_("Leave empty for no limit. Enter 0 if they take no new patients."),
    )

    objects = RosterQuerySet.as_manager()

    class Meta:
        ordering = ["practitioner__order", "practitioner__name", "id"]
        verbose_name = _("schedule")
        permissions = [("view_own_roster", "Can view their own roster")]
        constraints = [
            models.CheckConstraint(
                name="roster_rules_are_sensible",
                condition=Q(
                    buffer_minutes__lte=120,
                    notice_hours__lte=720,
                    horizon_weeks__gte=1,
                    horizon_weeks__lte=52,
                ),
            )
        ]

    def __str__(self) -> str:
        return str(self.practitioner)

    @property
    def horizon(self) -> timedelta:
        return timedelta(weeks=self.horizon_weeks)


class WorkingHours(models.Model):
    """Hours that somebody works on a weekday at one location, by the clock on the wall there.

    A guard of the database keeps hours of one roster apart that are on the same days.
    """

    roster = models.ForeignKey(Roster, on_delete=models.CASCADE, related_name="hours")
    weekday = models.PositiveSmallIntegerField(_("day"), choices=Weekday)
    starts = models.TimeField(_("from"))
    ends = models.TimeField(_("until"))
    break_starts = models.TimeField(_("break from"), null=True, blank=True)
    break_ends = models.TimeField(_("break until"), null=True, blank=True)
    location = models.ForeignKey(
        "clinic.Location",
        verbose_name=_("location"),
        on_delete=models.PROTECT,
        related_name="working_hours",
    )
    first_on = models.DateField(_("first day"), null=True, blank=True)
    last_on = models.DateField(_("last day"), null=True, blank=True)

    class Meta:
        ordering = ["weekday", "starts", "first_on", "id"]
        verbose_name = _("working hours")
        verbose_name_plural = _("working hours")
        constraints = [
            models.CheckConstraint(
                name="working_hours_weekday_is_0_to_6", condition=Q(weekday__gte=0, weekday__lte=6)
            ),
            models.CheckConstraint(
                name="working_hours_end_after_they_start",
                condition=Q(ends__gt=F("starts")),
                violation_error_message=_(
                    "The end is not after the start. Enter hours past midnight on the next day."
                ),
            ),
            models.CheckConstraint(
                name="working_hours_break_is_within",
                condition=Q(break_starts=None, break_ends=None)
                | Q(
                    break_starts__isnull=False,
                    break_ends__isnull=False,
                    break_starts__gt=F("starts"),
                    break_ends__gt=F("break_starts"),
                    ends__gt=F("break_ends"),
                ),
                violation_error_message=_(
                    "The break must begin and end within the hours. Enter both times, or neither."
                ),
            ),
            models.CheckConstraint(
                name="working_hours_last_day_is_not_before_first",
                condition=Q(first_on=None) | Q(last_on=None) | Q(last_on__gte=F("first_on")),
                violation_error_message=_("The last day is before the first."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {time_format(self.starts)}–{time_format(self.ends)}"


class DayOff(models.Model):
    """Days, first and last included, on which somebody does not work. The reason is for those who
    edit rosters alone."""

    roster = models.ForeignKey(Roster, on_delete=models.CASCADE, related_name="days_off")
    starts_on = models.DateField(_("first day"))
    ends_on = models.DateField(_("last day"))
    reason = LineField(
        _("reason"),
        max_length=80,
        blank=True,
        help_text=_("Only people who edit schedules see this. Leave out anything about health."),
    )

    class Meta:
        ordering = ["starts_on", "id"]
        verbose_name = _("days off")
        verbose_name_plural = _("days off")
        constraints = [
            models.CheckConstraint(
                name="day_off_ends_after_it_starts",
                condition=Q(ends_on__gte=F("starts_on")),
                violation_error_message=_("The last day is before the first."),
            )
        ]

    def __str__(self) -> str:
        return span(self.starts_on, self.ends_on)
