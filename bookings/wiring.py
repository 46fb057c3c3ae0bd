"""What bookings connects when it starts."""

from clinic.lib import guards


def connect() -> None:
    """Called once, when Django has loaded all apps."""
    guards.register(guards.NoOverlap("bookings_offer", "practitioner_id", "starts_at", "ends_at"))
