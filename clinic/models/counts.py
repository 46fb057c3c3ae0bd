"""Numbers that visitors leave behind, and nothing of who they are."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Missing(models.Model):
    """An address that was asked for and is not there: how often, and when last. Nothing is kept
    of who asked, or from where."""

    path = models.CharField(_("address"), max_length=400, unique=True)
    hits = models.PositiveIntegerField(_("requests"), default=1)
    last_seen_at = models.DateTimeField(_("last requested"))

    class Meta:
        ordering = ["-hits", "-last_seen_at", "id"]
        verbose_name = _("page not found")
        verbose_name_plural = _("page-not-found log")
        indexes = [models.Index(name="missing_by_age", fields=["last_seen_at"])]

    def __str__(self) -> str:
        return self.path


class DailyCount(models.Model):
    """How often something was read or done on one day, in the clinic's time. Nothing is kept of
    who read or did it (clinic.counting)."""

    class What(models.TextChoices):
        VIEW = "view", _("pages viewed")
        SEARCH = "search", _("searches")
        STARTED = "started", _("requests started")
        SENT = "sent", _("requests sent")
        HELPFUL = "helpful", _("found helpful")
        UNHELPFUL = "unhelpful", _("not found helpful")

    day = models.DateField()
    what = models.CharField(max_length=12, choices=What)
    # Of the page that was read, or from which it was done; empty: of no page, or an unknown one.
    path = models.CharField(max_length=300, blank=True)
    number = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-day", "what", "path"]
        verbose_name = _("daily count")
        verbose_name_plural = _("what works")
        constraints = [
            models.UniqueConstraint(
                name="one_count_per_day_and_path", fields=["day", "what", "path"]
            )
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.what} {self.path}".rstrip()
