from django.db import models
from django.utils.translation import gettext_lazy as _


class AnswerTemplate(models.Model):
    """Words that staff write often, to begin an answer with. Nothing of a patient."""

    title = models.CharField(_("title"), max_length=80, unique=True)
    text = models.TextField(
        _("text"),
        max_length=4000,
        help_text=_("Patients read it on their own page. It is never sent by mail."),
    )

    class Meta:
        verbose_name = _("answer template")
        verbose_name_plural = _("answer templates")
        ordering = ["title", "id"]

    def __str__(self) -> str:
        return self.title
