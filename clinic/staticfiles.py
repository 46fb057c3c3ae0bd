"""Static files: hashed, modules in modules too, compressed, and each style sheet in one piece."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import Storage
from whitenoise.storage import CompressedManifestStaticFilesStorage

SHEETS = ("css/site.css", "css/admin.css")
IMPORT = re.compile(r'@import url\("([\w-]+\.css)"\)(?: layer\(([\w-]+)\))?;\n')


class OneSheetStorage(CompressedManifestStaticFilesStorage):
    """Puts what each of SHEETS imports in its place, a file with a layer as that layer.

    The sources stay small and work as they are; a page asks for one style sheet instead of a
    chain of them. https://www.w3.org/TR/css-cascade-5/#layering
    """

    # Modules import each other by their hashed names too: kept for good, they would stay old.
    support_js_module_import_aggregation = True

    def post_process(
        self, paths: dict[str, tuple[Storage, str]], dry_run: bool = False, **options: Any
    ) -> Iterator[Any]:
        for sheet in () if dry_run else SHEETS:
            if sheet in paths:
                self.delete(sheet)
                self.save(sheet, ContentFile(inline(sheet, paths).encode()))
                paths = {**paths, sheet: (self, sheet)}
        yield from super().post_process(paths, dry_run, **options)


def inline(sheet: str, paths: Mapping[str, tuple[Storage, str]]) -> str:
    """The text of a style sheet with the files beside it that it imports.

    Raises KeyError for a file that is not among `paths`.
    """
    folder = sheet.rpartition("/")[0]

    def read(path: str) -> str:
        storage, name = paths[path]
        with storage.open(name) as file:
            return file.read().decode()

    def imported(found: re.Match[str]) -> str:
        text = read(f"{folder}/{found[1]}")
        return f"@layer {found[2]} {{\n{text}}}\n" if found[2] else text

    return IMPORT.sub(imported, read(sheet))
