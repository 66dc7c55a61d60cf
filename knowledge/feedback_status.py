"""What has become of a report, from an Open311 answer.

``status`` is ``open`` or ``closed``; the city's server says more in ``extended_attributes.detailed_status`` (RECEIVED,
IN_PROCESS, PROCESSED, ARCHIVED, REJECTED, PUBLIC_WORKS_…).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypedDict

from knowledge.reading import rows, words

_STAGES = {
    "RECEIVED": "received",
    "PUBLIC_WORKS_NEW": "received",
    "IN_PROCESS": "in_progress",
    "PROCESSED": "done",
    "ARCHIVED": "done",
    "REJECTED": "rejected",
}
_PLAIN = {"open": "in_progress", "closed": "done"}


class ReportStatus(TypedDict):
    """What has become of a report; without ``known`` the city has none of that number, or does not show it (yet).

    ``stage`` is ``received``, ``in_progress``, ``done``, ``rejected`` or ``unknown``; ``notes`` is the city's answer,
    empty where there is none. ``reported`` and ``updated`` are ISO moments, ``None`` where they are not told.
    """

    number: str
    known: bool
    stage: str
    kind: str
    notes: str
    reported: str | None
    updated: str | None
    demonstration: bool


def read_status(number: str, listed: Any, *, demonstration: bool) -> ReportStatus:
    """The status from the answer to ``requests/{number}.json``; ``None`` is a report that is not there."""
    found = next((row for row in rows(listed) if str(row.get("service_request_id")) == number), None)
    row: Mapping[str, Any] = found or {}
    return ReportStatus(
        number=number,
        known=found is not None,
        stage=_stage(row),
        kind=words(row.get("service_name")) or "",
        notes=words(row.get("status_notes"), 1000) or "",
        reported=_moment(row.get("requested_datetime")),
        updated=_moment(row.get("updated_datetime")),
        demonstration=demonstration,
    )


def _stage(row: Mapping[str, Any]) -> str:
    more = row.get("extended_attributes")
    detailed = more.get("detailed_status") if isinstance(more, Mapping) else None
    plain = row.get("status")
    known = _PLAIN.get(plain.lower(), "unknown") if isinstance(plain, str) else "unknown"
    if not isinstance(detailed, str):
        return known
    return _STAGES.get(detailed, "in_progress" if detailed.startswith("PUBLIC_WORKS_") else known)


def _moment(value: Any) -> str | None:
    try:
        return datetime.fromisoformat(value).isoformat() if isinstance(value, str) else None
    except ValueError:
        return None
