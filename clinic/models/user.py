from django.contrib.auth.models import AbstractUser


class User(AbstractUser):
    """Somebody of the staff who signs in. Patients have no account."""

    def __str__(self) -> str:
        return self.get_full_name() or self.username
