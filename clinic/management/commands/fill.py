"""`manage.py fill --articles N --enquiries N --references N`: synthetic data for measuring."""

from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from clinic import filling

SAY_EVERY = 100


def number(text: str) -> int:
    """A count from the command line."""
    if not text.isdecimal():
        raise ArgumentTypeError(f"{text} is not a number of things.")
    return int(text)


class Command(BaseCommand):
    help = (
        "Adds synthetic articles, references and enquiries to a demo, to measure with. An empty "
        "database gets the demo clinic first; `demo --remove` takes all of it away."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        for name in filling.names():
            parser.add_argument(f"--{name}", type=number, default=0, metavar="N")
        parser.add_argument(
            "--anyway", action="store_true", help="Also into a clinic that is no demo."
        )

    def handle(self, *, anyway: bool, **options: Any) -> None:
        counts = {name: options[name] for name in filling.names()}
        if not any(counts.values()):
            wanted = " ".join(f"--{name} N" for name in counts)
            raise CommandError(f"Say how many: {wanted}.", returncode=2)

        def say(name: str, done: int) -> None:
            if done % SAY_EVERY == 0 or done == counts[name]:
                self.stdout.write(f"{name}: {done} of {counts[name]}")

        try:
            filling.fill(counts, at=timezone.now(), anyway=anyway, said=say)
        except filling.NotFilled as error:
            raise CommandError(str(error), returncode=2) from None
