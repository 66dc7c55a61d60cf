"""The tables of campaigns.

What a campaign says to whom is sealed by the campaign's own key, before anybody in it is a person whom the city knows.
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from bot.naming import NAMES

metadata = MetaData(naming_convention=NAMES)

APPROVED = "status IN ('approved', 'running', 'paused', 'done')"


def _moment(name: str, *, now: bool = False, comment: str | None = None) -> Column[object]:
    default = text("now()") if now else None
    return Column(name, DateTime(timezone=True), nullable=not now, server_default=default, comment=comment)


campaigns = Table(
    "campaigns",
    metadata,
    Column("id", Uuid, primary_key=True, comment="and the owner of the key that seals its rows"),
    Column("name", Text, nullable=False, comment="for staff"),
    Column("status", Text, nullable=False, server_default="draft"),
    Column("template", Text, nullable=False),
    Column("version", Integer, nullable=False, comment="of the template, pinned"),
    Column("values", LargeBinary, nullable=False, comment="sealed JSON: what is the same for all, by placeholder"),
    Column("channels", ARRAY(Text), comment="in this order; else each person's own order"),
    Column("audience", JSONB, comment="where it comes from: kind, and what was asked for or how the file was read"),
    Column("authors", ARRAY(Text), nullable=False, comment="subjects of the logins of all who have written it"),
    Column("author_name", Text, nullable=False),
    Column("approved_by", Text, comment="the subject of a login, and none of the authors"),
    Column("approver_name", Text),
    _moment("approved_at"),
    _moment("send_at", comment="none: as soon as it is started"),
    _moment("created_at", now=True),
    _moment("changed_at", now=True),
    _moment("started_at"),
    _moment("ended_at"),
    CheckConstraint(f"status IN ('draft', 'waiting', 'cancelled') OR {APPROVED}", name="status"),
    CheckConstraint("approved_by <> ALL (authors)", name="two_people"),
    CheckConstraint(f"NOT ({APPROVED}) OR approved_by IS NOT NULL", name="approved"),
    CheckConstraint("(status IN ('done', 'cancelled')) = (ended_at IS NOT NULL)", name="ended"),
    Index(None, "created_at"),
    Index("campaigns_running_idx", "id", postgresql_where=text("status IN ('running', 'cancelled')")),
)

campaign_rows = Table(
    "campaign_rows",
    metadata,
    Column("campaign_id", Uuid, ForeignKey("campaigns.id", ondelete="CASCADE"), nullable=False),
    Column("line", Integer, nullable=False, comment="of the file, from 1; else its place"),
    Column("body", LargeBinary, comment="sealed JSON: the number and the values; nothing of a row with a fault"),
    Column("address_lookup", LargeBinary, comment="as conversations.address_lookup, of a text message's number"),
    Column("person_id", Uuid, comment="where the audience is of persons"),
    Column("digest", LargeBinary, comment="of the number and the values: the same twice is sent once"),
    Column("language", Text, comment="that the row asks for"),
    Column("abroad", Boolean, nullable=False, server_default="false"),
    Column("fault", Text, comment="a code: why the row is not used"),
    Column("field", Text, comment="the column of the fault"),
    Column("looked", Boolean, nullable=False, server_default="false", comment="the dry run has looked at it"),
    Column("channel", Text, comment="that it would go out on"),
    Column("spoken", Text, comment="the language that it would go out in"),
    Column("skipped", Text, comment="a code: why it would not be sent"),
    Column("parts", SmallInteger, comment="of its text message"),
    Column("nudge_id", Uuid),
    PrimaryKeyConstraint("campaign_id", "line"),
    CheckConstraint("(fault IS NULL) = (body IS NOT NULL)", name="fault"),
    Index("campaign_rows_digest_idx", "campaign_id", "digest", unique=True),
    Index("campaign_rows_unlooked_idx", "campaign_id", "line", postgresql_where=text("NOT looked AND fault IS NULL")),
    Index(
        "campaign_rows_unmade_idx",
        "campaign_id",
        "line",
        postgresql_where=text("nudge_id IS NULL AND fault IS NULL AND skipped IS NULL"),
    ),
    Index(None, "person_id", postgresql_where=text("person_id IS NOT NULL")),
    Index(None, "address_lookup", postgresql_where=text("address_lookup IS NOT NULL")),
)

campaign_testers = Table(
    "campaign_testers",
    metadata,
    Column("agent", Text, primary_key=True, comment="the subject of a login"),
    Column("person_id", Uuid, nullable=False, comment="who answers at the number, and whose key seals it"),
    Column("number", LargeBinary, nullable=False, comment="sealed: the member of staff's own telephone"),
    Column("digest", LargeBinary, nullable=False, comment="keyed hash of the code that was sent there"),
    Column("tries", SmallInteger, nullable=False, server_default="0"),
    Column("sent", SmallInteger, nullable=False, server_default="1", comment="codes, since first_at"),
    _moment("first_at", now=True),
    _moment("asked_at", now=True),
    _moment("confirmed_at"),
    Index(None, "person_id"),
)
