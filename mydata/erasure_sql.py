"""The statements of erasure. Each step is whole in itself and changes nothing the second time."""

from __future__ import annotations

from mydata.holdings import HELD, KEPT
from mydata.holds import IN_FORCE

_HELD = IN_FORCE.format(person="p.id")

ASK = f"""
INSERT INTO erasures (id, mark, way, person_id, farewell)
SELECT $1, $2, $3, p.id, (SELECT id FROM conversations WHERE id = $5 AND person_id = p.id)
FROM persons p WHERE p.id = $4 AND ($6 OR NOT EXISTS ({_HELD}))
ON CONFLICT (mark) DO UPDATE SET
    step = 'asked', way = EXCLUDED.way, done_at = NULL, said_at = NULL, person_id = EXCLUDED.person_id, asked_at = now()
WHERE erasures.done_at IS NOT NULL
"""  # noqa: S608  the same for everybody
"""id, mark, way, person, conversation to say it in or none, whether holds do not count.

No row is made for who is not there, who is held, and who is being erased already.
"""

FIND = "SELECT * FROM erasures WHERE mark = $1"
"""mark."""

OPEN = "SELECT mark FROM erasures WHERE done_at IS NULL ORDER BY asked_at LIMIT $1"
"""limit."""

CONVERSATIONS = """
SELECT id, channel, address_lookup, address, language, detached_at FROM conversations
WHERE person_id = $1 ORDER BY id FOR UPDATE
"""
"""person."""

UNKNOWN = "UPDATE persons SET subject_lookup = NULL WHERE id = $1"
"""person. Who logs in from now on is somebody new."""

_SEALED = [held for held in HELD if held.sealed]
OWNERS = " UNION ".join(
    [f"SELECT person_id FROM {held.table} WHERE {held.of}" for held in _SEALED]  # noqa: S608
    + ["SELECT id FROM persons WHERE merged_into = $1"]
)
"""person. By whose keys their content is sealed, and who became part of them."""

_UNUSED = [f"NOT EXISTS (SELECT FROM {held.table} WHERE person_id = free.key_of)" for held in _SEALED]
FREE = f"SELECT free.key_of FROM unnest($1::uuid[]) AS free (key_of) WHERE {' AND '.join(_UNUSED)}"  # noqa: S608
"""owners. Those by whose keys nothing is sealed any more."""

DISABLE = """
UPDATE erasures SET step = 'disabled', owners = $2, channels = $3, lookups = $4, addresses = $5, farewell = $6
WHERE id = $1 AND step = 'asked' RETURNING id
"""
"""erasure, owners, channels, lookups, sealed addresses, the conversation of the confirmation or none."""

FORGET = tuple(f"DELETE FROM {held.table} WHERE {held.of}" for held in HELD)  # noqa: S608
"""person. All that is theirs, but for what channels keep."""

SAY = """
WITH c AS (
    INSERT INTO conversations (id, person_id, channel, address_lookup, address, language)
    VALUES ($1, $2, $3, $4, $5, $6) RETURNING id
), said AS (
    INSERT INTO transcript (conversation_id, person_id, kind, body) SELECT id, $2, 'reply', $7 FROM c RETURNING id
)
INSERT INTO outbox (id, conversation_id, channel, kind, status, due_at)
SELECT said.id, $1, $3, 'reply', 'waiting', now() FROM said
"""
"""conversation, person, channel, a lookup that nobody has, sealed address, language, sealed reply."""

SAID = """
UPDATE erasures SET step = 'said', said_at = now()
WHERE id = $1 AND step = 'disabled' AND (farewell IS NULL OR asked_at < now() - $2::interval OR NOT EXISTS (
    SELECT FROM outbox o WHERE o.conversation_id = farewell
    AND (o.settled_at IS NULL OR o.settled_at > now() - $3::interval)
))
RETURNING id
"""
"""erasure, how long the confirmation is tried, how long it can be read in a channel that keeps it with us."""

CLEAR_UNTIL = tuple(
    (
        kept.channel,
        f"DELETE FROM {kept.table} WHERE {kept.lookup} = ANY($1::bytea[]) AND {kept.at} <= $2 AND {kept.sparing}",  # noqa: S608
    )
    for kept in KEPT
)
"""By channel: lookups, until when."""

CLEAR = tuple(
    (
        kept.channel,
        f"{statement} AND NOT EXISTS (SELECT FROM conversations c WHERE c.channel = '{kept.channel}'"
        f" AND c.address_lookup = {kept.table}.{kept.lookup} AND c.created_at <= {kept.table}.{kept.at})",
    )
    for kept, (_, statement) in zip(KEPT, CLEAR_UNTIL, strict=True)
)
"""By channel: lookups, until when. Who has written again, also before then, keeps what came since."""

CLEARED = "UPDATE erasures SET step = 'cleared' WHERE id = $1 AND step = 'said'"
"""erasure."""

LIVE = "SELECT DISTINCT address_lookup FROM conversations WHERE address_lookup = ANY($1::bytea[])"
"""lookups. Those at which somebody has begun anew."""

UNKEYED = "UPDATE erasures SET step = 'unkeyed', owners = $2 WHERE id = $1 AND step = 'cleared'"
"""erasure, the persons whose keys are destroyed."""

END_PERSONS = "DELETE FROM persons WHERE id = ANY($1::uuid[])"
"""persons."""

END = """
UPDATE erasures SET
    step = 'done', done_at = now(),
    person_id = NULL, owners = NULL, channels = NULL, lookups = NULL, addresses = NULL, farewell = NULL
WHERE id = $1 AND step = 'unkeyed'
"""
"""erasure."""

AT = "SELECT id, person_id FROM conversations WHERE channel = $1 AND address_lookup = $2 FOR UPDATE"
"""channel, lookup."""

HAS_OTHERS = "SELECT EXISTS (SELECT FROM conversations WHERE person_id = $1 AND id <> $2)"
"""person, conversation."""

PART = """
WITH p AS (INSERT INTO persons (id) VALUES ($1)),
used AS (UPDATE accesses SET person_id = $1 WHERE conversation_id = $2)
UPDATE conversations SET person_id = $1 WHERE id = $2
"""
"""new person, conversation. It is erased alone; what was sealed stays sealed by the old key."""
