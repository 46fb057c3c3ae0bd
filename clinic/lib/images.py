"""Pictures from outside, made harmless: decoded, turned upright, bounded, encoded anew, nameless.

Only what Pillow decodes as one of four formats is taken; the name and the declared type of an
upload are not looked at. What comes out holds pixels in sRGB and nothing else.
"""

import hashlib
import io
from dataclasses import dataclass
from typing import IO, Any, Literal

from django.utils.text import slugify
from django.utils.translation import gettext as _
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

Format = Literal["PNG", "JPEG", "WEBP", "GIF"]
FORMATS: tuple[Format, ...] = ("PNG", "JPEG", "WEBP", "GIF")
EXTENSIONS = {"PNG": "png", "JPEG": "jpg", "WEBP": "webp", "GIF": "gif"}
SAVE_OPTIONS: dict[str, dict[str, Any]] = {
    "PNG": {"optimize": True},
    "JPEG": {"quality": 82, "progressive": True, "optimize": True},
    "WEBP": {"quality": 80, "method": 4},
    "GIF": {"optimize": True},
}
MEGABYTE = 1024 * 1024
SRGB = ImageCms.createProfile("sRGB")


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
    if len(data) > max_bytes:
        raise Refused(
            _("This picture has more than %(most)d MB. Make it smaller and try again.")
            % {"most": max_bytes // MEGABYTE}
        )
    image = _open(data, max_pixels)
    # Phones write several JPEG pictures into one file; the first is the photograph.
    kind = "JPEG" if image.format == "MPO" else str(image.format)
    try:
        picture = _plain(image, max_side)
    except Exception as error:  # decoders raise whatever they stumble over
        raise Refused(
            _("This picture is damaged or incomplete. Save it again, or choose another one.")
        ) from error
    content = _encode(picture, kind)
    return Intake(
        content=content,
        extension=EXTENSIONS[kind],
        width=picture.width,
        height=picture.height,
        sha256=hashlib.sha256(content).hexdigest(),
        mime=Image.MIME[kind],
    )


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
    picture = _in_full_colour(Image.open(io.BytesIO(content), formats=FORMATS))
    proportion = ratio or picture.width / picture.height
    fitting = min(width, picture.width, int(picture.height * proportion + 0.5))
    size = (max(1, fitting), max(1, round(fitting / proportion)))
    return _encode(
        ImageOps.fit(picture, size, Image.Resampling.LANCZOS, centering=focal), format, background
    )


def _open(data: bytes, max_pixels: int) -> Image.Image:
    """Read the header only."""
    too_large = Refused(
        _("This picture has more than %(most)d megapixels. Make it smaller and try again.")
        % {"most": max_pixels // 1_000_000}
    )
    try:
        image = Image.open(io.BytesIO(data), formats=FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise too_large from None
    except UnidentifiedImageError:
        raise Refused(
            _("This is not a picture that we can use. Choose a PNG, JPEG, WebP or GIF file.")
        ) from None
    except Exception as error:  # decoders raise whatever they stumble over
        raise Refused(
            _("This picture is damaged. Save it again, or choose another one.")
        ) from error
    if image.width * image.height > max_pixels:
        raise too_large
    return image


def _plain(image: Image.Image, max_side: int) -> Image.Image:
    """Decode it whole; upright, in sRGB, within bounds, without metadata."""
    image.draft(None, (max_side, max_side))  # lets JPEG decode at a half, a quarter or an eighth
    image.load()
    ImageOps.exif_transpose(image, in_place=True)
    picture = _in_full_colour(image, image.info.get("icc_profile"))
    picture.thumbnail((max_side, max_side), Image.Resampling.LANCZOS)
    picture.info.clear()
    return picture


def _in_full_colour(image: Image.Image, profile: bytes | None = None) -> Image.Image:
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


def _encode(picture: Image.Image, kind: str, background: str = "white") -> bytes:
    if kind == "JPEG" and picture.mode == "RGBA":  # which has no transparency
        ground = Image.new("RGB", picture.size, background)
        ground.paste(picture, mask=picture.getchannel("A"))
        picture = ground
    out = io.BytesIO()
    picture.save(out, kind, **SAVE_OPTIONS[kind])
    return out.getvalue()
