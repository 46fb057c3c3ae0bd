from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class Tally(models.Model):
    """How many requests the links of one edition brought in one month, and nothing of whose.

    Counted at the moment when a request's link to the edition is cut
    (bookings.privacy.attribution).
    """

    edition = models.PositiveBigIntegerField()
    month = models.DateField()  # its first day, in the clinic's time
    requests = models.PositiveIntegerField(default=0)
    accepted = models.PositiveIntegerField(default=0)  # of these, a time was accepted

    class Meta:
        verbose_name = _("requests by article")
        verbose_name_plural = _("requests by article")
        ordering = ["-month", "edition"]
        constraints = [
            models.UniqueConstraint(
                name="one_tally_per_edition_and_month", fields=["edition", "month"]
            ),
            models.CheckConstraint(
                name="tally_accepted_are_of_the_requests", condition=Q(accepted__lte=F("requests"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.edition} {self.month:%Y-%m}"
