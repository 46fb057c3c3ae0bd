from datetime import datetime

from django.conf import settings
from django.db import models
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from clinic.lib.fields.encrypted import EncryptedTextField


class MistakeQuerySet(models.QuerySet["MistakeReport"]):
    def open(self) -> "MistakeQuerySet":
        """The tasks."""
        return self.filter(done_at=None)

    def over(self, at: datetime) -> "MistakeQuerySet":
        """Those that were dealt with by this moment."""
        return self.filter(done_at__lte=at)


class MistakeReport(models.Model):
    """What a reader thinks is wrong in an article: a task for whoever looks after it.

    Nothing is kept of who reported it. Readers may write about themselves all the same, so the
    text is encrypted like everything that patients write.
    """

    article = models.ForeignKey(
        "articles.Article", on_delete=models.CASCADE, related_name="mistakes"
    )
    edition = models.PositiveIntegerField()  # the number of the one that was read
    text = EncryptedTextField(_("what is wrong"))
    reported_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    objects = MistakeQuerySet.as_manager()

    class Meta:
        ordering = ["-reported_at", "-id"]
        verbose_name = _("reported mistake")
        verbose_name_plural = _("reported mistakes")
        indexes = [
            models.Index(
                name="mistake_to_see_to",
                fields=["article", "reported_at"],
                condition=models.Q(done_at=None),
            )
        ]

    def __str__(self) -> str:
        return f"{self.article_id}, {date_format(localtime(self.reported_at))}"
