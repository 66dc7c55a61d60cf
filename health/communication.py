"""What was asked for and what was sent, as FHIR R4: a CommunicationRequest a decision, a Communication a message.

They hold no clinical word: by whom it was decided, when, and what became of it. The subject is a pseudonym.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from bot.messages import JSON

SYSTEM = "urn:neuvo:health:pseudonym"
FINDINGS = """
SELECT id, pseudonym, reviewer_name, decided_at, status, outcome, nudge_id, answered_at FROM health.findings
WHERE status IN ('accepted', 'contacted', 'ended') ORDER BY decided_at, id
"""
Resource: TypeAlias = dict[str, JSON]
_UNDER_WAY = {"created": "preparation", "held": "on-hold", "sending": "in-progress"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What became of a message: the status of a nudge, why, and when it went out."""

    status: str
    reason: str | None
    sent_at: datetime | None


def resources(finding: Mapping[str, Any], sent: Sent | None) -> Iterator[Resource]:
    """Of one row of ``FINDINGS``; ``sent`` is ``None`` where there is no message, or it is not kept any more."""
    yield _request(finding)
    if finding["nudge_id"] is not None:
        yield _communication(finding, sent)


def _request(finding: Mapping[str, Any]) -> Resource:
    written = finding["nudge_id"] is not None
    status = "active" if finding["status"] == "accepted" else "completed" if written else "revoked"
    found: Resource = {
        "resourceType": "CommunicationRequest",
        "id": str(finding["id"]),
        "status": status,
        "subject": _subject(finding),
        "authoredOn": finding["decided_at"].isoformat(),
        "requester": {"display": finding["reviewer_name"]},
    }
    return found | ({"statusReason": {"text": finding["outcome"]}} if status == "revoked" else {})


def _communication(finding: Mapping[str, Any], sent: Sent | None) -> Resource:
    found: Resource = {
        "resourceType": "Communication",
        "id": str(finding["nudge_id"]),
        "basedOn": [{"reference": f"CommunicationRequest/{finding['id']}"}],
        "status": _status(sent),
        "subject": _subject(finding),
    }
    if sent is not None and sent.sent_at is not None:
        found["sent"] = sent.sent_at.isoformat()
    if found["status"] == "not-done" and sent is not None and sent.reason is not None:
        found["statusReason"] = {"text": sent.reason}
    return found


def _status(sent: Sent | None) -> str:
    if sent is None:
        return "unknown"
    return "completed" if sent.sent_at is not None else _UNDER_WAY.get(sent.status, "not-done")


def _subject(finding: Mapping[str, Any]) -> JSON:
    return {"identifier": {"system": SYSTEM, "value": finding["pseudonym"].hex()}}
