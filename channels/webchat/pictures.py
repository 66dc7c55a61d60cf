"""Pictures that citizens send: told by their content, and small copies of them for the page.

The copy stands in the activity itself, so that it goes wherever the activity goes and nowhere else: it has no address
that could be passed on, and leaves with the conversation.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from PIL import Image

from bot.messages import Photo
from channels.images import LONGEST_FILE, MOST_PIXELS, NotAnImage, picture
from channels.webchat.problems import Problem

MOST_FILES = 4
"""Pictures of one message."""
PREVIEW = (360, 360)
"""Pixels that a copy fits into."""
QUALITIES = (70, 50, 30)
LONGEST_PREVIEW = 32 * 1024
"""Bytes of a copy; of one that has more at the lowest quality, the size is halved."""
AT_ONCE = 2
"""Pictures that are read at the same time: one of 50 megapixels takes 150 MB while it is decoded."""

WANTED = f"Send a JPEG, PNG, WebP or GIF picture of at most {MOST_PIXELS // 1_000_000} megapixels."

_DATA_URL = re.compile(r"data:[^,]{0,200};base64,", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture for the engine, and its copy as a data URL for the page."""

    photo: Photo
    preview: str = field(repr=False)


class Pictures:
    """Reads files, a few at a time."""

    def __init__(self) -> None:
        self._busy = asyncio.Semaphore(AT_ONCE)

    async def read(self, files: Sequence[bytes]) -> Sequence[Picture]:
        """The pictures in some files. Raises ``Problem`` 413 or 415."""
        check_count(len(files))
        return [await self._read(file) for file in files]

    async def _read(self, file: bytes) -> Picture:
        if len(file) > LONGEST_FILE:
            raise too_large()
        async with self._busy:
            try:
                return await asyncio.to_thread(_picture, file)
            except NotAnImage as error:
                raise Problem(415, "NotAPicture", WANTED) from error


def too_large() -> Problem:
    """A file is larger than a picture may be."""
    return Problem(413, "FileTooLarge", f"Send pictures of at most {LONGEST_FILE // 1024 // 1024} MB each.")


def check_count(count: int) -> None:
    """Raise ``Problem`` 413 for more pictures than a message may have."""
    if count > MOST_FILES:
        raise Problem(413, "TooManyFiles", f"Send at most {MOST_FILES} pictures in one message.")


def attached(activity: dict[str, Any]) -> Sequence[bytes]:
    """The files that stand in an activity as data URLs. Raises ``Problem`` 400, 413 or 415.

    No other address is fetched: it would be a request of ours to wherever a stranger wants.
    """
    found = activity.get("attachments")
    if found is None:
        return ()
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise Problem(400, "BadArgument", "Send attachments as a list of objects.")
    check_count(len(found))
    return [_file(each.get("contentUrl")) for each in found]


def _file(url: object) -> bytes:
    head = _DATA_URL.match(url) if isinstance(url, str) else None
    if not isinstance(url, str) or head is None:
        raise Problem(415, "NotSupported", "Send pictures by upload, or as data URLs in base64.")
    try:
        return base64.b64decode(url[head.end() :], validate=True)
    except (binascii.Error, ValueError) as error:
        raise Problem(400, "BadArgument", "Send data URLs in base64.") from error


def _picture(file: bytes) -> Picture:
    photo = picture(file)
    return Picture(photo=photo, preview=f"data:image/jpeg;base64,{base64.b64encode(_small(photo.data)).decode()}")


def _small(data: bytes) -> bytes:
    """A copy of a picture of ours (a plain JPEG)."""
    with Image.open(io.BytesIO(data), formats=("JPEG",)) as image:
        image.thumbnail(PREVIEW)
        for quality in QUALITIES:
            copy = _jpeg(image, quality)
            if len(copy) <= LONGEST_PREVIEW:
                return copy
        return _jpeg(image.reduce(2), QUALITIES[-1])


def _jpeg(image: Image.Image, quality: int) -> bytes:
    file = io.BytesIO()
    image.save(file, "JPEG", quality=quality)
    return file.getvalue()
