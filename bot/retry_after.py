"""``Retry-After`` of HTTP (RFC 9110, 10.2.3), as every provider that we call sends it."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


def seconds_of(header: str | None, longest: float = 3600.0) -> float | None:
    """The seconds to wait, which the header says as a number or a date; no more than ``longest``.

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
