"""What runs out, in SQL. ``t`` is the row; ``$1`` is the moment before which it is too old.

Nothing of a person whose data is held by law is removed, and nothing of a conversation in which something is still to
be done: a message to answer or to send, an effect, a person who was asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mydata.holds import IN_FORCE

BATCH = 1000

_HELD = IN_FORCE.format(person="c.person_id")
_OPEN = """
    c.done < c.arrived
    OR EXISTS (SELECT FROM outbox b WHERE b.conversation_id = c.id AND b.status IN ('waiting', 'sending'))
    OR EXISTS (SELECT FROM effects b WHERE b.conversation_id = c.id AND b.status IN ('waiting', 'running'))
    OR EXISTS (SELECT FROM handoffs b WHERE b.conversation_id = c.id AND b.status <> 'closed')
"""
_BUSY = f"{_OPEN} OR EXISTS ({_HELD})"
_IDLE = f"NOT EXISTS (SELECT FROM conversations c WHERE c.id = t.conversation_id AND ({_BUSY}))"
_NOT_HELD = f"NOT EXISTS ({IN_FORCE.format(person='t.person_id')})"
_OF_NOBODY_HELD = (
    "NOT EXISTS (SELECT FROM conversations c WHERE c.channel = '{channel}' AND c.address_lookup = t.{lookup} "
    f"AND EXISTS ({_HELD}))"
)
_OF_HELD = f"""
SELECT o.channel, o.provider_id FROM conversations c JOIN transcript s ON s.conversation_id = c.id
JOIN outbox o ON o.id = s.id WHERE o.provider_id IS NOT NULL AND EXISTS ({_HELD})
"""  # noqa: S608
_QUIET = """
    NOT EXISTS (SELECT FROM transcript s WHERE s.conversation_id = {c} AND s.created_at >= $1)
    AND NOT EXISTS (SELECT FROM inbox s WHERE s.conversation_id = {c} AND s.accepted_at >= $1)
"""
_PAST = """
SELECT FROM campaigns c WHERE c.id = t.campaign_id AND c.status NOT IN ('running', 'paused')
AND COALESCE(c.ended_at, c.changed_at) < $1
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Old:
    """Rows of a table that are too old. ``change`` is what is set instead of removing the row."""

    table: str
    when: str
    change: str | None = None

    @property
    def count(self) -> str:
        """How many there are."""
        return f"SELECT count(*) FROM {self.table} t WHERE {self.when}"  # noqa: S608  all of it is ours

    @property
    def remove(self) -> str:
        """Removes a batch, and gives a row for each."""
        act = f"DELETE FROM {self.table}" if self.change is None else f"UPDATE {self.table} SET {self.change}"  # noqa: S608
        return (
            f"{act} WHERE ctid = ANY(ARRAY(SELECT t.ctid FROM {self.table} t WHERE {self.when} LIMIT {BATCH})) "  # noqa: S608
            "RETURNING true"
        )


OLD: Mapping[str, tuple[Old, ...]] = {
    "transcript": (Old(table="transcript", when=f"t.created_at < $1 AND {_IDLE}"),),
    "attachments": (Old(table="attachments", when=f"t.created_at < $1 AND {_IDLE}"),),
    "effects": (Old(table="effects", when=f"t.ended_at < $1 AND {_IDLE}"),),
    "inbox": (Old(table="inbox", when=f"t.ended_at < $1 AND {_IDLE}"),),
    "handoffs": (
        Old(table="handoff_notes", when=f"t.created_at < $1 AND {_IDLE}"),
        Old(table="handoffs", when=f"t.closed_at < $1 AND {_IDLE}"),
    ),
    "state": (
        Old(
            table="conversations",
            when=f"t.state IS NOT NULL AND t.created_at < $1 AND {_QUIET.format(c='t.id')} AND "
            + _IDLE.replace("t.conversation_id", "t.id"),
            change="state = NULL, beside = NULL",
        ),
    ),
    "channels": (
        Old(
            table="webchat_activities",
            when=f"t.created_at < $1 AND {_OF_NOBODY_HELD.format(channel='webchat', lookup='conversation')}",
        ),
        Old(
            table="telegram_buttons",
            when=f"t.created_at < $1 AND {_OF_NOBODY_HELD.format(channel='telegram', lookup='chat')}",
        ),
        Old(
            table="teams_references",
            when="t.updated_at < $1 AND NOT EXISTS "
            "(SELECT FROM conversations c WHERE c.channel = 'teams' AND c.address_lookup = t.lookup)",
        ),
    ),
    "deliveries": (
        Old(table="deliveries", when=f"t.changed_at < $1 AND (t.channel, t.provider_id) NOT IN ({_OF_HELD})"),
    ),
    "reach": (
        Old(
            table="reach",
            when="t.changed_at < $1 AND NOT t.opted_out AND NOT EXISTS (SELECT FROM conversations c "
            "WHERE c.channel = t.channel AND c.address_lookup = t.address_lookup)",
        ),
    ),
    "accesses": (Old(table="accesses", when=f"t.at < $1 AND {_NOT_HELD}"),),
    "audit": (Old(table="audit_events", when="t.at < $1"),),
    "erasures": (Old(table="erasures", when="t.done_at < $1"),),
    "nudges": (
        Old(table="callbacks", when="t.ended_at < $1"),
        Old(table="subscriptions", when=f"t.ended_at < $1 AND {_NOT_HELD}"),
        Old(
            table="nudges",
            when="t.status NOT IN ('created', 'held', 'sending') AND COALESCE(t.ended_at, t.sent_at) < $1 "
            f"AND {_NOT_HELD}",
        ),
    ),
    "audiences": (
        Old(table="campaign_rows", when=f"EXISTS ({_PAST}) AND {_NOT_HELD}"),
        Old(table="campaign_testers", when="t.asked_at < $1"),
    ),
    "campaigns": (
        Old(
            table="campaigns",
            when="COALESCE(t.ended_at, t.changed_at) < $1 AND t.status NOT IN ('running', 'paused') "
            "AND NOT EXISTS (SELECT FROM campaign_rows r WHERE r.campaign_id = t.id)",
        ),
    ),
    "sessions": (
        Old(table="console_sessions", when="t.expires_at < $1"),
        Old(table="console_logins", when="t.expires_at < $1"),
        Old(table="portal_sessions", when="t.expires_at < $1"),
        Old(table="portal_logins", when="t.expires_at < $1"),
        Old(table="portal_links", when="t.expires_at < $1"),
        Old(table="confirmations", when="t.expires_at < $1"),
        Old(table="api_requests", when="t.at < $1"),
    ),
    "misses": (Old(table="misses", when="t.at < $1"),),
    "reports": (Old(table="retention_runs", when="t.at < $1"),),
}
"""By category of ``retention.yaml``; ``conversations`` stands below."""

_CONTENT = ("transcript", "inbox", "effects", "attachments", "handoffs", "handoff_notes")
_EMPTY = " AND ".join(f"NOT EXISTS (SELECT FROM {table} s WHERE s.conversation_id = c.id)" for table in _CONTENT)

_SELVES = "SELECT m.id FROM persons m WHERE m.id = p.id OR m.merged_into = p.id"
_GONE = f"""
FROM persons p
WHERE p.created_at < $1 AND p.merged_into IS NULL
    AND NOT EXISTS (
        SELECT FROM conversations c WHERE c.person_id = p.id
        AND NOT (c.created_at < $1 AND c.state IS NULL AND c.done = c.arrived AND {_EMPTY})
    )
    AND NOT EXISTS (SELECT FROM nudges n WHERE n.person_id IN ({_SELVES}))
    AND NOT EXISTS (SELECT FROM subscriptions s WHERE s.person_id IN ({_SELVES}))
    AND NOT EXISTS (SELECT FROM accesses a WHERE a.person_id = p.id AND a.at >= $1)
    AND NOT EXISTS ({IN_FORCE.format(person="p.id")})
    AND NOT EXISTS (SELECT FROM erasures e WHERE e.person_id = p.id)
"""  # noqa: S608
COUNT_GONE = f"SELECT count(*) {_GONE}"
GONE = f"SELECT p.id {_GONE} AND p.id > $2 ORDER BY p.id LIMIT {BATCH}"
"""until, the person before. Of whom nothing is left but where they wrote from."""

REPORT = "INSERT INTO retention_runs (category, until, removed) VALUES ($1, $2, $3)"
"""category, until, how many."""

LAST = """
SELECT DISTINCT ON (category) category, at, until, removed FROM retention_runs ORDER BY category, at DESC, id DESC
"""
