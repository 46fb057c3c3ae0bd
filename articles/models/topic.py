from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from clinic.lib.fields.bounded_text import LONG, BoundedTextField
from clinic.lib.fields.reserved_slugs import validate_slug_is_free
from clinic.lib.fields.visible_text import LineField
from clinic.models.service import Place


class Topic(models.Model):
    """A subject heading, where it has one with its place on the body."""

    name = LineField(_("name"), max_length=80, unique=True)
    slug = models.SlugField(_("slug"), unique=True, validators=[validate_slug_is_free])
    hint = LineField(
        _("one-line summary"),
        max_length=120,
        blank=True,
        help_text=_("Shown under the name in lists: how people describe the problem."),
    )
    introduction = BoundedTextField(
        _("introduction"),
        max_length=LONG,
        blank=True,
        help_text=_("You can format this text with Markdown."),
    )
    place = models.CharField(
        _("part of the body"),
        max_length=12,
        choices=Place,
        blank=True,
        help_text=_(
            "Topics with a part of the body appear on the home page under “Where does it hurt?”"
        ),
    )
    services = models.ManyToManyField(
        "clinic.Service", verbose_name=_("services"), blank=True, related_name="topics"
    )
    order = models.PositiveSmallIntegerField(_("order"), default=0)

    class Meta:
        ordering = ["order", "name", "id"]
        verbose_name = _("topic")

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("articles:topic", args=[self.slug])
