"""What bookings connects when it starts."""


def connect() -> None:
    """Called once, when Django has loaded all apps."""
