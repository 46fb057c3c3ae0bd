from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from clinic.slugs import validate_slug_is_free


class Practitioner(models.Model):
    """Who treats here, or reviews what is published. With a user, one of the staff."""

    name = models.CharField(_("name"), max_length=80, help_text=_("With title: Dr Hanna Weiss."))
    slug = models.SlugField(_("address word"), unique=True, validators=[validate_slug_is_free])
    role = models.CharField(_("profession"), max_length=80, help_text=_("Such as Physiotherapist."))
    summary = models.CharField(
        _("in one or two sentences"), max_length=240, blank=True, help_text=_("What they see most.")
    )
    photo = models.ForeignKey(
        "clinic.Image",
        verbose_name=_("photo"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    biography = models.TextField(_("biography"), blank=True, help_text=_("Markdown."))
    languages = models.CharField(
        _("languages"), max_length=120, blank=True, help_text=_("Separated by commas.")
    )
    interests = models.CharField(
        _("interests declared"),
        max_length=200,
        blank=True,
        help_text=_("Payments, courses, shares: what a reader should know."),
    )
    services = models.ManyToManyField(
        "clinic.Service", verbose_name=_("services"), blank=True, related_name="practitioners"
    )
    locations = models.ManyToManyField(
        "clinic.Location", verbose_name=_("works at"), blank=True, related_name="practitioners"
    )
    email = models.EmailField(_("e-mail (not shown)"), blank=True)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        verbose_name=_("user"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="practitioner",
        help_text=_("The account with which this person signs in."),
    )
    takes_bookings = models.BooleanField(_("can be booked"), default=True)
    booking_url = models.URLField(
        _("outside booking address"),
        blank=True,
        help_text=_("If this person is booked elsewhere, their Book buttons go there."),
    )
    is_public = models.BooleanField(_("shown on the site"), default=True)
    order = models.PositiveSmallIntegerField(_("order"), default=0)

    class Meta:
        ordering = ["order", "name", "id"]
        verbose_name = _("practitioner")

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("practitioner", args=[self.slug])

    @property
    def first_name(self) -> str:
        """What stands on “Book with …”: the name without title and family name."""
        words = self.name.split()
        if len(words) > 1 and words[0].rstrip(".") in {"Dr", "Prof", "Mr", "Mrs", "Ms", "Mx"}:
            return self.name
        return words[0] if words else ""


class CredentialQuerySet(models.QuerySet["Credential"]):
    def valid(self, on: date) -> "CredentialQuerySet":
        return self.filter(Q(valid_until=None) | Q(valid_until__gte=on))


class Credential(models.Model):
    """A degree, registration or training. One that has expired is not shown."""

    class Kind(models.TextChoices):
        DEGREE = "degree", _("Degree")
        REGISTRATION = "registration", _("Registered")
        TRAINING = "training", _("Further training")

    practitioner = models.ForeignKey(
        Practitioner, on_delete=models.CASCADE, related_name="credentials"
    )
    kind = models.CharField(_("kind"), max_length=16, choices=Kind)
    name = models.CharField(_("name"), max_length=120, help_text=_("Such as MSc Physiotherapy."))
    issuer = models.CharField(_("issued by"), max_length=120, blank=True)
    number = models.CharField(_("number"), max_length=60, blank=True)
    url = models.URLField(_("where it can be checked"), blank=True)
    obtained_on = models.DateField(_("obtained on"), null=True, blank=True)
    valid_until = models.DateField(
        _("valid until"), null=True, blank=True, help_text=_("The last day. Empty: for good.")
    )

    objects = CredentialQuerySet.as_manager()

    class Meta:
        ordering = ["kind", "-obtained_on", "id"]
        verbose_name = _("credential")
        constraints = [
            models.CheckConstraint(
                name="credential_valid_after_obtained",
                condition=Q(valid_until=None)
                | Q(obtained_on=None)
                | Q(valid_until__gte=F("obtained_on")),
                violation_error_message=_("It cannot expire before it was obtained."),
            )
        ]

    def __str__(self) -> str:
        return self.name
