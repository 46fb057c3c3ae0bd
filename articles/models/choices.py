"""Choices that articles and editions share."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    ARTICLE = "article", _("Article")
    PAGE = "page", _("Page")


class Certainty(models.TextChoices):
    """How strong the evidence is, as a clinical reviewer judged it."""

    FIRM = "firm", _("Strong evidence")
    FAIR = "fair", _("Moderate evidence")
    THIN = "thin", _("Limited evidence")
