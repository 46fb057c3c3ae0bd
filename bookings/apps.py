from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BookingsConfig(AppConfig):
    name = "bookings"
    verbose_name = _("bookings")

    def ready(self) -> None:
        from bookings import startup

        startup.connect()
