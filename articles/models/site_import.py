"""An import of a whole website from the desk: its files, what was chosen, and its report."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

# What articles.importers.wordpress says of an entry, in words.
OUTCOMES = {
    "created": _("A draft was created"),
    "already imported": _("Imported before, and left as it is"),
    "skipped": _("Skipped"),
    "failed": _("Could not be imported"),
}


class SiteImportQuerySet(models.QuerySet["SiteImport"]):
    def waiting(self, at: datetime) -> "SiteImportQuerySet":
        """Return those that the worker has something to do for, and that no worker has in hand."""
        free = models.Q(leased_until=None) | models.Q(leased_until__lt=at)
        working = [SiteImport.State.READING, SiteImport.State.WORKING]
        return self.filter(free, state__in=working).order_by("pk")


class SiteImport(models.Model):
    """One export of a former site: the worker reads it, staff choose, the worker takes it in."""

    class State(models.TextChoices):
        READING = "reading", _("Reading the export")
        READY = "ready", _("Ready for your choices")
        WORKING = "working", _("Importing")
        DONE = "done", _("Imported")
        FAILED = "failed", _("Could not be read")

    name = models.CharField(max_length=200)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.READING)
    leased_until = models.DateTimeField(null=True)
    found = models.JSONField(default=dict)
    chosen = models.JSONField(default=dict)
    problem = models.CharField(max_length=300, default="")

    objects = SiteImportQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return self.name


class SiteImportFile(models.Model):
    """An uploaded file of an import: the export, or a zip of images. Deleted when it is done."""

    site_import = models.ForeignKey(SiteImport, on_delete=models.CASCADE, related_name="files")
    name = models.CharField(max_length=200)
    is_export = models.BooleanField(default=False)
    content = models.BinaryField()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name


class SiteImportLine(models.Model):
    """What happened to one post or page; `is_done`: somebody has dealt with it."""

    site_import = models.ForeignKey(SiteImport, on_delete=models.CASCADE, related_name="lines")
    line = models.PositiveIntegerField()
    kind = models.CharField(max_length=100)
    title = models.CharField(max_length=300)
    former = models.CharField(max_length=500)
    day = models.CharField(max_length=40)
    became = models.CharField(max_length=30)
    article = models.ForeignKey(
        "articles.Article", on_delete=models.SET_NULL, null=True, related_name="+"
    )
    notes = models.JSONField(default=list)
    sources = models.JSONField(default=list)
    comments = models.JSONField(default=list)
    is_done = models.BooleanField(default=False)

    class Meta:
        ordering = ["line"]
        constraints = [
            models.UniqueConstraint(
                fields=["site_import", "line"], name="one_report_line_of_each_entry"
            )
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def became_here(self) -> str:
        """What happened to it, in words."""
        return str(OUTCOMES.get(self.became, self.became))
