"""The turn's statements. Each is one round trip, and whole in itself: it commits alone where nothing more is said.

Where a statement decides by what it reads, it reads from the conversation's row, which it has locked (``bot/tables.py``
says why). ``fence`` rises with each claim, and whoever holds an older one writes nothing.
"""

from __future__ import annotations

FIND = "SELECT id, person_id FROM conversations WHERE channel = $1 AND address_lookup = $2"
"""channel, lookup."""

BEGIN = """
WITH person AS (INSERT INTO persons (id) VALUES ($2))
INSERT INTO conversations (id, person_id, channel, address_lookup, address) VALUES ($1, $2, $3, $4, $5)
"""
"""conversation, person, channel, lookup, address. A unique violation when another process was quicker."""

ACCEPT = """
WITH c AS (
    UPDATE conversations SET
        arrived = arrived + 1,
        fence = CASE WHEN $6 AND done = arrived THEN fence + 1 ELSE fence END,
        attempts = CASE WHEN $6 AND done = arrived THEN 1 ELSE attempts END,
        lease_until = CASE WHEN $6 AND done = arrived THEN now() + $7::interval ELSE lease_until END
    WHERE id = $1 AND person_id = $2 AND (detached_at IS NULL OR NOT $8)
        AND NOT EXISTS (SELECT FROM inbox WHERE channel = $3 AND message_id = $4)
    RETURNING
        id, arrived, fence, state, beside, language, owner, address_lookup, $6 AND done = arrived - 1 AS claimed
), heard AS (
    UPDATE reach SET reachable = true, changed_at = now() FROM c
    WHERE reach.channel = $3 AND reach.address_lookup = c.address_lookup AND NOT reach.reachable AND $8
), kept AS (
    INSERT INTO inbox (conversation_id, number, person_id, channel, message_id, body)
    SELECT id, arrived, $2, $3, $4, $5 FROM c
)
SELECT
    arrived AS number, fence, claimed, language, owner IS NOT NULL AS owned,
    CASE WHEN claimed THEN state END AS state, CASE WHEN claimed THEN beside END AS beside
FROM c
"""
"""conversation, person, channel, message id, body, whether to claim, lease, whether the citizen wrote it.

Keeps the message, and claims it at once when nothing older is unfinished. No row: it is there already, or the
conversation is gone. A unique violation: it came twice in the same moment, and the other one is kept.
"""

CLAIM = """
WITH c AS (
    UPDATE conversations SET fence = fence + 1, attempts = attempts + 1, lease_until = now() + $2::interval
    WHERE id = $1 AND done < arrived AND (lease_until IS NULL OR lease_until <= now())
    RETURNING
        id, person_id, channel, address, language, state, beside, fence, attempts,
        done + 1 AS number, owner IS NOT NULL AS owned
)
SELECT c.*, i.body, i.person_id AS author FROM c LEFT JOIN inbox i ON i.conversation_id = c.id AND i.number = c.number
"""
"""conversation, lease. Claims its oldest unfinished message; no row when there is none or another holds it."""

BODY = "SELECT body, person_id AS author FROM inbox WHERE conversation_id = $1 AND number = $2"
"""conversation, number."""

WAS_LATE = """
SELECT status = 'late' AND ended_at > now() - interval '1 hour' FROM inbox WHERE conversation_id = $1 AND number = $2
"""
"""conversation, number."""

RELEASE = """
UPDATE conversations SET lease_until = now() + $4::interval, attempts = attempts - $5
WHERE id = $1 AND fence = $2 AND done = $3 - 1
"""
"""conversation, fence, number, not again before, attempts not to count."""

_COMMIT = """
WITH c AS (
    UPDATE conversations SET
        state = COALESCE($4, state), beside = CASE WHEN $4 IS NULL THEN beside END,
        language = COALESCE($5, language),
        done = done + 1, attempts = 0, lease_until = NULL,
        owner = CASE WHEN $11 THEN NULL ELSE owner END
    WHERE id = $1 AND fence = $2 AND done = $3 - 1
    RETURNING id, person_id, channel, arrived > done AS more
), ended AS (
    UPDATE inbox SET status = $6, body = NULL, ended_at = now()
    FROM c WHERE inbox.conversation_id = c.id AND inbox.number = $3
), handed_back AS (
    UPDATE handoffs SET status = 'closed', closed_at = now(), close_reason = 'citizen'
    FROM c WHERE $11 AND handoffs.conversation_id = c.id AND handoffs.status <> 'closed'
), said AS (
    INSERT INTO transcript (conversation_id, person_id, kind, body)
    SELECT c.id, c.person_id, s.kind, s.body
    FROM c, unnest($7::text[], $8::bytea[]) WITH ORDINALITY AS s (kind, body, place)
    ORDER BY s.place
    RETURNING id, kind
), out AS (
    INSERT INTO outbox (id, conversation_id, channel, kind, status, attempts, due_at, provider_id, settled_at)
    SELECT
        said.id, c.id, c.channel, said.kind,
        CASE WHEN said.kind = 'safety' THEN 'sent' WHEN before.unsettled THEN 'waiting' ELSE 'sending' END,
        CASE WHEN said.kind <> 'safety' AND before.unsettled THEN 0 ELSE 1 END,
        CASE WHEN said.kind <> 'safety' AND before.unsettled THEN now() ELSE now() + $10::interval END,
        CASE WHEN said.kind = 'safety' THEN $9::text END,
        CASE WHEN said.kind = 'safety' THEN now() END
    FROM c, said, (
        SELECT EXISTS (
            SELECT FROM outbox WHERE conversation_id = $1 AND status IN ('waiting', 'sending')
        ) AS unsettled
    ) AS before
    WHERE said.kind IN ('reply', 'safety')
    RETURNING id, status
){effects}
SELECT
    c.more,
    (SELECT array_agg(id ORDER BY id) FROM out WHERE status = 'sending') AS sending,
    EXISTS (SELECT FROM out WHERE status = 'waiting') AS waiting,
    {ids} AS effects,
    (
        SELECT count(pg_notify('neuvo_console', h.conversation_id::text)) FROM handoffs h
        WHERE h.conversation_id = c.id AND h.status <> 'closed'
    ) AS told
FROM c
"""

COMMIT = _COMMIT.format(effects="", ids="NULL::bigint[]")
"""conversation, fence, number, state, language, status, kinds, bodies, safety answer's id, lease of the sending,
whether the conversation goes back from a person to us.

The one guarded commit of a turn; no row, and nothing written, when the fence is lost. Outgoing messages are born
``sending``, since this process sends them at once, unless older ones of the conversation have not got out yet. What was
written first since the last turn is in the new state now: nothing is written first while a turn is held.
Staff who look at the conversation hear of it (``bot/handoff.py``).
"""

COMMIT_WITH_EFFECTS = _COMMIT.format(
    effects=""", asked AS (
    INSERT INTO effects (conversation_id, person_id, effect_id, name, arguments, due_at, woken_at)
    SELECT c.id, c.person_id, e.effect_id, e.name, e.arguments, now(), now()
    FROM c, unnest($12::text[], $13::text[], $14::bytea[]) AS e (effect_id, name, arguments)
    ON CONFLICT (conversation_id, effect_id) DO NOTHING
    RETURNING id
)""",
    ids="(SELECT array_agg(id ORDER BY id) FROM asked)",
)
"""As ``COMMIT``, then ids, names and arguments of effects. Within a transaction, which makes their jobs too."""

DUE = """
SELECT DISTINCT i.conversation_id FROM inbox i JOIN conversations c ON c.id = i.conversation_id
WHERE i.status = 'waiting' AND (c.lease_until IS NULL OR c.lease_until <= now())
LIMIT $1
"""
"""limit. Conversations with messages that nobody works on."""

DEPTH = """
SELECT count(*) AS messages, COALESCE(extract(epoch FROM now() - min(accepted_at)), 0)::float8 AS oldest
FROM inbox WHERE status = 'waiting'
"""
