"""What is held of a person: every table of the database, and how it is theirs, or why it is nobody's.

One list for all: what a person is shown, what they take along, what is erased. A table that is in neither half fails
``tests/unit/mydata/test_holdings.py``, which reads the schema as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias
from uuid import UUID

if TYPE_CHECKING:
    import asyncpg.pool

Connection: TypeAlias = "asyncpg.Connection[Any] | asyncpg.pool.PoolConnectionProxy[Any]"

_MINE = "SELECT id FROM conversations WHERE person_id = $1"
# By way of the transcript, since the outbox is in no order of conversations.
_SAID = f"SELECT id FROM transcript WHERE conversation_id IN ({_MINE})"  # noqa: S608  names of ours
_SENT = f"SELECT channel, provider_id FROM outbox WHERE id IN ({_SAID})"  # noqa: S608
BY_PERSON = "person_id = $1"
# Also of those who became part of the person: what stays sealed by their keys stays theirs by its column.
BY_SELVES = "person_id IN (SELECT id FROM persons WHERE id = $1 OR merged_into = $1)"
_NUDGES = f"SELECT id FROM nudges WHERE {BY_SELVES}"  # noqa: S608
BY_CONVERSATION = f"conversation_id IN ({_MINE})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A table with rows of persons. ``of`` picks those of the person ``$1``, in SQL.

    ``exported`` says where they are in the export, or why they are not in it. ``sealed`` tells that ``person_id`` names
    the key by which the row is sealed.
    """

    table: str
    of: str
    exported: str
    sealed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept(Held):
    """Rows of an address in a channel's own table, found by its ``lookup``, with the time of the last change.

    They are erased after the last message to the address, which the channel keeps there too.
    """

    channel: str
    lookup: str
    at: str = "created_at"
    sparing: str = "true"
    """SQL of the rows that may go."""


def _kept(
    table: str, channel: str, lookup: str, exported: str, *, at: str = "created_at", sparing: str = "true"
) -> Kept:
    mine = "SELECT address_lookup FROM conversations WHERE person_id = $1 AND channel"
    return Kept(
        table=table,
        of=f"{lookup} IN ({mine} = '{channel}') AND {sparing}",
        exported=exported,
        channel=channel,
        lookup=lookup,
        at=at,
        sparing=sparing,
    )


KEPT: tuple[Kept, ...] = (
    _kept(
        "webchat_activities",
        "webchat",
        "conversation",
        "counted: the messages again, as they were shown",
        sparing="key <> 'ended'",  # the mark of a chat that its citizen ended holds nothing but that
    ),
    _kept("telegram_buttons", "telegram", "chat", "counted: the choices of the messages again"),
    _kept("teams_references", "teams", "lookup", "counted: the address as Teams wants it", at="updated_at"),
)
"""The channels' own tables."""

HELD: tuple[Held, ...] = (
    Held(
        table="deliveries",
        of=f"(channel, provider_id) IN ({_SENT})",
        exported="conversations.messages.delivery",
    ),
    Held(
        table="reach",
        of="NOT opted_out AND (channel, address_lookup) IN "
        "(SELECT channel, address_lookup FROM conversations WHERE person_id = $1)",
        exported="conversations.reach; an address that opted out is kept, as its keyed hash alone, so that nobody "
        "writes to it again",
    ),
    Held(table="outbox", of=f"id IN ({_SAID})", exported="conversations.messages.status"),
    Held(table="nudge_events", of=f"nudge_id IN ({_NUDGES})", exported="nudges.events"),
    Held(
        table="callbacks", of=f"nudge_id IN ({_NUDGES})", exported="counted: what was told of nudges to who sent them"
    ),
    Held(table="nudge_answers", of=f"nudge_id IN ({_NUDGES})", exported="nudges.answer"),
    Held(table="nudges", of=BY_SELVES, exported="nudges", sealed=True),
    Held(table="subscriptions", of=BY_SELVES, exported="subscriptions", sealed=True),
    Held(
        table="suppressions",
        of="purpose <> '' AND (channel, address_lookup) IN "
        "(SELECT channel, address_lookup FROM conversations WHERE person_id = $1)",
        exported="counted: what an address wants no messages of; one that wants none at all is kept, as its keyed hash "
        "alone, so that nobody writes to it again",
    ),
    Held(
        table="campaign_rows",
        of=f"({BY_SELVES} OR address_lookup IN "  # noqa: S608
        "(SELECT address_lookup FROM conversations WHERE person_id = $1 AND channel = 'sms'))",
        exported="counted: places in the lists of campaigns; what was sent is among the nudges",
    ),
    Held(
        table="campaign_testers",
        of=BY_SELVES,
        exported="counted: that a member of staff tries campaigns on this telephone",
        sealed=True,
    ),
    Held(table="transcript", of=BY_CONVERSATION, exported="conversations.messages", sealed=True),
    Held(table="inbox", of=BY_CONVERSATION, exported="conversations.waiting", sealed=True),
    Held(table="effects", of=BY_CONVERSATION, exported="conversations.effects", sealed=True),
    Held(table="attachments", of=BY_CONVERSATION, exported="conversations.pictures", sealed=True),
    Held(table="handoffs", of=BY_CONVERSATION, exported="conversations.handoffs", sealed=True),
    Held(table="handoff_notes", of=BY_CONVERSATION, exported="conversations.notes", sealed=True),
    Held(
        table="confirmations",
        of=f"(conversation_id IN ({_MINE}) OR target_id IN ({_MINE}))",
        exported="counted: one-time codes that were asked for",
    ),
    Held(table="guardians", of="(child_id = $1 OR guardian_id = $1)", exported="guardians"),
    Held(table="portal_links", of=f"({BY_CONVERSATION} OR {BY_PERSON})", exported="counted: links to log in by, once"),
    Held(table="portal_sessions", of=BY_PERSON, exported="logins"),
    Held(table="accesses", of=BY_PERSON, exported="accesses"),
    Held(table="legal_holds", of=BY_PERSON, exported="legal_holds"),
    Held(table="conversations", of=BY_PERSON, exported="conversations", sealed=True),
)
"""What is erased at once, children before their parents."""

PERSONS = Held(table="persons", of="id = $1", exported="person")
"""Erased at the very end, once nothing is left that was sealed by the person's key."""

PSEUDONYMOUS: Mapping[str, str] = {
    "health.facts": "health.facts",
    "health.findings": "health.finding",
    "health.grounds": "health.grounds",
    "health.patients": "health.patient",
}
"""Tables whose rows are a person's by a pseudonym made from the person's key, and where they are in the export.

They are reached by the way back that stands beside the keys (``mydata/ways_back.py``), and go before the key does.
"""

_COUNTS = "counts by day or hour, channel, language and intent, of nobody"
_CITY = "a copy of the city's public sources"
_STAFF = "of members of staff at work"
_QUEUE = "the queue of jobs: ids alone, pruned after a day"

REASONED: Mapping[str, str] = {
    "turn_counts": _COUNTS,
    "thumbs": _COUNTS,
    "misses": "texts that were not understood: masked, without whose they were, kept for some days",
    "city_sources": _CITY,
    "city_units": _CITY,
    "city_connections": _CITY,
    "city_hours": _CITY,
    "city_events": _CITY,
    "city_documents": _CITY,
    "consent_ledger": "what was allowed and taken back, by a pseudonym: nobody can tell whose, once the key is "
    "destroyed. In the export as consents",
    "consent_texts": "the texts that were agreed to, of nobody",
    "consent_checkpoints": "signed counts over the ledger, of nobody",
    "api_keys": "keys of programs of the city's services",
    "api_requests": "answers to their requests, by ids alone, for a day",
    "pace": "when each channel may send next",
    "campaigns": "what the city sent to many, with who of its staff wrote and approved it; to whom is in its rows",
    "portal_logins": "logins that have begun, for some minutes, before it is known whose",
    "console_sessions": _STAFF,
    "console_logins": _STAFF,
    "audit_events": "what staff did, for the city's own control: a conversation stands there as a digest of its id",
    "erasures": "that somebody was erased: while it goes on with what it needs, after it a digest of an id alone",
    "retention_runs": "how many rows ran out, by category",
    "pgqueuer": _QUEUE,
    "pgqueuer_log": _QUEUE,
    "pgqueuer_schedules": _QUEUE,
    "pgqueuer_statistics": _QUEUE,
    "health.imports": "how many resources an import read and kept, of nobody",
    "health.import_faults": "places in files of an import that could not be used: a digest of a resource's id alone",
    "health.programme_approvals": "who of the city's staff let a version of a health programme begin",
    "health.runs": "how many patients stand where in a programme, of nobody",
    "alembic_version": "which release made the tables",
}
"""Tables that are in no export and outlive an erasure, and why."""

ALL: tuple[Held, ...] = (*KEPT, *HELD, PERSONS)


async def counted(connection: Connection, person_id: UUID) -> dict[str, int]:
    """How many rows of each table are the person's. Raises one of the database's errors."""
    return {
        held.table: await connection.fetchval(f"SELECT count(*) FROM {held.table} WHERE {held.of}", person_id)  # noqa: S608  names of ours
        for held in ALL
    }
