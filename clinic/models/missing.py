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
