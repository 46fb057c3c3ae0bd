from django.db import models
from django.utils.translation import gettext_lazy as _


class Moved(models.Model):
    """Where a text stood on the clinic's former website: an import that is run again finds it."""

    article = models.ForeignKey(
        "articles.Article", on_delete=models.CASCADE, related_name="moved_from"
    )
    # The name that the former site gave to the text for good, usually an address with a number.
    guid = models.CharField(_("former name"), max_length=400, unique=True)

    class Meta:
        verbose_name = _("former place")

    def __str__(self) -> str:
        return self.guid
