"""The library of images and the smaller copies made of them.

Models' admin, the importers and the demo call it. It must not know who shows an image.
"""

from clinic.pictures.library import (
    add,
    delete_files,
    files_of,
    files_undone,
    received,
    store,
    unused,
    uses,
    with_use_count,
)
from clinic.pictures.replacing import forget, replace

__all__ = [
    "add",
    "delete_files",
    "files_of",
    "files_undone",
    "forget",
    "received",
    "replace",
    "store",
    "unused",
    "uses",
    "with_use_count",
]
