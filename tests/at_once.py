"""Several who do the same at the same moment."""

import threading
from collections.abc import Callable
from typing import Any

from django.db import connections

MOST = 6


def at_once(act: Callable[[int], Any], count: int = MOST) -> list[Any]:
    """What `act` returned or raised in each of so many threads that start together."""
    start = threading.Barrier(count)
    answers: list[Any] = []

    def work(number: int) -> None:
        try:
            start.wait(timeout=60)
            answers.append(act(number))
        except Exception as error:
            answers.append(error)
        finally:
            connections.close_all()

    workers = [threading.Thread(target=work, args=[number]) for number in range(count)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(timeout=120)
    assert len(answers) == count
    return answers
