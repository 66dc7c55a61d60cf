"""The statements of the work on campaigns. Rows that one worker has taken are left alone by the others."""

from __future__ import annotations

from proactive.tables import PENDING

_ROWS = "line, body, address_lookup, person_id, language"

UNLOOKED = """
SELECT c.id FROM campaigns c
WHERE c.status IN ('draft', 'waiting', 'approved')
AND EXISTS (SELECT FROM campaign_rows r WHERE r.campaign_id = c.id AND NOT r.looked AND r.fault IS NULL)
ORDER BY c.changed_at LIMIT 1
"""

TAKE_UNLOOKED = f"""
SELECT {_ROWS} FROM campaign_rows WHERE campaign_id = $1 AND NOT looked AND fault IS NULL
ORDER BY line LIMIT $2 FOR UPDATE SKIP LOCKED
"""  # noqa: S608  names of ours
"""campaign, how many."""

LOOKED = """
UPDATE campaign_rows r SET
    looked = true, channel = f.channel, spoken = f.spoken, skipped = f.skipped, parts = f.parts, fault = f.fault,
    body = CASE WHEN f.fault IS NULL THEN r.body END
FROM unnest($2::int[], $3::text[], $4::text[], $5::text[], $6::smallint[], $7::text[])
    AS f (line, channel, spoken, skipped, parts, fault)
WHERE r.campaign_id = $1 AND r.line = f.line
"""
"""campaign; line, channel, language, why skipped, parts and fault of each."""

_UNMADE = "r.campaign_id = c.id AND r.nudge_id IS NULL AND r.fault IS NULL AND r.skipped IS NULL"

UNMADE = f"""
SELECT c.id FROM campaigns c WHERE c.status = 'running' AND EXISTS (SELECT FROM campaign_rows r WHERE {_UNMADE})
ORDER BY c.started_at LIMIT 1
"""  # noqa: S608

TAKE_UNMADE = f"""
SELECT {_ROWS} FROM campaign_rows
WHERE campaign_id = $1 AND nudge_id IS NULL AND fault IS NULL AND skipped IS NULL
ORDER BY line LIMIT $2 FOR UPDATE SKIP LOCKED
"""  # noqa: S608
"""campaign, how many."""

MADE = """
UPDATE campaign_rows r SET
    nudge_id = f.nudge_id, fault = f.fault, body = CASE WHEN f.fault IS NULL THEN r.body END
FROM unnest($2::int[], $3::uuid[], $4::text[]) AS f (line, nudge_id, fault)
WHERE r.campaign_id = $1 AND r.line = f.line
"""
"""campaign; line, nudge and fault of each."""

SPOIL = """
UPDATE campaign_rows SET fault = 'unreadable', body = NULL
WHERE campaign_id = $1 AND nudge_id IS NULL AND fault IS NULL RETURNING line
"""
"""campaign. Its template or its key is gone."""

CANCEL = f"""
WITH taken AS (
    SELECT n.id FROM campaigns c JOIN nudges n ON n.campaign_id = c.id
    WHERE c.status = 'cancelled' AND n.{PENDING} LIMIT $1 FOR UPDATE OF n SKIP LOCKED
), ended AS (
    UPDATE nudges SET status = 'cancelled', reason = 'cancelled', ended_at = now() FROM taken
    WHERE nudges.id = taken.id RETURNING nudges.id
)
INSERT INTO nudge_events (nudge_id, status, reason) SELECT id, 'cancelled', 'cancelled' FROM ended RETURNING nudge_id
"""  # noqa: S608
"""how many. Of campaigns that were cancelled."""

RESUME = """
WITH taken AS (
    SELECT n.id FROM campaigns c JOIN nudges n ON n.campaign_id = c.id
    WHERE c.status = 'running' AND n.status = 'held' AND n.reason = 'paused' AND n.due_at > now()
    LIMIT $1 FOR UPDATE OF n SKIP LOCKED
)
UPDATE nudges SET due_at = now() FROM taken WHERE nudges.id = taken.id RETURNING nudges.id
"""
"""how many. Of campaigns that go on."""

END = f"""
UPDATE campaigns c SET status = 'done', ended_at = now(), changed_at = now()
WHERE c.status = 'running' AND NOT EXISTS (SELECT FROM campaign_rows r WHERE {_UNMADE})
AND NOT EXISTS (
    SELECT FROM nudges n WHERE n.campaign_id = c.id AND n.status IN ('created', 'held', 'sending')
)
RETURNING c.id
"""  # noqa: S608
