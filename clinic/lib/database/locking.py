"""Lock, compare, act: nobody changes a row between the look of a verb and its act."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from django.db import transaction
from django.db.models import Model

Row = TypeVar("Row", bound=Model)


@contextmanager
def locked(row: Row, unchanged: Callable[[Row], None] | None = None) -> Iterator[Row]:
    """Yield the row as it is now, locked until the block ends.

    `unchanged` is called with it first, and raises if it is not what somebody saw when they asked
    for the act.
    """
    with transaction.atomic():
        fresh = type(row)._base_manager.select_for_update(of=("self",)).get(pk=row.pk)
        if unchanged:
            unchanged(fresh)
        yield fresh
