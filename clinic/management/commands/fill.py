"""`manage.py fill --articles N --enquiries N --references N --rosters N`: synthetic data for
measuring."""

from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from clinic.operations import sample_data

SAY_EVERY = 100


def number(text: str) -> int:
    """A count from the command line."""
    if not text.isdecimal():
        raise ArgumentTypeError(f"{text} is not a whole number.")
    return int(text)


class Command(BaseCommand):
    help = (
        "Adds synthetic articles, references, enquiries and rosters to a demo, for measuring. An "
        "empty database gets the demo clinic first. `demo --remove` removes everything."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        for name in sample_data.names():
            parser.add_argument(f"--{name}", type=number, default=0, metavar="N")
        parser.add_argument(
            "--anyway", action="store_true", help="Also fill a clinic that is not a demo."
        )

    def handle(self, *, anyway: bool, **options: Any) -> None:
        counts = {name: options[name] for name in sample_data.names()}
        if not any(counts.values()):
            wanted = " ".join(f"--{name} N" for name in counts)
            raise CommandError(f"Say how many: {wanted}.", returncode=2)

        def say(name: str, done: int) -> None:
            if done % SAY_EVERY == 0 or done == counts[name]:
                self.stdout.write(f"{name}: {done} of {counts[name]}")

        try:
            sample_data.fill(counts, at=timezone.now(), anyway=anyway, said=say)
        except sample_data.NotFilled as error:
            raise CommandError(str(error), returncode=2) from None
