"""Makes the pages that are read most again after a change, before their next visitor asks."""

import logging
from threading import Event, Thread

from clinic.lib.web.pagestore import READ_VERSION_EVERY, PageStore

logger = logging.getLogger(__name__)


class Warmer:
    """A thread of a web process that looks once a second whether the store was emptied."""

    def __init__(self, store: PageStore) -> None:
        self.store = store
        self._stopped = Event()

    def start(self) -> None:
        """Begin. The thread ends with its process, or by `stop`."""
        Thread(target=self._run, name="warmer", daemon=True).start()

    def stop(self) -> None:
        self._stopped.set()

    def look(self) -> int:
        """Make what is due, one page after the other; count them. When another change comes
        meanwhile, it begins again."""
        made = 0
        while not self._stopped.is_set() and (place := self.store.next_to_warm()):
            self.store.warm(place)
            made += 1
        return made

    def _run(self) -> None:
        while not self._stopped.wait(READ_VERSION_EVERY):
            try:
                self.look()
            except Exception:
                logger.exception("Pages could not be made again after a change.")
