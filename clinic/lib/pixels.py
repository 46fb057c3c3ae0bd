"""Decoding pictures from outside. Pillow alone, so that a process of its own starts fast.

Run as a script it is that process: the file on standard input, the result on standard output, one
line of JSON and then the picture. It limits its own memory and time before it reads anything, so
that no file, whatever its decoder makes of it, takes more from the machine.
"""

import io
import json
import resource
import sys
from typing import IO, Any

from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
SAVE_OPTIONS: dict[str, dict[str, Any]] = {
    "PNG": {"optimize": True},
    "JPEG": {"quality": 82, "progressive": True, "optimize": True},
    "WEBP": {"quality": 80, "method": 4},
    "GIF": {"optimize": True},
}
SRGB = ImageCms.createProfile("sRGB")

MOST_MEMORY = 400 * 1024 * 1024  # address space, in bytes
MOST_SECONDS = 4  # of the processor
# What a picture may take when it is decoded, in bytes. JPEG is decoded at a smaller size.
MOST_DECODED = 64 * 1024 * 1024


class Unfit(Exception):
    """A picture is not taken. `reason` is one of "format", "damaged", "pixels" and "costly"."""

    def __init__(self, reason: str, most: int = 0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.most = most  # pixels


def prepare(data: bytes, *, max_pixels: int, max_side: int) -> tuple[str, Image.Image, bytes]:
    """Decode a picture and encode it anew: its format, its pixels, and the new file.

    The size is read from the header and checked before anything is decoded. Raises Unfit.
    """
    image = _open(data, max_pixels)
    # Phones write several JPEG pictures into one file; the first is the photograph.
    kind = "JPEG" if image.format == "MPO" else str(image.format)
    try:
        picture = _plain(image, max_side)
        return kind, picture, encode(picture, kind)
    except MemoryError:
        raise Unfit("costly") from None
    except Exception as error:  # decoders raise whatever they stumble over
        raise Unfit("damaged") from error


def in_full_colour(image: Image.Image, profile: bytes | None = None) -> Image.Image:
    """The picture in RGB, or RGBA where it is transparent in places, or L where it is grey."""
    if image.mode.startswith("I"):  # 16 bits of grey, which convert() would cut off, not scale
        return image.convert("I").point(lambda level: level / 256).convert("L")
    mode = "L" if image.mode in ("1", "L") else "RGB"
    if image.has_transparency_data:
        mode = "RGBA"
    if image.mode not in (mode, "CMYK"):
        image = image.convert(mode)
    if profile and mode != "L":
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            image = ImageCms.profileToProfile(image, source, SRGB, outputMode=mode) or image
        except (ImageCms.PyCMSError, OSError):
            pass  # a profile that cannot be read is as good as none
    return image if image.mode == mode else image.convert(mode)


def encode(picture: Image.Image, kind: str, background: str = "white") -> bytes:
    """The picture as a file of this format."""
    if kind == "JPEG" and picture.mode == "RGBA":  # which has no transparency
        ground = Image.new("RGB", picture.size, background)
        ground.paste(picture, mask=picture.getchannel("A"))
        picture = ground
    out = io.BytesIO()
    picture.save(out, kind, **SAVE_OPTIONS[kind])
    return out.getvalue()


def _open(data: bytes, max_pixels: int) -> Image.Image:
    """Read the header only."""
    try:
        image = Image.open(io.BytesIO(data), formats=FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Unfit("pixels", max_pixels) from None
    except UnidentifiedImageError:
        raise Unfit("format") from None
    except MemoryError:
        raise Unfit("costly") from None
    except Exception as error:  # decoders raise whatever they stumble over
        raise Unfit("damaged") from error
    most = max_pixels
    if image.format not in ("JPEG", "MPO") and image.mode not in ("1", "L"):
        most = min(most, MOST_DECODED // 4)
    if image.width * image.height > most:
        raise Unfit("pixels", most)
    return image


def _plain(image: Image.Image, max_side: int) -> Image.Image:
    """Decode it whole; upright, in sRGB, within bounds, without metadata."""
    image.draft(None, (max_side, max_side))  # lets JPEG decode at a half, a quarter or an eighth
    image.load()
    ImageOps.exif_transpose(image, in_place=True)
    picture = in_full_colour(image, image.info.get("icc_profile"))
    picture.thumbnail((max_side, max_side), Image.Resampling.LANCZOS)
    picture.info.clear()
    return picture


def _limit() -> None:
    for what, most in (
        (resource.RLIMIT_AS, MOST_MEMORY),
        (resource.RLIMIT_CPU, MOST_SECONDS),
        (resource.RLIMIT_CORE, 0),
    ):
        _soft, hard = resource.getrlimit(what)
        if hard != resource.RLIM_INFINITY:
            most = min(most, hard)
        resource.setrlimit(what, (most, hard))


def main(arguments: list[str], source: IO[bytes], out: IO[bytes]) -> None:
    """Answer with the picture on `source`. Arguments: most pixels, and most pixels a side."""
    _limit()
    answer: dict[str, Any]
    content = b""
    try:
        max_pixels, max_side = map(int, arguments)
        kind, picture, content = prepare(source.read(), max_pixels=max_pixels, max_side=max_side)
        answer = {"kind": kind, "width": picture.width, "height": picture.height}
    except Unfit as unfit:
        answer = {"unfit": unfit.reason, "most": unfit.most}
    except MemoryError:
        answer = {"unfit": "costly", "most": 0}
    out.write(json.dumps(answer).encode() + b"\n" + content)


if __name__ == "__main__":
    main(sys.argv[1:], sys.stdin.buffer, sys.stdout.buffer)
