from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from clinic.lib.fields import href
from clinic.lib.fields.bounded_text import LONG, BoundedTextField
from clinic.lib.fields.reserved_slugs import validate_slug_is_free
from clinic.lib.fields.several import SeveralField
from clinic.lib.fields.visible_text import EmailAddressField, LineField
from clinic.models.service import LIMB_OF, Place


class Practitioner(models.Model):
    """Who treats here, or reviews what is published. With a user, one of the staff."""

    name = LineField(_("name"), max_length=80, help_text=_("With title, such as Dr. Hanna Weiss."))
    slug = models.SlugField(_("slug"), unique=True, validators=[validate_slug_is_free])
    role = LineField(_("profession"), max_length=80, help_text=_("Example: Physiotherapist."))
    summary = LineField(
        _("in one or two sentences"),
        max_length=240,
        blank=True,
        help_text=_("What they treat most often."),
    )
    photo = models.ForeignKey(
        "clinic.Image",
        verbose_name=_("photo"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    biography = BoundedTextField(
        _("biography"),
        max_length=LONG,
        blank=True,
        help_text=_("You can format this text with Markdown."),
    )
    languages = LineField(
        _("languages"), max_length=120, blank=True, help_text=_("Separated by commas.")
    )
    interests = LineField(
        _("conflicts of interest"),
        max_length=200,
        blank=True,
        help_text=_("Payments, courses, shares: anything readers should know about."),
    )
    services = models.ManyToManyField(
        "clinic.Service", verbose_name=_("services"), blank=True, related_name="practitioners"
    )
    places = SeveralField(
        _("parts of the body"),
        among=Place.choices,
        blank=True,
        help_text=_(
            "What they treat. Topics and articles about another part of the body do not list "
            "them. Leave empty if they treat all."
        ),
    )
    locations = models.ManyToManyField(
        "clinic.Location", verbose_name=_("works at"), blank=True, related_name="practitioners"
    )
    email = EmailAddressField(_("email (not shown)"), blank=True)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        verbose_name=_("user"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="practitioner",
        help_text=_("The account this person signs in with."),
    )
    takes_bookings = models.BooleanField(_("accepts appointments"), default=True)
    booking_url = models.URLField(
        _("external booking link"),
        blank=True,
        validators=[href.validate_outside],
        help_text=_("If this person uses another booking site, their Book buttons link there."),
    )
    is_public = models.BooleanField(_("shown on the site"), default=True)
    order = models.PositiveSmallIntegerField(_("order"), default=0)

    class Meta:
        ordering = ["order", "name", "id"]
        verbose_name = _("practitioner")
        constraints = [
            models.CheckConstraint(
                name="practitioner_booking_link_is_safe",
                condition=Q(booking_url="") | href.is_link("booking_url", href.OUTSIDE),
                violation_error_message=href.OUTSIDE_REFUSAL,
            )
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("practitioner", args=[self.slug])

    @property
    def address(self) -> str:
        """Where email to this person goes: to their account's address if there is one, otherwise
        to the address entered with their details."""
        user = self.user
        return (user.email if user and user.is_active else "") or self.email

    def treats(self, place: str) -> bool:
        """Return whether they treat this part of the body, by itself or as part of a limb; those
        who name none treat all."""
        own: list[str] = self.places
        return not (own and place) or bool({place, LIMB_OF.get(place, place)} & set(own))

    @property
    def spoken(self) -> list[str]:
        """The languages they speak."""
        return [word.strip() for word in self.languages.split(",") if word.strip()]

    @property
    def first_name(self) -> str:
        """The name without title and family name, for “Request an appointment with …”."""
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
        REGISTRATION = "registration", _("Registration")
        TRAINING = "training", _("Additional training")

    practitioner = models.ForeignKey(
        Practitioner, on_delete=models.CASCADE, related_name="credentials"
    )
    kind = models.CharField(_("kind"), max_length=16, choices=Kind)
    name = LineField(_("name"), max_length=120, help_text=_("Example: MSc Physiotherapy."))
    issuer = LineField(_("issued by"), max_length=120, blank=True)
    number = LineField(_("number"), max_length=60, blank=True)
    url = models.URLField(_("verification link"), blank=True, validators=[href.validate_outside])
    obtained_on = models.DateField(_("obtained on"), null=True, blank=True)
    valid_until = models.DateField(
        _("valid until"),
        null=True,
        blank=True,
        help_text=_("Last valid day. Leave empty if it does not expire."),
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
                violation_error_message=_("The expiry date can’t be before the date obtained."),
            ),
            models.CheckConstraint(
                name="credential_link_is_safe",
                condition=Q(url="") | href.is_link("url", href.OUTSIDE),
                violation_error_message=href.OUTSIDE_REFUSAL,
            ),
        ]

    def __str__(self) -> str:
        return self.name
