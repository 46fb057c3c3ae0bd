from django.contrib.auth.models import AbstractUser
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
