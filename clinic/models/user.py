"""Who signs in, and what happened to accounts (clinic.accounts.security_log writes it)."""

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _

from clinic.lib.fields.visible_text import EmailAddressField, LineField


class User(AbstractUser):
    """A member of staff who signs in. Patients have no account."""

    first_name = LineField(_("first name"), max_length=150, blank=True)
    last_name = LineField(_("last name"), max_length=150, blank=True)
    email = EmailAddressField(_("email address"), blank=True)

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")

    def __str__(self) -> str:
        return self.get_full_name() or self.username


class SecurityEvent(models.Model):
    """A line of the security log, for managers. Never changed, but for the count of a FAILED."""

    class Kind(models.TextChoices):
        SIGNED_IN = "signed-in", _("signed in")
        FAILED = "failed", _("failed sign-ins in an hour")
        SESSIONS = "sessions", _("signed out elsewhere")
        PASSWORD = "password", _("password")
        FACTOR = "factor", _("two-step sign-in")
        ROLES = "roles", _("roles")
        ACCOUNT = "account", _("account")
        EXPORTED = "exported", _("requests exported")
        ERASED = "erased", _("requests erased")

    at = models.DateTimeField(_("when"))
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    account = models.ForeignKey(
        User,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("account"),
    )
    by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("by")
    )
    note = LineField(_("what"), max_length=200, blank=True)
    number = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("line of the security log")
        verbose_name_plural = _("lines of the security log")
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["-at"], name="security_event_newest")]
        constraints = [
            models.UniqueConstraint(
                name="one_row_of_failed_sign_ins_per_hour",
                fields=["at"],
                condition=models.Q(kind="failed"),
            )
        ]

    def __str__(self) -> str:
        return f"security event {self.pk}"
