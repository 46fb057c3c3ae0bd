from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clinic.lib.fields import href
from clinic.lib.fields.visible_text import LineField


class Redirect(models.Model):
    """A past address. It leads to the thing that had it, wherever that is now.

    An address that was once public is never given to another thing: `path` is unique, and
    clinic.site.redirects asks here before a slug is taken.
    """

    path = LineField(
        _("old address"),
        max_length=400,
        unique=True,
        help_text=_("Without the domain: /old-page/"),
    )
    kind = models.CharField(_("kind"), max_length=20, blank=True, editable=False)
    object_id = models.PositiveBigIntegerField(null=True, blank=True, editable=False)
    to_path = LineField(
        _("redirects to"),
        max_length=400,
        blank=True,
        help_text=_("A page on this site: /articles/back-pain/"),
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["path"]
        verbose_name = _("redirect")
        constraints = [
            models.CheckConstraint(
                name="redirect_leads_to_one_place",
                condition=(Q(object_id__isnull=False) & ~Q(kind="") & Q(to_path=""))
                | (Q(object_id__isnull=True) & Q(kind="") & ~Q(to_path="")),
                violation_error_message=_("Enter where the address redirects to."),
            ),
            models.CheckConstraint(
                name="redirect_paths_are_local",
                condition=Q(path__startswith="/")
                & ~Q(path__startswith="//")
                & (Q(to_path="") | (Q(to_path__startswith="/") & ~Q(to_path__startswith="//"))),
                violation_error_message=_("Start the address with a slash: /old-page/"),
            ),
            models.CheckConstraint(
                name="redirect_stays_on_this_site",
                condition=Q(to_path="") | href.is_own_path("to_path"),
                violation_error_message=_("This is not an address of this site."),
            ),
        ]

    def __str__(self) -> str:
        return self.path
