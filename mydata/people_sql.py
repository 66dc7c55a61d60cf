"""The statements of people and of one-time codes."""

from __future__ import annotations

SEEN = "UPDATE persons SET loa = $2 WHERE subject_lookup = $1 RETURNING id"
"""lookup of the subject, level of assurance."""

NEW = """
INSERT INTO persons (id, subject_lookup, loa) VALUES ($1, $2, $3)
ON CONFLICT (subject_lookup) DO UPDATE SET loa = EXCLUDED.loa RETURNING id
"""
"""person, lookup of the subject, level of assurance. The one who was quicker, where there was one."""

OF_SUBJECT = "SELECT id FROM persons WHERE subject_lookup = $1"
"""lookup of the subject."""

OF_SUBJECTS = "SELECT id, subject_lookup FROM persons WHERE subject_lookup = ANY($1::bytea[])"
"""lookups of the subjects."""

OWNER = """
SELECT c.person_id, p.subject_lookup IS NOT NULL AS known FROM conversations c JOIN persons p ON p.id = c.person_id
WHERE c.id = $1 AND c.detached_at IS NULL FOR UPDATE
"""
"""conversation."""

KNOWN_STILL = "SELECT true FROM persons WHERE id = $1 AND subject_lookup IS NOT NULL FOR UPDATE"
"""person. Nothing where they are gone, or being erased."""

THEIRS = "SELECT id, address, state, beside FROM conversations WHERE person_id = $1 ORDER BY id FOR UPDATE"
"""person."""

# The fence: a turn that is being held would write what is sealed by the old key.
MOVE = """
UPDATE conversations SET
    person_id = $2, address = $3, state = $4, beside = $5, fence = fence + 1, lease_until = NULL
WHERE id = $1
"""
"""conversation, new person, sealed address, sealed state, sealed nudges since the last turn."""

MERGE = (
    "UPDATE accesses SET person_id = $2 WHERE person_id = $1",
    "UPDATE legal_holds SET person_id = $2 WHERE person_id = $1",
    "UPDATE persons SET merged_into = $2 WHERE id = $1 OR merged_into = $1",
    "UPDATE guardians g SET child_id = $2 WHERE child_id = $1 AND guardian_id <> $2"
    " AND NOT EXISTS (SELECT FROM guardians o WHERE o.child_id = $2 AND o.guardian_id = g.guardian_id)",
    "UPDATE guardians g SET guardian_id = $2 WHERE guardian_id = $1 AND child_id <> $2"
    " AND NOT EXISTS (SELECT FROM guardians o WHERE o.guardian_id = $2 AND o.child_id = g.child_id)",
)
"""old person, new person."""

MERGED = "SELECT id FROM persons WHERE merged_into = $1 ORDER BY created_at"
"""person."""

RAISE = """
UPDATE conversations SET
    level = CASE WHEN level = 'strong' THEN level ELSE $2 END,
    level_at = CASE WHEN level = 'strong' AND $2 <> 'strong' THEN level_at ELSE now() END
WHERE id = $1
"""
"""conversation, level. It is never lowered by a weaker proof."""

PLACE = """
SELECT c.id, c.person_id, c.channel, c.address, c.level, c.level_at, c.created_at,
    (SELECT max(accepted_at) FROM inbox i WHERE i.conversation_id = c.id) AS used
FROM conversations c
"""

DETACH = """
WITH c AS (
    UPDATE conversations SET address_lookup = $3, detached_at = now(), level = 'claimed', level_at = NULL
    WHERE id = $1 AND person_id = $2 AND detached_at IS NULL RETURNING id
), unsent AS (
    UPDATE outbox SET status = 'refused', reason = 'Detached', settled_at = now()
    FROM c WHERE outbox.conversation_id = c.id AND outbox.status = 'waiting' AND outbox.kind = 'nudge'
)
SELECT id FROM c
"""
"""conversation, person, a lookup that nobody has. What the city meant to write there is not sent any more."""

UNUSED = """
SELECT id, person_id FROM conversations c
WHERE channel = ANY($1) AND detached_at IS NULL AND created_at < now() - $2::interval
    AND (level_at IS NULL OR level_at < now() - $2::interval)
    AND NOT EXISTS (SELECT FROM inbox i WHERE i.conversation_id = c.id AND i.accepted_at > now() - $2::interval)
LIMIT 1000
"""
"""channels, how long unused."""

GUARD = """
INSERT INTO guardians (child_id, guardian_id, ends_at) VALUES ($1, $2, $3)
ON CONFLICT (child_id, guardian_id) DO UPDATE SET ends_at = EXCLUDED.ends_at
"""
"""child, guardian, end."""

RELEASE = "DELETE FROM guardians WHERE child_id = $1 AND guardian_id = $2"
"""child, guardian."""

ACTS_FOR = "SELECT true FROM guardians WHERE child_id = $1 AND guardian_id = $2 AND ends_at > $3"
"""child, guardian, now."""

CHILDREN = "SELECT child_id FROM guardians WHERE guardian_id = $1 AND ends_at > $2 ORDER BY created_at"
"""guardian, now."""

AT = "SELECT id, person_id, address_lookup FROM conversations WHERE channel = $1 AND address_lookup = ANY($2::bytea[])"
"""channel, lookups."""

BEGIN = """
WITH begun AS (
    INSERT INTO conversations (id, person_id, channel, address_lookup, address, language)
    SELECT id, person_id, $1, lookup, address, $2
    FROM unnest($3::uuid[], $4::uuid[], $5::bytea[], $6::bytea[]) AS new (id, person_id, lookup, address)
    ON CONFLICT (channel, address_lookup) DO NOTHING RETURNING person_id
)
INSERT INTO persons (id) SELECT person_id FROM begun
"""
"""channel, language, conversations, persons, lookups, sealed addresses. Where somebody was quicker, none is begun."""

STOPPED = "SELECT true FROM reach WHERE channel = $1 AND address_lookup = $2 AND (opted_out OR NOT reachable)"
"""channel, lookup."""

ASKED = """
SELECT count(*) FILTER (WHERE conversation_id = $1) AS here, count(*) FILTER (WHERE target_id = $2) AS there
FROM confirmations WHERE (conversation_id = $1 OR target_id = $2) AND created_at > now() - $3::interval
"""
"""conversation, target, since when."""

LOCK = "SELECT id FROM conversations WHERE id = ANY($1::uuid[]) ORDER BY id FOR UPDATE"
"""conversations. Two codes at once are counted one after the other."""

ASK = """
INSERT INTO confirmations (id, conversation_id, target_id, digest, expires_at)
VALUES ($1, $2, $3, $4, now() + $5::interval) ON CONFLICT (id) DO NOTHING RETURNING id
"""
"""id, conversation, target, digest, how long."""

KNOWN = "SELECT true FROM confirmations WHERE id = $1"
"""id."""

SAY = """
WITH said AS (
    INSERT INTO transcript (conversation_id, person_id, kind, body)
    SELECT id, person_id, 'reply', $2 FROM conversations WHERE id = $1 RETURNING id
)
INSERT INTO outbox (id, conversation_id, channel, kind, status, due_at)
SELECT said.id, c.id, c.channel, 'reply', 'waiting', now() FROM said, conversations c WHERE c.id = $1
"""
"""target, sealed reply."""

TRY = """
UPDATE confirmations SET tries = tries + 1
WHERE id = (
    SELECT id FROM confirmations WHERE conversation_id = $1 AND used_at IS NULL AND expires_at > now()
    ORDER BY created_at DESC LIMIT 1
)
RETURNING id, target_id, digest, tries
"""
"""conversation. Counted before the code is looked at."""

USE = "UPDATE confirmations SET used_at = now() WHERE id = $1 AND used_at IS NULL RETURNING id"
"""id."""
