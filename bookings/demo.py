"""Requests of the demo clinic: invented people, in every state."""

from datetime import datetime


def load(at: datetime) -> None:
    """Add the demo's requests, once."""


def remove() -> None:
    """Take away every request."""
