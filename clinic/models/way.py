from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class WayToStart(models.Model):
    """One way in which a visitor can begin; the home page shows them in the order staff chose."""

    class Kind(models.TextChoices):
        CALL = "call", _("Call the clinic")
        BOOK = "book", _("Ask for a visit")
        LINK = "link", _("A page, such as a free guide")

    clinic = models.ForeignKey(
        "clinic.Clinic", default=1, on_delete=models.CASCADE, related_name="ways_to_start"
    )
    kind = models.CharField(_("leads to"), max_length=4, choices=Kind, default=Kind.LINK)
    label = models.CharField(_("words"), max_length=60, help_text=_("Such as Call us."))
    line = models.CharField(
        _("one line"),
        max_length=140,
        blank=True,
        help_text=_("What happens then, such as A therapist calls you back."),
    )
    url = models.CharField(
        _("address"),
        max_length=300,
        blank=True,
        help_text=_("For a page: its address, such as /articles/sciatica/."),
    )
    order = models.PositiveSmallIntegerField(_("order"), default=0)

    class Meta:
        ordering = ["order", "id"]
        verbose_name = _("way to start")
        verbose_name_plural = _("ways to start")
        constraints = [
            models.CheckConstraint(
                name="way_to_start_leads_somewhere",
                condition=(Q(kind="link") & ~Q(url="")) | (~Q(kind="link") & Q(url="")),
                violation_error_message=_("A page needs its address; the other ways have none."),
            )
        ]

    def __str__(self) -> str:
        return self.label

    def clean(self) -> None:
        """Refuse an address that is neither of this site nor of the web."""
        if self.url and not self.url.startswith(("/", "https://", "http://")):
            raise ValidationError({"url": _("Begin with / for a page of this site, or https://.")})
