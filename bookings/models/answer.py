from django.db import models
from django.utils.translation import gettext_lazy as _

from clinic.lib.fields.bounded_text import BoundedTextField
from clinic.lib.fields.visible_text import LineField


class AnswerTemplate(models.Model):
    """Words that staff write often, to begin a reply with. Nothing of a patient."""

    title = LineField(_("title"), max_length=80, unique=True)
    text = BoundedTextField(
        _("text"),
        max_length=4000,
        help_text=_("Patients read it on their private page. It is never sent by email."),
    )

    class Meta:
        verbose_name = _("reply template")
        verbose_name_plural = _("reply templates")
        ordering = ["title", "id"]

    def __str__(self) -> str:
        return self.title
