"""Direct Line's upload: a form with files and, if wanted, the activity that they belong to; or one file alone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any, cast

from aiohttp import BodyPartReader, MultipartReader, StreamReader, hdrs, web
from aiohttp.http import HttpProcessingError

from bot.over_http import TooLong, read_body
from channels.images import LONGEST_FILE
from channels.webchat.pictures import MOST_FILES, check_count, too_large
from channels.webchat.problems import LONGEST_BODY, Problem, check_encoding, object_of

ACTIVITY = "application/vnd.microsoft.activity"
LONGEST_UPLOAD = MOST_FILES * LONGEST_FILE + LONGEST_BODY
"""Bytes of a whole request."""
PATIENCE = 120.0
"""Seconds in which a file must have come: 20 MB over a slow telephone."""
MOST_LINES = 200
"""Lines of a form beside its files: what is before the first part, heads of parts and boundaries."""

# What aiohttp raises for forms that are none: of its parser, its parts, and the body under them.
_MALFORMED = (ValueError, AssertionError, RuntimeError, LookupError, HttpProcessingError, web.RequestPayloadError)


@dataclass(slots=True)
class Upload:
    """The files of a request, and the activity's own JSON."""

    activity: dict[str, Any] = field(default_factory=lambda: {"type": "message"})
    files: list[bytes] = field(default_factory=list)


async def read_upload(request: web.Request, upload: Upload) -> None:
    """Read it piece by piece, no more than is taken. Raises ``Problem`` 400, 408, 411, 413 or 415.

    What was read before a problem is in ``upload``.
    """
    check_encoding(request)
    length = request.content_length
    if length is None:
        raise Problem(411, "LengthRequired", "Send the Content-Length of the whole upload.")
    if length > LONGEST_UPLOAD:
        raise too_large()
    try:
        async with asyncio.timeout(PATIENCE):
            await _read(request, upload)
    except TooLong:
        raise too_large() from None
    except TimeoutError as error:
        raise Problem(408, "TooSlow", f"Send the whole upload in {PATIENCE:.0f} seconds.") from error
    except _MALFORMED as error:
        raise Problem(400, "BadBody", "Send multipart/form-data with a boundary, whole, and encoded as it says.") from (
            error
        )
    if not upload.files:
        raise Problem(400, "MissingFile", "Send at least one picture.")


async def _read(request: web.Request, upload: Upload) -> None:
    kind = request.content_type
    if kind.startswith("image/"):
        upload.files = [await read_body(request.content.iter_any(), LONGEST_FILE)]
        return
    if not kind.startswith("multipart/"):
        raise Problem(415, "NotSupported", "Send a picture, or multipart/form-data with pictures.")
    async for part in MultipartReader(request.headers, cast("StreamReader", _Lines(request.content))):
        if not isinstance(part, BodyPartReader):
            raise Problem(400, "BadBody", "Send no form within a form.")
        if part.headers.get(hdrs.CONTENT_TYPE, "").partition(";")[0].strip().lower() == ACTIVITY:
            upload.activity = object_of(await read_body(_chunks(part), LONGEST_BODY))
        else:
            check_count(len(upload.files) + 1)
            upload.files.append(await read_body(_chunks(part), LONGEST_FILE))


class _Lines:
    """The body of a form, of which only so many lines are read: millions of them would hold up everybody."""

    def __init__(self, content: StreamReader) -> None:
        self._content = content
        self._left = MOST_LINES

    async def readline(self, *, max_line_length: int | None = None) -> bytes:
        """The next line. Raises ``ValueError`` after the last that is read."""
        self._left -= 1
        if self._left < 0:
            raise ValueError("too many lines")
        return await self._content.readline(max_line_length=max_line_length)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._content, name)


async def _chunks(part: BodyPartReader) -> AsyncIterator[bytes]:
    while not part.at_eof():
        yield await part.read_chunk()
