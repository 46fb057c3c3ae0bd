"""Pictures from outside: what is taken, what comes out, and what is refused with which words."""

import io
import re
import struct
import zlib
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms, ImageFile
from PIL.PngImagePlugin import PngInfo

from clinic.lib import pixels
from clinic.lib.images import FORMATS, Refused, file_name, rendition, take_in

SECRET = b"GPS 50.8466 N 4.3528 E"


@pytest.fixture(autouse=True)
def decoded_once() -> None:
    """Here each picture is decoded."""


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def photo(width: int = 60, height: int = 40, mode: str = "RGB") -> Image.Image:
    """A picture that is red on the left and blue on the right."""
    image = Image.new("RGB", (width, height), "red")
    image.paste("blue", (width // 2, 0, width, height))
    return image.convert(mode)


def decoded(content: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(content))
    image.load()
    return image


def is_red(pixel: tuple[int, ...]) -> bool:
    return pixel[0] > 200 and pixel[2] < 60


def png_of_zeros(side: int) -> bytes:
    """A small, valid PNG of side² black pixels, one bit each."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        )

    pixels = zlib.compress(bytes((side + 7) // 8 + 1) * side, 9)
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    )


# -- what comes out -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "extension", "mime"),
    [
        ("PNG", "png", "image/png"),
        ("JPEG", "jpg", "image/jpeg"),
        ("WEBP", "webp", "image/webp"),
        ("GIF", "gif", "image/gif"),
    ],
)
def test_each_format_comes_out_as_itself(kind: str, extension: str, mime: str):
    intake = take_in(io.BytesIO(encoded(photo(), kind)))
    assert (intake.extension, intake.mime) == (extension, mime)
    assert (intake.width, intake.height) == (60, 40)
    out = decoded(intake.content)
    assert (out.format, out.size) == (kind, (60, 40))
    assert is_red(out.convert("RGB").getpixel((5, 20)))


def test_equal_pictures_come_out_equal_and_are_named_by_their_content():
    one, same = (take_in(encoded(photo(), "PNG", compress_level=level)) for level in (1, 9))
    other = take_in(encoded(photo(61), "PNG"))
    assert one == same
    assert file_name(one, "Dr. Ana Ruíz!") == f"dr-ana-ruiz-{one.sha256[:12]}.png"
    assert file_name(one, "../../etc/passwd") == f"etcpasswd-{one.sha256[:12]}.png"
    assert file_name(one, "🙂") == f"picture-{one.sha256[:12]}.png"
    assert file_name(one, "x") != file_name(other, "x")
    assert len(file_name(one, "x" * 500)) < 100


@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "PNG"])
def test_pictures_are_turned_upright(kind: str):
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by 90° clockwise
    intake = take_in(encoded(photo(), kind, exif=exif))
    assert (intake.width, intake.height) == (40, 60)
    out = decoded(intake.content).convert("RGB")
    assert is_red(out.getpixel((20, 5)))
    assert not is_red(out.getpixel((20, 55)))


def _with_exif(kind: str) -> bytes:
    exif = Image.Exif()
    exif[0x010E] = SECRET.decode()
    return encoded(photo(), kind, exif=exif)


def _png_with_text() -> bytes:
    notes = PngInfo()
    notes.add_text("Comment", SECRET.decode())
    notes.add_itxt("XML:com.adobe.xmp", SECRET.decode())
    return encoded(photo(), "PNG", pnginfo=notes)


@pytest.mark.parametrize(
    "make",
    [
        lambda: _with_exif("JPEG"),
        lambda: _with_exif("PNG"),
        lambda: _with_exif("WEBP"),
        lambda: encoded(photo(), "JPEG", comment=SECRET),
        lambda: encoded(photo(), "JPEG", xmp=SECRET),
        lambda: encoded(photo(), "JPEG", icc_profile=SECRET),
        lambda: encoded(photo(), "WEBP", xmp=SECRET),
        lambda: encoded(photo(), "PNG", icc_profile=SECRET),
        lambda: encoded(photo(), "GIF", comment=SECRET),
        _png_with_text,
        lambda: encoded(photo(), "JPEG") + SECRET,
    ],
)
def test_metadata_does_not_come_out(make: Callable[[], bytes]):
    intake = take_in(make())
    out = decoded(intake.content)
    assert SECRET not in intake.content
    assert not {"exif", "icc_profile", "comment", "xmp", "Comment"} & set(out.info)
    assert not out.getexif()


def test_a_colour_profile_becomes_srgb():
    """The profile swaps red and blue, so it can be seen whether it was minded."""
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    # The table of tags comes first: name, offset and size, of 4 bytes each.
    tags = {name: srgb.index(name, 128) for name in (b"rXYZ", b"bXYZ")}
    swapped = bytearray(srgb)
    swapped[tags[b"rXYZ"] : tags[b"rXYZ"] + 4] = b"bXYZ"
    swapped[tags[b"bXYZ"] : tags[b"bXYZ"] + 4] = b"rXYZ"
    for kind, mode in (("PNG", "RGB"), ("PNG", "RGBA"), ("JPEG", "RGB")):
        intake = take_in(encoded(photo(mode=mode), kind, icc_profile=bytes(swapped)))
        out = decoded(intake.content)
        assert out.mode == mode
        assert "icc_profile" not in out.info
        assert not is_red(out.convert("RGB").getpixel((5, 20))), (kind, mode)
        assert is_red(out.convert("RGB").getpixel((55, 20))), (kind, mode)


@pytest.mark.parametrize("kind", FORMATS)
def test_large_pictures_are_made_smaller(kind: str):
    intake = take_in(encoded(photo(600, 400), kind), max_side=150)
    assert (intake.width, intake.height) == (150, 100)
    assert decoded(intake.content).size == (150, 100)


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_of_an_animation_the_first_frame_is_kept(kind: str):
    frames = [Image.new("RGB", (20, 20), "blue"), Image.new("RGB", (20, 20), "lime")]
    moving = encoded(Image.new("RGB", (20, 20), "red"), kind, save_all=True, append_images=frames)
    assert decoded(moving).n_frames == 3
    out = decoded(take_in(moving).content)
    assert getattr(out, "n_frames", 1) == 1
    assert is_red(out.convert("RGB").getpixel((10, 10)))


def test_the_photograph_of_a_file_with_several_is_taken():
    several = encoded(photo(), "MPO", save_all=True, append_images=[photo(30, 20)])
    assert decoded(several).format == "MPO"
    intake = take_in(several)
    assert (intake.extension, intake.width) == ("jpg", 60)
    assert decoded(intake.content).format == "JPEG"


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "GIF"])
def test_transparency_is_kept(kind: str):
    image = photo(mode="RGBA")
    image.paste((0, 0, 0, 0), (0, 0, 30, 40))
    out = decoded(take_in(encoded(image, kind)).content).convert("RGBA")
    assert out.getpixel((5, 20))[3] == 0
    assert out.getpixel((55, 20))[3] == 255


@pytest.mark.parametrize(
    ("kind", "mode", "result"),
    [
        ("JPEG", "CMYK", "RGB"),
        ("JPEG", "L", "L"),
        ("PNG", "1", "L"),
        ("PNG", "L", "L"),
        ("PNG", "LA", "RGBA"),
        ("PNG", "P", "RGB"),
        ("PNG", "RGBA", "RGBA"),
        ("GIF", "L", "P"),
    ],
)
def test_every_kind_of_colour_is_taken(kind: str, mode: str, result: str):
    out = decoded(take_in(encoded(photo(mode=mode), kind)).content)
    assert out.mode == result
    if mode not in ("L", "LA", "1"):
        assert is_red(out.convert("RGB").getpixel((5, 20)))


def test_sixteen_bits_of_grey_are_scaled():
    grey = Image.new("I;16", (20, 20), 32768)
    assert decoded(take_in(encoded(grey, "PNG")).content).getpixel((5, 5)) == 128


# -- what is refused ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        b"<html><script>alert(1)</script></html>",
        b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
        b"%PDF-1.7 and so on",
        b"GIF",
        b"\x00" * 100,
        b"plain words",
        encoded(photo(), "BMP"),
        encoded(photo(), "TIFF"),
        encoded(photo(), "PPM"),
        encoded(photo(), "ICO"),
    ],
)
def test_what_is_no_picture_of_ours_is_refused(content: bytes):
    with pytest.raises(Refused, match="Choose a PNG, JPEG, WebP or GIF image"):
        take_in(content)


def boxed(major: bytes, *compatible: bytes) -> bytes:
    """The beginning of an ISO media file with these brands."""
    brands = major + bytes(4) + b"".join(compatible)
    return (8 + len(brands)).to_bytes(4) + b"ftyp" + brands + bytes(200)


@pytest.mark.parametrize(
    "content",
    [
        boxed(b"heic", b"mif1", b"heic"),
        boxed(b"mif1", b"heix"),
        boxed(b"hevc"),
        boxed(b"msf1", b"msf1"),
    ],
)
def test_photos_of_phones_are_refused_with_what_to_do(content: bytes):
    with pytest.raises(Refused, match="Camera > Formats > Most Compatible"):
        take_in(content)
    with pytest.raises(Refused, match="Most Compatible"):  # also where it is too large
        take_in(io.BytesIO(content), max_bytes=100)


@pytest.mark.parametrize("content", [boxed(b"avif", b"mif1"), boxed(b"mif1", b"miaf", b"avif")])
def test_avif_is_named(content: bytes):
    with pytest.raises(Refused, match="AVIF images are not supported"):
        take_in(content)


@pytest.mark.parametrize(
    "content", [boxed(b"isom", b"mp42"), boxed(b"qt  "), b"\x00\x00\x00\x20ftyp"]
)
def test_films_are_no_photos_of_phones(content: bytes):
    with pytest.raises(Refused, match="Choose a PNG, JPEG, WebP or GIF image"):
        take_in(content)


def test_nothing_is_refused():
    with pytest.raises(Refused, match="empty"):
        take_in(b"")


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("part", [0.3, 0.6, 0.9])
def test_truncated_pictures_are_refused(kind: str, part: float):
    noise = Image.effect_noise((200, 200), 100).convert("RGB")
    whole = encoded(noise, kind)
    with pytest.raises(Refused):
        take_in(whole[: int(len(whole) * part)])


def test_too_many_bytes_are_refused_and_not_all_read():
    source = io.BytesIO(bytes(5_000_000))
    with pytest.raises(Refused, match=re.escape("larger than 1 MB")):
        take_in(source, max_bytes=1024 * 1024)
    assert source.tell() == 1024 * 1024 + 1


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize("side", [6_400, 13_000, 20_000])
def test_too_many_pixels_are_refused_before_decoding(side: int, monkeypatch: pytest.MonkeyPatch):
    def load(self: ImageFile.ImageFile) -> None:
        raise AssertionError("decoded")

    bomb = png_of_zeros(side)
    assert len(bomb) < 100_000
    with pytest.raises(Refused, match="larger than 40 megapixels"):
        take_in(bomb)
    monkeypatch.setattr(ImageFile.ImageFile, "load", load)
    with pytest.raises(pixels.Unfit) as refusal:
        pixels.prepare(bomb, max_pixels=40_000_000, max_side=2400)
    assert refusal.value.reason == "pixels"


@settings(max_examples=2 * settings.default.max_examples)
@given(
    st.sampled_from(FORMATS),
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), min_size=1, max_size=8),
)
def test_damage_is_refused_or_harmless(kind: str, damage: list[tuple[float, int]]):
    content = bytearray(encoded(photo(24, 16), kind))
    for place, value in damage:
        content[int(place * (len(content) - 1))] = value
    try:
        _kind, picture, made = pixels.prepare(bytes(content), max_pixels=1_000_000, max_side=2400)
    except pixels.Unfit:
        return
    assert decoded(made).size == picture.size


# -- renditions -----------------------------------------------------------------------------------


def test_a_rendition_is_never_larger_than_the_picture():
    content = take_in(encoded(photo(600, 400), "JPEG")).content
    assert decoded(rendition(content, 300)).size == (300, 200)
    assert decoded(rendition(content, 2000)).size == (600, 400)
    assert decoded(rendition(content, 2000, ratio=1)).size == (400, 400)
    assert decoded(rendition(content, 100, ratio=0.5)).size == (100, 200)


@pytest.mark.parametrize("kind", FORMATS)
def test_a_rendition_has_the_format_that_was_asked_for(kind: str):
    content = take_in(encoded(photo(mode="RGBA"), "PNG")).content
    assert decoded(rendition(content, 30, format=kind)).format == kind


def test_crops_keep_the_focal_point():
    content = take_in(encoded(photo(600, 400), "PNG")).content
    left = decoded(rendition(content, 100, format="PNG", focal=(0, 0.5), ratio=0.5))
    right = decoded(rendition(content, 100, format="PNG", focal=(1, 0.5), ratio=0.5))
    assert is_red(left.getpixel((50, 100)))
    assert not is_red(right.getpixel((50, 100)))


def test_transparency_becomes_white_in_jpeg():
    clear = encoded(Image.new("RGBA", (40, 40), (0, 0, 0, 0)), "PNG")
    out = decoded(rendition(take_in(clear).content, 20, format="JPEG"))
    assert min(out.getpixel((10, 10))) > 250
