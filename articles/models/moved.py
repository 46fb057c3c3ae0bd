from django.db import models
from django.utils.translation import gettext_lazy as _


class Moved(models.Model):
    """Where a text stood on the clinic's former website: an import that is run again finds it."""

    article = models.ForeignKey(
        "articles.Article", on_delete=models.CASCADE, related_name="moved_from"
    )
    # What the former site called the text for good, usually an address with a number. Copies of a
    # post, and posts of merged sites, share it.
    guid = models.CharField(_("WordPress GUID"), max_length=400)
    # Its number, date and title there; empty for what was imported before these were kept.
    name = models.CharField(max_length=400, blank=True)

    class Meta:
        verbose_name = _("imported article")
        constraints = [
            models.UniqueConstraint(fields=["guid", "name"], name="moved_once"),
        ]

    def __str__(self) -> str:
        return self.guid
