"""Zip files of a former site: of its export, and of its uploads. Nothing is unpacked beyond what is
asked for, and never more than the site would take."""

import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import IO

from django.utils.translation import gettext as _

from articles.importers.wordpress.attached import PICTURE_FILE
from articles.importers.wordpress.export import Unreadable
from articles.importers.wordpress.site import MediaFolder

LARGEST_EXPORT = 100 * 1024 * 1024  # bytes, unpacked
LARGEST_PICTURE = 12 * 1024 * 1024  # bytes, as clinic.lib.images takes them
MOST_UNPACKED = 1024**3  # bytes of all pictures on the disk at one time
MOST_MEMBERS = 20_000
_STEP = 1024 * 1024


def opened(file: IO[bytes]) -> zipfile.ZipFile:
    """Open a zip file. Raises Unreadable for what is none, or holds too many files."""
    try:
        archive = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise Unreadable(_("This is not a zip file that can be read.")) from error
    if len(archive.infolist()) > MOST_MEMBERS:
        raise Unreadable(
            _("The zip file holds more than %(n)d files. Split it into smaller ones.")
            % {"n": MOST_MEMBERS}
        )
    return archive


def write_export(file: IO[bytes], into: Path) -> None:
    """Write the export that was uploaded, as XML or zipped, to a path. Raises Unreadable."""
    head = file.read(4)
    file.seek(0)
    if head != b"PK\x03\x04":
        _copy(file, into)
        return
    archive = opened(file)
    names = [name for name in archive.namelist() if name.lower().endswith(".xml")]
    if len(names) != 1:
        raise Unreadable(
            _("The zip file holds %(n)d XML files. Upload the parts of an export one by one.")
            % {"n": len(names)}
        )
    try:
        with archive.open(names[0]) as member:
            _copy(member, into)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError) as error:
        raise Unreadable(_("The zip file is damaged or protected by a password.")) from error


def _copy(source: IO[bytes], into: Path) -> None:
    size = 0
    with into.open("wb") as out:
        while piece := source.read(_STEP):
            size += len(piece)
            if size > LARGEST_EXPORT:
                raise Unreadable(
                    _("The export is larger than %(n)d MB. Export posts and pages separately.")
                    % {"n": LARGEST_EXPORT // 1024**2}
                )
            out.write(piece)


class MediaArchive(MediaFolder):
    """The pictures in zip files of wp-content/uploads; each is unpacked when it is asked for."""

    def __init__(self, archives: Iterable[zipfile.ZipFile], folder: Path) -> None:
        super().__init__(None)
        self._left = MOST_UNPACKED
        self._members: dict[Path, tuple[zipfile.ZipFile, zipfile.ZipInfo]] = {}
        for archive in archives:
            for member in archive.infolist():
                if not PICTURE_FILE.search(member.filename) or member.is_dir():
                    continue
                # Under a number: no name in a zip file is ever a path of ours.
                path = folder / f"{len(self._members)}{Path(member.filename).suffix.lower()}"
                self._members[path] = (archive, member)
                self.by_path[member.filename.strip("/")] = path
                self.by_name.setdefault(member.filename.rpartition("/")[2], []).append(path)

    def find(self, address: str) -> Path | None:
        """Return the unpacked picture of an address; None where there is none that can be read."""
        path = super().find(address)
        if path is None or path.exists():
            return path
        archive, member = self._members[path]
        try:
            with archive.open(member) as file:
                content = file.read(LARGEST_PICTURE + 1)  # whatever its header says
        except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, OSError):
            return None
        self._left -= len(content)
        if self._left < 0:
            return None
        path.write_bytes(content)
        return path
