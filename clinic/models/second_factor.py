"""What is needed besides the password (clinic.accounts.second_factor has the rules)."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from clinic.lib.fields.encrypted import EncryptedTextField


class SecondFactor(models.Model):
    """The authenticator app of one account. A row is a factor that has been tried out."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="second_factor"
    )
    secret = EncryptedTextField()
    # The newest step whose code was taken (RFC 6238, 5.2): it and older ones are refused.
    last_step = models.PositiveBigIntegerField()
    made_at = models.DateTimeField()

    class Meta:
        verbose_name = _("two-step sign-in")

    def __str__(self) -> str:
        return f"two-step sign-in {self.pk}"


class RecoveryCode(models.Model):
    """One code for the day when the phone is away, as an HMAC: the code itself is shown once."""

    factor = models.ForeignKey(
        SecondFactor, on_delete=models.CASCADE, related_name="recovery_codes"
    )
    digest = models.CharField(max_length=64)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("recovery code")
        constraints = [
            models.UniqueConstraint(name="recovery_code_is_new", fields=["factor", "digest"])
        ]

    def __str__(self) -> str:
        return f"recovery code {self.pk}"
