from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Version(models.Model):
    """What one thing that readers see said from one save on (clinic.site.versions).

    Database guards refuse to change or delete it. The thing may be gone: it is named by the label
    of its model and its key.
    """

    kind = models.CharField(max_length=60)
    object_id = models.PositiveBigIntegerField()
    number = models.PositiveIntegerField(_("version"))  # of this thing, from 1
    made_at = models.DateTimeField(_("saved"))
    # None: what was found at the next save, changed by no form of the staff.
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    by_name = models.CharField(_("saved by"), max_length=160, blank=True)
    content = models.JSONField()  # {"fields": {name: value}, "rows": {relation: [{name: value}]}}

    class Meta:
        default_permissions = ()  # who may see a thing may see its past
        ordering = ["kind", "object_id", "-number"]
        verbose_name = _("version")
        constraints = [
            models.UniqueConstraint(
                name="one_version_per_number", fields=["kind", "object_id", "number"]
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.object_id}: {self.number}"
