"""Pictures of citizens: told by their content, and kept small and without what they tell of a person.

A photo's metadata holds where and when it was taken and with which telephone. Nothing of that is passed on.
"""

from __future__ import annotations

import asyncio
import io
from concurrent.futures import ThreadPoolExecutor

from PIL import Image, ImageOps

from bot.messages import Photo

LONGEST_FILE = 5 * 1024 * 1024
"""Bytes of a picture as it comes; what providers of text messages let through."""
LONGEST_SIDE = 2048
"""Pixels; a larger picture is made smaller."""
MOST_PIXELS = 50_000_000
"""Of a picture as it comes: a telephone's camera of 50 megapixels. More is taken for an attack on our memory."""
FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
CONTENT_TYPE = "image/jpeg"
"""What every picture becomes."""

_QUALITY = 85


AT_ONCE = 2
"""Pictures that are read at the same time: one of 50 megapixels takes 200 MB while it is decoded."""
_READERS = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="pictures")


class NotAnImage(Exception):
    """The bytes are no picture that we take. The words say why; they hold nothing of the file."""


def picture(data: bytes) -> Photo:
    """The picture in a file as a JPEG without metadata, upright, its longest side at most ``LONGEST_SIDE``.

    Of moving pictures the first frame is kept, and what is transparent becomes white. It computes for up to a second:
    an event loop awaits ``read_picture``. Raises ``NotAnImage``.
    """
    if len(data) > LONGEST_FILE:
        raise NotAnImage("the file is too large")
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            _check(image)
            return Photo(content_type=CONTENT_TYPE, data=_encoded(image))
    except NotAnImage:
        raise
    except Exception as error:  # Pillow's plugins raise a dozen kinds on hostile files
        raise NotAnImage(f"the file cannot be read as a picture ({type(error).__name__})") from None


async def read_picture(data: bytes) -> Photo:
    """As ``picture``, in one of few threads: a message may bring ten, and many may come at once."""
    return await asyncio.get_running_loop().run_in_executor(_READERS, picture, data)


def _check(image: Image.Image) -> None:
    """Before anything of it is decoded."""
    if image.width * image.height > MOST_PIXELS:
        raise NotAnImage("the picture has too many pixels")


def _encoded(image: Image.Image) -> bytes:
    # Made smaller first: a JPEG is then decoded at a fraction of its size.
    image.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    upright = ImageOps.exif_transpose(image)
    if upright.has_transparency_data:
        coloured = upright.convert("RGBA")
        plain = Image.new("RGB", coloured.size, "white")
        plain.paste(coloured, mask=coloured)
    else:
        plain = upright.convert("RGB")
    plain.info.clear()  # comments, profiles and all else that the encoder would carry over
    file = io.BytesIO()
    plain.save(file, "JPEG", quality=_QUALITY)
    return file.getvalue()
