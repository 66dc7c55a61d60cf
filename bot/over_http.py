"""What every HTTP exchange of ours needs: a body read no further than a limit, and how long to leave a server alone."""

from __future__ import annotations

from collections.abc import AsyncIterable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


class TooLong(Exception):
    """A body went on after its limit."""


async def read_body(chunks: AsyncIterable[bytes], limit: int) -> bytes:
    """All of a body of at most ``limit`` bytes. Raises ``TooLong``; no more than the limit and a chunk is in memory."""
    body = bytearray()
    async for chunk in chunks:
        body += chunk
        if len(body) > limit:
            raise TooLong
    return bytes(body)


def seconds_of(header: str | None, longest: float = 3600.0) -> float | None:
    """The seconds of a ``Retry-After`` (RFC 9110, 10.2.3), a number or a date; no more than ``longest``.

    ``None`` where there is no header, and for nonsense.
    """
    if header is None:
        return None
    said = header.strip()
    try:
        # Some providers send tenths, which the RFC does not know; float also takes "nan" and "inf".
        wait = float(said) if said.isascii() and said.replace(".", "", 1).isdigit() else _until(said)
    except (ValueError, TypeError, OverflowError):
        return None
    return min(max(wait, 0.0), longest)


def _until(date: str) -> float:
    moment = parsedate_to_datetime(date)
    return ((moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - datetime.now(UTC)).total_seconds()
