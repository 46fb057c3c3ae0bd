"""Synthetic data for measuring: what apps register as fillers, on top of the demo clinic.

The n-th thing of a kind is the same in every database: it is drawn from a generator of its own.
"""

import random
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime

from clinic import hooks
from clinic.models import Clinic
from clinic.operations import demo
from clinic.site import page_context

BATCH = 50


class NotFilled(Exception):
    """The text says why, and what would help."""


def names() -> list[str]:
    """What can be added, in the order in which it is."""
    return [filler.name for filler in sorted(hooks.fillers, key=lambda filler: filler.order)]


def fill(
    counts: Mapping[str, int],
    *,
    at: datetime,
    anyway: bool = False,
    said: Callable[[str, int], object] = lambda name, done: None,
) -> None:
    """Add so many things of each kind, with moments before `at`; an empty database gets the demo
    clinic first. `said(name, done)` is called after each. What was added before an error stays.

    Raises NotFilled for a clinic that is no demo, unless `anyway`.
    """
    if demo.is_empty():
        demo.load_all(at)
    elif not anyway and not Clinic.objects.filter(is_demo=True).exists():
        raise NotFilled(
            "This database contains a clinic that is not a demo. Use --anyway to publish invented "
            "articles on it and add invented people to its inbox."
        )
    for filler in sorted(hooks.fillers, key=lambda filler: filler.order):
        steps = filler.fill(counts.get(filler.name, 0), at)
        for done, _ in enumerate(steps, start=1):
            said(filler.name, done)
    page_context.forget()


def random_for(kind: str, number: int) -> random.Random:
    """The generator of one thing: the same numbers on every machine."""
    return random.Random(f"{kind} {number}")  # noqa: S311


def batches(first: int, count: int) -> Iterator[range]:
    """The numbers from `first` on, cut so that what is made of a piece fits one transaction."""
    for start in range(first, first + count, BATCH):
        yield range(start, min(start + BATCH, first + count))
