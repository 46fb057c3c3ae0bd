from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clinic.lib.fields import href
from clinic.lib.fields.visible_text import LineField


class WayToStart(models.Model):
    """One way in which a visitor can begin; the home page shows them in the order staff chose."""

    class Kind(models.TextChoices):
        CALL = "call", _("Call the clinic")
        BOOK = "book", _("Request an appointment")
        LINK = "link", _("A page, such as a free guide")

    clinic = models.ForeignKey(
        "clinic.Clinic", default=1, on_delete=models.CASCADE, related_name="ways_to_start"
    )
    kind = models.CharField(_("what it does"), max_length=4, choices=Kind, default=Kind.LINK)
    label = LineField(_("label"), max_length=60, help_text=_("Example: Call us."))
    line = LineField(
        _("one-line summary"),
        max_length=140,
        blank=True,
        help_text=_("What happens next, such as: A therapist calls you back."),
    )
    url = models.CharField(
        _("address"),
        max_length=300,
        blank=True,
        validators=[href.validate_link],
        help_text=_("For a page: its link, such as /articles/sciatica/."),
    )
    order = models.PositiveSmallIntegerField(_("order"), default=0)

    class Meta:
        ordering = ["order", "id"]
        verbose_name = _("way to get started")
        verbose_name_plural = _("ways to get started")
        constraints = [
            models.CheckConstraint(
                name="way_to_start_leads_somewhere",
                condition=(Q(kind="link") & ~Q(url="")) | (~Q(kind="link") & Q(url="")),
                violation_error_message=_("A page needs a link; the other kinds do not."),
            ),
            models.CheckConstraint(
                name="way_to_start_link_is_safe",
                condition=Q(url="") | href.is_link("url") | href.is_own_path("url"),
                violation_error_message=href.REFUSAL,
            ),
        ]

    def __str__(self) -> str:
        return self.label
