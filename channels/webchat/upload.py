"""Direct Line's upload: a form with files and, if wanted, the activity that they belong to; or one file alone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from aiohttp import BodyPartReader, hdrs, web
from aiohttp.http import HttpProcessingError

from channels.images import LONGEST_FILE
from channels.webchat.pictures import MOST_FILES, check_count, too_large
from channels.webchat.problems import LONGEST_BODY, Problem, object_of

ACTIVITY = "application/vnd.microsoft.activity"
LONGEST_UPLOAD = MOST_FILES * LONGEST_FILE + LONGEST_BODY
"""Bytes of a whole request."""
PATIENCE = 120.0
"""Seconds in which a file must have come: 20 MB over a slow telephone."""

# What aiohttp raises for forms that are none: of its parser, its parts, and the body under them.
_MALFORMED = (ValueError, AssertionError, RuntimeError, LookupError, HttpProcessingError, web.RequestPayloadError)


@dataclass(slots=True)
class Upload:
    """The files of a request, and the activity's own JSON."""

    activity: dict[str, Any] = field(default_factory=lambda: {"type": "message"})
    files: list[bytes] = field(default_factory=list)


async def read_upload(request: web.Request) -> Upload:
    """Read it piece by piece, no more than is taken. Raises ``Problem`` 400, 408, 411, 413 or 415."""
    length = request.content_length
    if length is None:
        raise Problem(411, "LengthRequired", "Send the Content-Length of the whole upload.")
    if length > LONGEST_UPLOAD:
        raise too_large()
    try:
        async with asyncio.timeout(PATIENCE):
            upload = await _read(request)
    except TimeoutError as error:
        raise Problem(408, "TooSlow", f"Send the whole upload in {PATIENCE:.0f} seconds.") from error
    except _MALFORMED as error:
        raise Problem(400, "BadBody", "Send multipart/form-data with a boundary, whole, and encoded as it says.") from (
            error
        )
    if not upload.files:
        raise Problem(400, "MissingFile", "Send at least one picture.")
    return upload


async def _read(request: web.Request) -> Upload:
    kind = request.content_type
    if kind.startswith("image/"):
        return Upload(files=[await _piece(request.content.iter_any(), LONGEST_FILE)])
    if not kind.startswith("multipart/"):
        raise Problem(415, "NotSupported", "Send a picture, or multipart/form-data with pictures.")
    upload = Upload()
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader):
            raise Problem(400, "BadBody", "Send no form within a form.")
        if part.headers.get(hdrs.CONTENT_TYPE, "").partition(";")[0].strip().lower() == ACTIVITY:
            upload.activity = object_of(await _piece(_chunks(part), LONGEST_BODY))
        else:
            check_count(len(upload.files) + 1)
            upload.files.append(await _piece(_chunks(part), LONGEST_FILE))
    return upload


async def _piece(chunks: AsyncIterator[bytes], longest: int) -> bytes:
    data = bytearray()
    async for chunk in chunks:
        data += chunk
        if len(data) > longest:
            raise too_large()
    return bytes(data)


async def _chunks(part: BodyPartReader) -> AsyncIterator[bytes]:
    while not part.at_eof():
        yield await part.read_chunk()
