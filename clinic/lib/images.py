"""Pictures from outside, made harmless: decoded, turned upright, bounded, encoded anew, nameless.

Only what Pillow decodes as one of four formats is taken; the name and the declared type of an
upload are not looked at. What comes out holds pixels in sRGB and nothing else. Decoding happens in
a process of its own with bounded memory and time (clinic.lib.pixels), one picture at a time.
"""

import hashlib
import io
import json
import subprocess
import sys
import threading
from dataclasses import dataclass
from typing import IO, Any, Literal

from django.utils.text import slugify
from django.utils.translation import gettext as _
from PIL import Image, ImageOps

from clinic.lib import pixels

Format = Literal["PNG", "JPEG", "WEBP", "GIF"]
FORMATS: tuple[Format, ...] = ("PNG", "JPEG", "WEBP", "GIF")
EXTENSIONS = {"PNG": "png", "JPEG": "jpg", "WEBP": "webp", "GIF": "gif"}
MIMES = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp", "GIF": "image/gif"}
ACCEPTED = ",".join(MIMES.values())  # for a field that takes files: phones then send a JPEG
# Brands of the files that phones and browsers make and Pillow does not read (ISO/IEC 23008-12, and
# the AVIF specification of the Alliance for Open Media).
HEIF = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1"}
AVIF = {b"avif", b"avis"}
MEGABYTE = 1024 * 1024
LONGEST_WAIT = 30.0  # seconds, for the pictures before this one, and for its own process

_one_at_a_time = threading.Lock()


class Refused(Exception):
    """A picture is not taken. The text is a sentence, translated, that says why and what to do."""


@dataclass(frozen=True)
class Intake:
    """A picture as it will be kept; width and height in pixels."""

    content: bytes
    extension: str
    width: int
    height: int
    sha256: str
    mime: str


def take_in(
    source: bytes | IO[bytes],
    *,
    max_bytes: int = 12 * MEGABYTE,
    max_pixels: int = 40_000_000,
    max_side: int = 2400,
) -> Intake:
    """Decode an upload and encode it anew in its own format, at most `max_side` pixels a side.

    Of an animation the first frame is kept. The size is read from the header and checked before
    anything is decoded. Raises Refused.
    """
    data = source if isinstance(source, bytes) else source.read(max_bytes + 1)
    if not data:
        raise Refused(_("This file is empty. Choose another one."))
    if brand := _brand(data):
        raise Refused(_why(brand, 0))
    if len(data) > max_bytes:
        raise Refused(
            _("This image is larger than %(most)d MB. Make it smaller and try again.")
            % {"most": max_bytes // MEGABYTE}
        )
    answer, content = _decoded(data, max_pixels, max_side)
    if "unfit" in answer:
        raise Refused(_why(answer["unfit"], answer["most"]))
    kind = answer["kind"]
    return Intake(
        content=content,
        extension=EXTENSIONS[kind],
        width=answer["width"],
        height=answer["height"],
        sha256=hashlib.sha256(content).hexdigest(),
        mime=MIMES[kind],
    )


def _brand(data: bytes) -> str:
    """Whether the file names itself HEIF or AVIF, in the box that it begins with; else nothing."""
    if data[4:8] != b"ftyp":
        return ""
    end = min(int.from_bytes(data[:4]), 256)
    brands = {data[at : at + 4] for at in (8, *range(16, end, 4))}
    return "avif" if brands & AVIF else "heif" if brands & HEIF else ""


def _decoded(data: bytes, max_pixels: int, max_side: int) -> tuple[dict[str, Any], bytes]:
    """What the process that decodes says of a picture, and the file that it made of it."""
    command = [sys.executable, "-I", pixels.__file__, str(max_pixels), str(max_side)]
    if not _one_at_a_time.acquire(timeout=LONGEST_WAIT):
        return {"unfit": "busy", "most": 0}, b""
    try:
        done = subprocess.run(
            command,
            input=data,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=LONGEST_WAIT,
        )
    except subprocess.TimeoutExpired:
        return {"unfit": "costly", "most": 0}, b""
    finally:
        _one_at_a_time.release()
    if done.returncode:  # it reached a limit
        return {"unfit": "costly", "most": 0}, b""
    said, _newline, content = done.stdout.partition(b"\n")
    return json.loads(said), content


def _why(reason: str, most: int) -> str:
    match reason:
        case "format":
            return _("This file type is not supported. Choose a PNG, JPEG, WebP or GIF image.")
        case "heif":
            return _(
                "HEIC photos from iPhones are not supported. On the iPhone, share or export the "
                "photo as a JPEG and upload that. To take new photos as JPEGs, choose Settings > "
                "Camera > Formats > Most Compatible."
            )
        case "avif":
            return _("AVIF images are not supported. Save the image as a JPEG or PNG file.")
        case "pixels":
            return _(
                "This image is larger than %(most)d megapixels. Make it smaller and try again."
            ) % {"most": most // 1_000_000}
        case "costly":
            return _(
                "This image takes too much memory or time to open. Make it smaller, or save it "
                "as a JPEG file, and try again."
            )
        case "busy":
            return _("Other images are being uploaded. Try again in a minute.")
    return _("This image is damaged or incomplete. Save it again, or choose another one.")


def file_name(intake: Intake, stem: str) -> str:
    """`stem-<12 hex of the content's hash>.ext`: other content, other name."""
    return f"{slugify(stem)[:60] or 'picture'}-{intake.sha256[:12]}.{intake.extension}"


def rendition(
    content: bytes,
    width: int,
    *,
    format: Format = "WEBP",
    focal: tuple[float, float] = (0.5, 0.5),
    ratio: float | None = None,
    background: str = "white",
) -> bytes:
    """A copy of a kept picture, at most `width` pixels wide; it is never enlarged.

    With a `ratio` (width to height) it is cropped about `focal`, which counts from 0 to 1 from the
    left and from the top. What is transparent gets the colour `background` in JPEG.
    """
    picture = pixels.in_full_colour(Image.open(io.BytesIO(content), formats=FORMATS))
    proportion = ratio or picture.width / picture.height
    fitting = min(width, picture.width, int(picture.height * proportion + 0.5))
    size = (max(1, fitting), max(1, round(fitting / proportion)))
    fitted = ImageOps.fit(picture, size, Image.Resampling.LANCZOS, centering=focal)
    return pixels.encode(fitted, format, background)
