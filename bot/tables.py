"""The server's own tables. Every text or JSON of a person is ``bytea`` that has passed through ``bot/codec.py``.

A conversation's messages are numbered under its row's lock: ``arrived`` is the last number given and ``done`` the last
number ended, so its oldest unfinished message is always ``done + 1``. The claim of that message (fence, lease and
attempts) stands in the conversation's row too: a statement that waited for the row's lock sees the newest row, but
every other table as it was before the wait, so nothing about order may be read from another table.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)

from bot.naming import NAMES

metadata = MetaData(naming_convention=NAMES)


def _moment(name: str, *, now: bool = False, nullable: bool = False) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=nullable, server_default=text("now()") if now else None)


def _conversation() -> Column[object]:
    return Column("conversation_id", Uuid, ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False)


def _person() -> Column[object]:
    """Whose content it is, and so by whose key the codec has sealed it."""
    return Column("person_id", Uuid, ForeignKey("persons.id"), nullable=False)


persons = Table(
    "persons",
    metadata,
    Column("id", Uuid, primary_key=True),
    _moment("created_at", now=True),
    Column("subject_lookup", LargeBinary, unique=True, comment="keyed hash of a strong login's subject"),
    Column("loa", Text, comment="low, substantial or high, of the last strong login"),
    Column("merged_into", Uuid, ForeignKey("persons.id"), comment="of whom this one became part"),
    Index(None, "merged_into"),
)

conversations = Table(
    "conversations",
    metadata,
    Column("id", Uuid, primary_key=True),
    _person(),
    Column("channel", Text, nullable=False),
    Column("address_lookup", LargeBinary, nullable=False, comment="Codec.lookup of the channel's own key"),
    Column("address", LargeBinary, nullable=False, comment="the channel's own key, sealed"),
    Column("language", Text),
    Column("owner", Text, comment="the member of staff who answers, if one does"),
    Column("state", LargeBinary, comment="what the responder returned last, sealed JSON"),
    Column("beside", LargeBinary, comment="nudges since the last turn, sealed JSON list"),
    Column("arrived", BigInteger, nullable=False, server_default="0"),
    Column("done", BigInteger, nullable=False, server_default="0"),
    Column("fence", BigInteger, nullable=False, server_default="0"),
    Column("attempts", SmallInteger, nullable=False, server_default="0", comment="of message done + 1"),
    _moment("lease_until", nullable=True),
    _moment("created_at", now=True),
    Column("level", Text, nullable=False, server_default="claimed", comment="how surely the address is the person's"),
    _moment("level_at", nullable=True),
    _moment("detached_at", nullable=True),
    UniqueConstraint("channel", "address_lookup"),
    CheckConstraint("level IN ('claimed', 'confirmed', 'strong')", name="level"),
    CheckConstraint("level = 'claimed' OR level_at IS NOT NULL", name="level_at"),
    CheckConstraint("done >= 0 AND done <= arrived", name="done"),
    CheckConstraint("attempts >= 0", name="attempts"),
    Index(None, "person_id"),
    # Its counters change twice in a turn: free space in the page keeps the indexes out of it (HOT updates).
    postgresql_with={"fillfactor": 50},
)

inbox = Table(
    "inbox",
    metadata,
    _conversation(),
    Column("number", BigInteger, nullable=False),
    _person(),
    Column("channel", Text, nullable=False),
    Column("message_id", Text, nullable=False, comment="stands for the provider's, unique within the channel"),
    Column("status", Text, nullable=False, server_default="waiting"),
    Column("body", LargeBinary, comment="sealed Message; moves to the transcript at the end"),
    _moment("accepted_at", now=True),
    _moment("ended_at", nullable=True),
    PrimaryKeyConstraint("conversation_id", "number"),
    UniqueConstraint("channel", "message_id"),
    CheckConstraint("status IN ('waiting', 'done', 'parked', 'late')", name="status"),
    CheckConstraint("(status = 'waiting') = (ended_at IS NULL)", name="ended"),
    CheckConstraint("(status = 'waiting') = (body IS NOT NULL)", name="body"),
    Index("inbox_waiting_idx", "conversation_id", postgresql_where=text("status = 'waiting'")),
)

transcript = Table(
    "transcript",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    _conversation(),
    _person(),
    Column("kind", Text, nullable=False),
    Column("body", LargeBinary, nullable=False, comment="sealed Incoming or Reply"),
    Column("author", Text, comment="the member of staff who wrote it"),
    Column("key", Uuid, comment="of the form it was written in: once for each"),
    _moment("created_at", now=True),
    CheckConstraint("kind IN ('message', 'result', 'reply', 'safety', 'nudge', 'agent')", name="kind"),
    Index(None, "conversation_id", "id"),
    Index("transcript_key_idx", "key", unique=True, postgresql_where=text("key IS NOT NULL")),
)

UNSETTLED = "status IN ('waiting', 'sending')"

outbox = Table(
    "outbox",
    metadata,
    Column("id", BigInteger, ForeignKey(transcript.c.id, ondelete="CASCADE"), primary_key=True, autoincrement=False),
    _conversation(),
    Column("channel", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("reason", Text, comment="why it is not sent; never words of a person"),
    Column("attempts", SmallInteger, nullable=False, server_default="0", comment="and the fence of the sending"),
    Column("due_at", DateTime(timezone=True), nullable=False, comment="waiting: not before; sending: the lease's end"),
    Column("provider_id", Text),
    _moment("created_at", now=True),
    _moment("settled_at", nullable=True),
    CheckConstraint("kind IN ('reply', 'safety', 'nudge', 'agent')", name="kind"),
    CheckConstraint(
        "status IN ('waiting', 'sending', 'sent', 'failed', 'unreachable', 'opted_out', 'refused', 'in_doubt')",
        name="status",
    ),
    CheckConstraint(f"({UNSETTLED}) = (settled_at IS NULL)", name="settled"),
    CheckConstraint("attempts >= 0", name="attempts"),
    Index(None, "conversation_id"),
    Index("outbox_unsettled_idx", "conversation_id", "id", postgresql_where=text(UNSETTLED)),
)

attachments = Table(
    "attachments",
    metadata,
    Column("id", Uuid, primary_key=True, comment="of the conversation, the message's number and the place in it"),
    _conversation(),
    _person(),
    Column("content_type", Text, nullable=False),
    Column("body", LargeBinary, nullable=False, comment="sealed picture, without its metadata"),
    Column("token", Text, unique=True, comment="the secret end of its address, once it has been passed on"),
    _moment("created_at", now=True),
    Index(None, "conversation_id"),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("channel", Text, nullable=False),
    Column("provider_id", Text, nullable=False, comment="as outbox.provider_id; may be told before that is written"),
    Column("state", Text, nullable=False),
    Column("reason", Text, comment="the provider's code"),
    _moment("changed_at", now=True),
    PrimaryKeyConstraint("channel", "provider_id"),
    CheckConstraint("state IN ('sent', 'delivered', 'failed')", name="state"),
)

reach = Table(
    "reach",
    metadata,
    Column("channel", Text, nullable=False),
    Column("address_lookup", LargeBinary, nullable=False, comment="as conversations.address_lookup"),
    Column("reachable", Boolean, nullable=False, server_default="true"),
    Column("opted_out", Boolean, nullable=False, server_default="false", comment="at the provider"),
    _moment("changed_at", now=True),
    PrimaryKeyConstraint("channel", "address_lookup"),
)

UNFINISHED = "status IN ('waiting', 'running')"

effects = Table(
    "effects",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    _conversation(),
    _person(),
    Column("effect_id", Text, nullable=False, comment="the dialog's id: the key that the service is called with"),
    Column("name", Text, nullable=False, comment="service.method"),
    Column("arguments", LargeBinary, comment="sealed JSON list; dropped at the end"),
    Column("status", Text, nullable=False, server_default="waiting"),
    Column("reason", Text, comment="the class of the last error"),
    Column("attempts", SmallInteger, nullable=False, server_default="0", comment="and the fence of the run"),
    Column("due_at", DateTime(timezone=True), nullable=False, comment="waiting: not before; running: the lease's end"),
    Column("woken_at", DateTime(timezone=True), nullable=False, comment="when a job was last made for it"),
    _moment("created_at", now=True),
    _moment("ended_at", nullable=True),
    UniqueConstraint("conversation_id", "effect_id"),
    CheckConstraint("status IN ('waiting', 'running', 'done', 'failed')", name="status"),
    CheckConstraint(f"({UNFINISHED}) = (ended_at IS NULL)", name="ended"),
    CheckConstraint(f"({UNFINISHED}) = (arguments IS NOT NULL)", name="arguments"),
    CheckConstraint("attempts >= 0", name="attempts"),
    Index("effects_due_idx", "due_at", postgresql_where=text(UNFINISHED)),
)
