from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from clinic.lib.fields.bounded_text import SHORT, BoundedTextField
from clinic.lib.fields.visible_text import LineField


class Image(models.Model):
    """One picture, once. Photos, heroes, the logo and pictures in texts all refer to it.

    The file is what clinic.lib.images made of the upload: decoded, turned upright, without
    metadata, named by its content.
    """

    FOLDER = "/media/"  # before the file's name, where a text shows a picture

    file = models.ImageField(
        _("image"), upload_to="images/", width_field="width", height_field="height"
    )
    width = models.PositiveIntegerField(editable=False)
    height = models.PositiveIntegerField(editable=False)
    sha256 = models.CharField(max_length=64, unique=True, editable=False)
    alt = LineField(
        _("alt text"),
        max_length=250,
        blank=True,
        help_text=_(
            "Describe the image for people who can’t see it. Required before the image can be "
            "published."
        ),
    )
    credit = LineField(_("credit"), max_length=160, blank=True)
    licence = LineField(_("licence"), max_length=80, blank=True)
    consent_note = BoundedTextField(
        _("consent"),
        max_length=SHORT,
        blank=True,
        help_text=_("For images of people: who gave consent, for what, and when."),
    )
    focal_x = models.FloatField(
        _("focal point, horizontal"),
        default=0.5,
        validators=[MinValueValidator(0), MaxValueValidator(1)],
        help_text=_("0 is the left edge, 1 the right. Crops keep this point in view."),
    )
    focal_y = models.FloatField(
        _("focal point, vertical"),
        default=0.5,
        validators=[MinValueValidator(0), MaxValueValidator(1)],
    )
    # Smaller copies, as clinic.pictures.renditions makes them: list of {"crop", "format", "width",
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

    @property
    def address(self) -> str:
        """How texts name the picture, wherever media are stored."""
        return f"{self.FOLDER}{self.file.name}"
