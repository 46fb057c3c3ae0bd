from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from clinic.models.service import Place
from clinic.slugs import validate_slug_is_free


class Topic(models.Model):
    """A subject heading, where it has one with its place on the body."""

    name = models.CharField(_("name"), max_length=80, unique=True)
    slug = models.SlugField(_("address word"), unique=True, validators=[validate_slug_is_free])
    hint = models.CharField(
        _("one line"),
        max_length=120,
        blank=True,
        help_text=_("Under the name in lists: what people say who have it."),
    )
    introduction = models.TextField(_("introduction"), blank=True, help_text=_("Markdown."))
    place = models.CharField(
        _("place on the body"),
        max_length=12,
        choices=Place,
        blank=True,
        help_text=_("Topics with a place stand on the home page under “Where does it hurt?”"),
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
