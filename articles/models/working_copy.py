from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

PRESENT_FOR = timedelta(minutes=2)


class WorkingCopyQuerySet(models.QuerySet["WorkingCopy"]):
    def present(self, at: datetime) -> "WorkingCopyQuerySet":
        """Of people whose editor has told of itself in the last two minutes."""
        return self.filter(seen_at__gt=at - PRESENT_FOR)


class WorkingCopy(models.Model):
    """What one person has open and not saved yet: one row for each article and person.

    Never part of the history. `fields` is empty while there is nothing unsaved.
    """

    article = models.ForeignKey(
        "articles.Article", null=True, on_delete=models.CASCADE, related_name="working_copies"
    )  # None: a text that was never saved
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="working_copies"
    )
    fields = models.JSONField(default=dict)  # field of the form → what stands in it
    revision = models.PositiveIntegerField(default=0)  # the article's, when it was opened
    opened_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    saved_at = models.DateTimeField(null=True)

    objects = WorkingCopyQuerySet.as_manager()

    class Meta:
        verbose_name = _("unsaved copy")
        constraints = [
            models.UniqueConstraint(
                name="one_working_copy_per_person", fields=["article", "person"]
            ),
            models.UniqueConstraint(
                name="one_new_text_per_person", fields=["person"], condition=Q(article=None)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id}: {self.article_id}"
