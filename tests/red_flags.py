"""Red flags for a service of a test."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from clinic.models import RedFlag


def add(
    service: Any, *sentences: str, level: str = "emergency", places: Sequence[str] = ()
) -> "list[RedFlag]":
    """Make red flags of one level, in this order, and give them to the service, if there is one."""
    from clinic.models import RedFlag  # conftest imports this before Django has its models

    flags = []
    for sentence in sentences:
        order = RedFlag.objects.count() + 1
        flag = RedFlag.objects.create(
            sentence=sentence, level=level, places=list(places), order=order
        )
        if service is not None:
            flag.services.add(service)
        flags.append(flag)
    return flags
