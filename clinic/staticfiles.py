"""Static files: hashed, modules in modules too, compressed, and the style sheet in one piece."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import Storage
from whitenoise.storage import CompressedManifestStaticFilesStorage

SHEET = "css/site.css"
IMPORT = re.compile(r'@import url\("([\w-]+\.css)"\) layer\(([\w-]+)\);\n')


class OneSheetStorage(CompressedManifestStaticFilesStorage):
    """Puts what css/site.css imports in its place, each file as the layer it is imported into.

    The sources stay small and work as they are; a page asks for one style sheet instead of a
    chain of them. https://www.w3.org/TR/css-cascade-5/#layering
    """

    # Modules import each other by their hashed names too: kept for good, they would stay old.
    support_js_module_import_aggregation = True

    def post_process(
        self, paths: dict[str, tuple[Storage, str]], dry_run: bool = False, **options: Any
    ) -> Iterator[Any]:
        if SHEET in paths and not dry_run:
            self.delete(SHEET)
            self.save(SHEET, ContentFile(inline(SHEET, paths).encode()))
            paths = {**paths, SHEET: (self, SHEET)}
        yield from super().post_process(paths, dry_run, **options)


def inline(sheet: str, paths: Mapping[str, tuple[Storage, str]]) -> str:
    """The text of a style sheet with the files beside it that it imports into layers.

    Raises KeyError for a file that is not among `paths`.
    """
    folder = sheet.rpartition("/")[0]

    def read(path: str) -> str:
        storage, name = paths[path]
        with storage.open(name) as file:
            return file.read().decode()

    def layer(found: re.Match[str]) -> str:
        return f"@layer {found[2]} {{\n{read(f'{folder}/{found[1]}')}}}\n"

    return IMPORT.sub(layer, read(sheet))
