from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _


class Image(models.Model):
    """One picture, once. Photos, heroes, the logo and pictures in texts all refer to it.

    The file is what clinic.lib.images made of the upload: decoded, turned upright, without
    metadata, named by its content.
    """

    file = models.ImageField(
        _("picture"), upload_to="images/", width_field="width", height_field="height"
    )
    width = models.PositiveIntegerField(editable=False)
    height = models.PositiveIntegerField(editable=False)
    sha256 = models.CharField(max_length=64, unique=True, editable=False)
    alt = models.CharField(
        _("alternative text"),
        max_length=250,
        blank=True,
        help_text=_(
            "What somebody who cannot see the picture needs to know. It must be given before the "
            "picture can be published."
        ),
    )
    credit = models.CharField(_("credit"), max_length=160, blank=True)
    licence = models.CharField(_("licence"), max_length=80, blank=True)
    consent_note = models.TextField(
        _("consent"),
        blank=True,
        help_text=_("For pictures of people: who agreed to what, and when."),
    )
    focal_x = models.FloatField(
        _("focal point from the left"),
        default=0.5,
        validators=[MinValueValidator(0), MaxValueValidator(1)],
        help_text=_("0 is the left edge, 1 the right. Crops keep this point."),
    )
    focal_y = models.FloatField(
        _("focal point from the top"),
        default=0.5,
        validators=[MinValueValidator(0), MaxValueValidator(1)],
    )
    # Smaller copies, as clinic.renditions makes them: list of {"crop", "format", "width",
    # "height", "file"}. Empty until the worker has made them; the file itself serves meanwhile.
    renditions = models.JSONField(default=list, blank=True, editable=False)
    renditions_due = models.BooleanField(default=True, editable=False, db_index=True)
    uploaded_at = models.DateTimeField(auto_now_add=True)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="+",
    )

    class Meta:
        ordering = ["-uploaded_at", "-id"]
        verbose_name = _("image")
        indexes = [
            models.Index(name="image_newest", fields=["-uploaded_at", "-id"]),
            models.Index(
                name="image_undescribed",
                fields=["-uploaded_at", "-id"],
                condition=models.Q(alt=""),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="image_focal_point_inside",
                condition=models.Q(focal_x__gte=0, focal_x__lte=1, focal_y__gte=0, focal_y__lte=1),
            )
        ]

    def __str__(self) -> str:
        return self.alt or str(self.file.name)
