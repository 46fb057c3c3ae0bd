"""Pictures that cost much to decode, and what they cost. Run as a script it prints that.

Each is made to be small as a file and large, deep or odd inside.
"""

import io
import json
import resource
import struct
import sys
import threading
import zlib
from collections.abc import Callable
from pathlib import Path

from PIL import Image, ImageCms


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def gradient(width: int, height: int) -> Image.Image:
    one = Image.linear_gradient("L").resize((width, height))
    return Image.merge("RGB", (one, one.transpose(Image.Transpose.ROTATE_180), one))


def noise(width: int, height: int) -> Image.Image:
    one = Image.effect_noise((width // 5, height // 5), 60).resize((width, height))
    return Image.merge("RGB", (one, one.transpose(Image.Transpose.ROTATE_180), one))


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(width: int, height: int, *, colours: int, depth: int, extra: bytes = b"") -> bytes:
    """A PNG whose every row is as the one above it. `colours`: 0 grey, 2 RGB, 6 RGBA."""
    length = width * depth * {0: 1, 2: 3, 6: 4}[colours] // 8
    first = bytes(n * n & 255 for n in range(length))
    packer = zlib.compressobj(6)
    rows = [packer.compress(b"\2" + (bytes(length) if y else first)) for y in range(height)]
    header = struct.pack(">IIBBBBB", width, height, depth, colours, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + extra
        + chunk(b"IDAT", b"".join([*rows, packer.flush()]))
        + chunk(b"IEND", b"")
    )


def exif_of_many(length: int) -> bytes:
    """EXIF whose every entry says that its value is most of the block."""
    count = (length - 14) // 12
    size = length - 14 - 12 * count + 12 * count // 2
    entries = b"".join(struct.pack("<HHII", n + 1, 7, size, 8) for n in range(count))
    block = b"II*\0" + struct.pack("<IH", 8, count) + entries + bytes(4)
    return b"Exif\0\0" + block.ljust(length, b"\0")


def profile(length: int) -> bytes:
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return srgb + bytes(length)


def large_profile_in_png() -> bytes:
    packed = zlib.compress(bytes(400_000_000), 1)
    return png(20, 20, colours=2, depth=8, extra=chunk(b"iCCP", b"p\0\0" + packed))


def text_in_png() -> bytes:
    packed = zlib.compress(bytes(100_000_000), 1)
    return png(20, 20, colours=2, depth=8, extra=chunk(b"zTXt", b"Comment\0\0" + packed) * 4)


def animation(kind: str, side: int) -> bytes:
    first, *rest = (Image.new("RGB", (side, side), c) for c in ("red", "blue", "lime"))
    return encoded(first, kind, save_all=True, append_images=rest)


PICTURES: dict[str, Callable[[], bytes]] = {
    "WebP, 16383 × 2441": lambda: encoded(gradient(16383, 2441), "WEBP", quality=50, method=0),
    "PNG, 40 megapixels, 16 bits grey": lambda: png(8000, 5000, colours=0, depth=16),
    "PNG, 40 megapixels, 16 bits RGB": lambda: png(8000, 5000, colours=2, depth=16),
    "PNG, 40 megapixels, 16 bits RGBA": lambda: png(8000, 5000, colours=6, depth=16),
    "PNG, 16 megapixels, 16 bits RGBA": lambda: png(4000, 4000, colours=6, depth=16),
    "PNG, 16 megapixels, 16 bits grey": lambda: png(4000, 4000, colours=0, depth=16),
    "PNG, 40 megapixels, 8 bits grey": lambda: png(8000, 5000, colours=0, depth=8),
    "PNG, a profile of 400 MB": large_profile_in_png,
    "PNG, texts of 400 MB": text_in_png,
    "PNG, EXIF of many entries": lambda: encoded(
        gradient(60, 40), "PNG", exif=exif_of_many(600_000)
    ),
    "WebP, 16 megapixels": lambda: encoded(gradient(4000, 4000), "WEBP", method=0),
    "WebP, animated": lambda: animation("WEBP", 4000),
    "WebP, EXIF of many entries": lambda: encoded(
        gradient(60, 40), "WEBP", exif=exif_of_many(600_000)
    ),
    "WebP, a profile of 8 MB": lambda: encoded(
        gradient(60, 40), "WEBP", icc_profile=profile(8_000_000)
    ),
    "GIF, 17 megapixels": lambda: encoded(gradient(4100, 4100), "GIF"),
    "GIF, animated, 16 megapixels": lambda: animation("GIF", 4000),
    "JPEG, progressive, 40 megapixels": lambda: encoded(
        noise(8000, 5000), "JPEG", progressive=True, subsampling=0, quality=60
    ),
    "JPEG, a profile of 4 MB": lambda: encoded(
        gradient(60, 40), "JPEG", icc_profile=profile(4_000_000)
    ),
    "JPEG, EXIF of many entries": lambda: encoded(
        gradient(60, 40), "JPEG", exif=exif_of_many(65_000)
    ),
    "TIFF, 16 megapixels": lambda: encoded(gradient(4000, 4000), "TIFF", compression="tiff_lzw"),
}
# What is taken; the others are refused. Phones and cameras make pictures such as these.
TAKEN = {
    "PNG, 16 megapixels, 16 bits RGBA",
    "PNG, 16 megapixels, 16 bits grey",
    "PNG, 40 megapixels, 8 bits grey",
    "WebP, 16 megapixels",
    "WebP, animated",
    "WebP, a profile of 8 MB",
    "GIF, animated, 16 megapixels",
    "JPEG, progressive, 40 megapixels",
    "JPEG, a profile of 4 MB",
    "JPEG, EXIF of many entries",
}
# What may happen to these is Pillow's business: they end, within the same bounds.
EITHER = {name for name in PICTURES if "EXIF" in name or "MB" in name}


def cost(content: bytes, *, at_once: int = 1) -> dict[str, object]:
    """Take a picture in; what came of it, and the most memory in MB so far: of this process, and
    of any that it started."""
    from clinic.lib import images

    said: list[str] = []

    def take() -> None:
        try:
            said.append(images.take_in(content).mime)
        except images.Refused as refusal:
            said.append(str(refusal))

    threads = [threading.Thread(target=take) for _ in range(at_once)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return {"said": said, "own": high_water(), "others": of_others()}


def high_water() -> int:
    """The most memory that this process had, in MB. `ru_maxrss` counts its parent's too."""
    [line] = [
        line for line in Path("/proc/self/status").read_text().splitlines() if "VmHWM" in line
    ]
    return int(line.split()[1]) // 1024


def of_others() -> int:
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024


if __name__ == "__main__":  # the file with the picture, and how many of it at once
    import django
    from django.conf import settings

    settings.configure(USE_I18N=False)
    django.setup()
    print(json.dumps(cost(Path(sys.argv[1]).read_bytes(), at_once=int(sys.argv[2]))))
