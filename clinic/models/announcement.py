from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class AnnouncementQuerySet(models.QuerySet["Announcement"]):
    def shown(self, at: datetime) -> "AnnouncementQuerySet":
        return self.filter(starts_at__lte=at, ends_at__gt=at)


class Announcement(models.Model):
    """A short notice over all pages between two moments."""

    text = models.CharField(
        _("text"), max_length=160, help_text=_("One sentence, shown over every page.")
    )
    url = models.CharField(
        _("link"),
        max_length=300,
        blank=True,
        help_text=_("Where the notice leads, such as /fees/. May stay empty."),
    )
    starts_at = models.DateTimeField(_("shown from"))
    ends_at = models.DateTimeField(_("shown until"))

    objects = AnnouncementQuerySet.as_manager()

    class Meta:
        ordering = ["starts_at", "id"]
        constraints = [
            models.CheckConstraint(
                name="announcement_ends_after_it_starts",
                condition=Q(ends_at__gt=F("starts_at")),
                violation_error_message=_("The notice must end after it starts."),
            )
        ]

    def __str__(self) -> str:
        return self.text
