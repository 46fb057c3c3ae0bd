"""Files of the export's own library."""

import re
from collections.abc import Callable
from dataclasses import dataclass

PICTURE_FILE = re.compile(r"\.(?:jpe?g|png|gif|webp|avif)$", re.IGNORECASE)

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Attached:
    """A picture or other file of the export's own library. `post`: the number of the text for which
    it was uploaded; `order`: its place among those of this text."""

    url: str
    title: str = ""
    alt: str = ""
    caption: str = ""
    post: str = ""
    order: int = 0

    @property
    def is_picture(self) -> bool:
        return bool(PICTURE_FILE.search(self.url))
