from django.db import models
from django.utils.translation import gettext_lazy as _

from clinic.lib.fields.visible_text import LineField


class Insurer(models.Model):
    """An insurer whose patients the clinic sees; pages show them in the order staff chose."""

    clinic = models.ForeignKey(
        "clinic.Clinic", default=1, on_delete=models.CASCADE, related_name="insurers"
    )
    name = LineField(_("name"), max_length=80)
    bills_directly = models.BooleanField(
        _("we bill them directly"),
        default=True,
        help_text=_("If not, patients pay first and claim it back."),
    )
    note = LineField(
        _("note"),
        max_length=160,
        blank=True,
        help_text=_("Such as: A referral is needed. Bring your member card."),
    )
    order = models.PositiveSmallIntegerField(_("order"), default=0)

    class Meta:
        ordering = ["order", "name", "id"]
        verbose_name = _("insurer")

    def __str__(self) -> str:
        return self.name
