"""What a citizen's file must be to be kept as a picture, and what of it is not kept."""

from __future__ import annotations

import asyncio
import io
import struct
import threading
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from channels.images import AT_ONCE, LONGEST_FILE, LONGEST_SIDE, MOST_PIXELS, NotAnImage, picture, read_picture

ORIENTATION, MAKE, GPS = 0x0112, 0x010F, 0x8825


def encoded(image: Image.Image, form: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def drawn(width: int = 40, height: int = 20) -> Image.Image:
    """Red on the left, blue on the right."""
    image = Image.new("RGB", (width, height), "red")
    image.paste("blue", (width // 2, 0, width, height))
    return image


def near(pixel: object, wanted: tuple[int, int, int]) -> bool:
    assert isinstance(pixel, tuple)
    return all(abs(one - other) < 60 for one, other in zip(pixel, wanted, strict=True))


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "GIF"])
def test_pictures_of_four_formats_become_jpeg(form: str) -> None:
    found = picture(encoded(drawn(), form))
    image = opened(found.data)
    assert (found.content_type, image.format, image.size) == ("image/jpeg", "JPEG", (40, 20))
    assert near(image.getpixel((2, 10)), (255, 0, 0))
    assert near(image.getpixel((37, 10)), (0, 0, 255))


def test_nothing_of_a_photos_metadata_is_left() -> None:
    exif = Image.Exif()
    exif[MAKE] = "SecretPhone"
    exif.get_ifd(GPS)[1] = "N60SECRET"
    data = encoded(drawn(), "JPEG", exif=exif, comment=b"SECRETCOMMENT", icc_profile=b"SECRETPROFILE")
    assert b"Secret" in data
    assert b"SECRETCOMMENT" in data
    found = picture(data).data
    assert b"secret" not in found.lower()
    assert not opened(found).getexif()


def test_nothing_of_a_pngs_words_is_left() -> None:
    words = PngInfo()
    words.add_text("Comment", "SECRET")
    words.add_itxt("Author", "SECRET")
    assert b"secret" not in picture(encoded(drawn(), "PNG", pnginfo=words)).data.lower()


def test_a_photo_taken_sideways_stands_upright() -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = 6  # to be turned by 90 degrees clockwise
    image = opened(picture(encoded(drawn(), "JPEG", exif=exif)).data)
    assert image.size == (20, 40)
    assert near(image.getpixel((10, 2)), (255, 0, 0))


def test_a_large_photo_taken_sideways_is_made_smaller_and_stands_upright() -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = 8
    image = opened(picture(encoded(drawn(4096, 1024), "JPEG", exif=exif)).data)
    assert image.size == (512, LONGEST_SIDE)
    assert near(image.getpixel((256, 10)), (0, 0, 255))


def test_what_is_transparent_becomes_white() -> None:
    image = Image.new("RGBA", (10, 10), (0, 0, 0, 0))
    assert near(opened(picture(encoded(image, "PNG")).data).getpixel((5, 5)), (255, 255, 255))
    palette = Image.new("P", (10, 10), 0)
    assert near(opened(picture(encoded(palette, "GIF", transparency=0)).data).getpixel((5, 5)), (255, 255, 255))


def test_of_a_moving_picture_the_first_frame_is_kept() -> None:
    frames = [Image.new("RGB", (10, 10), colour) for colour in ("red", "blue")]
    data = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert near(opened(picture(data).data).getpixel((5, 5)), (255, 0, 0))


def test_grey_and_printers_colours_are_taken() -> None:
    assert opened(picture(encoded(Image.new("L", (10, 10), 128), "JPEG")).data).mode == "RGB"
    assert opened(picture(encoded(Image.new("CMYK", (10, 10)), "JPEG")).data).mode == "RGB"


@pytest.mark.parametrize(
    "data",
    [b"", b"moi", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"%PDF-1.7", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"],
)
def test_what_is_no_picture_is_refused(data: bytes) -> None:
    with pytest.raises(NotAnImage):
        picture(data)


@pytest.mark.parametrize("form", ["TIFF", "BMP", "ICO", "PPM"])
def test_other_formats_are_refused(form: str) -> None:
    with pytest.raises(NotAnImage):
        picture(encoded(drawn(), form))


def test_half_a_picture_is_refused() -> None:
    data = encoded(Image.effect_noise((200, 200), 80), "JPEG")
    with pytest.raises(NotAnImage):
        picture(data[: len(data) // 2])


@pytest.mark.parametrize("width", [8_000, 12_000, 60_000])
def test_a_picture_that_would_fill_the_memory_is_refused_before_it_is_decoded(width: int) -> None:
    height = MOST_PIXELS // width + 1
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    data = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")
    with pytest.raises(NotAnImage, match="too many pixels"):
        picture(data)


def test_an_attack_that_pillow_itself_sees_is_refused() -> None:
    with pytest.raises(NotAnImage):
        picture(encoded(Image.new("1", (20_000, 20_000)), "PNG"))


def test_too_large_a_file_is_refused() -> None:
    with pytest.raises(NotAnImage, match="too large"):
        picture(encoded(drawn(), "JPEG") + b"\0" * LONGEST_FILE)


@settings(max_examples=300, deadline=None)
@given(
    form=st.sampled_from(["JPEG", "PNG", "WEBP", "GIF"]),
    place=st.floats(0, 1),
    noise=st.binary(min_size=1, max_size=40),
)
def test_a_damaged_picture_raises_nothing_else(form: str, place: float, noise: bytes) -> None:
    data = encoded(drawn(), form)
    start = int(place * len(data))
    try:
        found = picture(data[:start] + noise + data[start + len(noise) :])
    except NotAnImage:
        return
    assert max(opened(found.data).size) <= LONGEST_SIDE


async def test_of_many_pictures_a_few_are_read_at_the_same_time() -> None:
    data = encoded(drawn(), "JPEG")
    found = await asyncio.gather(*(read_picture(data) for _ in range(20)))
    assert {photo.content_type for photo in found} == {"image/jpeg"}
    assert 0 < sum(thread.name.startswith("pictures") for thread in threading.enumerate()) <= AT_ONCE


async def test_what_is_no_picture_is_refused_from_its_thread_too() -> None:
    with pytest.raises(NotAnImage):
        await read_picture(b"%PDF")
