from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from clinic.lib.calendar import wall_time
from clinic.lib.fields import href
from clinic.lib.fields.visible_text import LineField


class AnnouncementQuerySet(models.QuerySet["Announcement"]):
    def shown(self, at: datetime) -> "AnnouncementQuerySet":
        return self.filter(starts_at__lte=at, ends_at__gt=at)


class Announcement(models.Model):
    """A short notice over all pages between two moments."""

    text = LineField(
        _("text"), max_length=160, help_text=_("One sentence, shown at the top of every page.")
    )
    url = models.CharField(
        _("link"),
        max_length=300,
        blank=True,
        validators=[href.validate_link],
        help_text=_("The page it links to, such as /fees/. Optional."),
    )
    starts_at = models.DateTimeField(_("show from"))
    ends_at = models.DateTimeField(_("show until"))
    # Both as staff entered them (clinic.lib.calendar.wall_time).
    starts_agreed = models.CharField(max_length=wall_time.LONGEST, blank=True, editable=False)
    ends_agreed = models.CharField(max_length=wall_time.LONGEST, blank=True, editable=False)

    objects = AnnouncementQuerySet.as_manager()

    class Meta:
        ordering = ["starts_at", "id"]
        constraints = [
            models.CheckConstraint(
                name="announcement_ends_after_it_starts",
                condition=Q(ends_at__gt=F("starts_at")),
                violation_error_message=_("The end must be after the start."),
            ),
            models.CheckConstraint(
                name="announcement_link_is_safe",
                condition=Q(url="") | href.is_link("url") | href.is_own_path("url"),
                violation_error_message=href.REFUSAL,
            ),
        ]

    def __str__(self) -> str:
        return self.text

    def note_wall_times(self, zone: ZoneInfo) -> None:
        """Take both moments as entered by the clock in this zone. Does not save."""
        self.starts_agreed = wall_time.written(self.starts_at, zone)
        self.ends_agreed = wall_time.written(self.ends_at, zone)
