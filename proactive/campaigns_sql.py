"""The statements of campaigns themselves, and of who is in them."""

from __future__ import annotations

from collections.abc import Mapping

from proactive.campaign import FROM, Act

NOTIFY = "SELECT pg_notify('neuvo_console', $1::uuid::text)"
"""campaign. Staff's open pages hear of it."""

NEW = """
INSERT INTO campaigns (id, name, template, version, "values", authors, author_name)
VALUES ($1, $2, $3, $4, $5, ARRAY[$6::text], $7)
"""
"""id, name, template, version, sealed values, author, name."""

COLUMNS = """
id, name, status, template, version, "values", channels, audience, authors, author_name, approved_by, approver_name,
approved_at, send_at, created_at, changed_at, started_at, ended_at
"""
GET = f"SELECT {COLUMNS} FROM campaigns WHERE id = $1"  # noqa: S608  names of ours
"""campaign."""

LIST = """
SELECT id, name, status, template, author_name, approver_name, send_at, created_at, started_at, ended_at
FROM campaigns WHERE ($1::text IS NULL OR status = $1) ORDER BY created_at DESC LIMIT $2
"""
"""status or none, limit. The newest first."""

DRAFT = "SELECT id FROM campaigns WHERE id = $1 AND status = 'draft' FOR UPDATE"
"""campaign. Nothing where it is no draft any more."""

_WRITTEN = "authors = CASE WHEN $2 = ANY (authors) THEN authors ELSE authors || $2::text END, changed_at = now()"

CHANGE = f"""
UPDATE campaigns SET name = $3, "values" = $4, channels = $5, send_at = $6, {_WRITTEN}
WHERE id = $1 AND status = 'draft' RETURNING id
"""  # noqa: S608  names of ours
"""campaign, who, name, sealed values, channels or none, when or none."""

FILLED = f"UPDATE campaigns SET audience = $3, {_WRITTEN} WHERE id = $1"  # noqa: S608
"""campaign, who, where it comes from."""

EMPTY = "DELETE FROM campaign_rows WHERE campaign_id = $1"
"""campaign."""

UNLOOK = """
UPDATE campaign_rows SET looked = false, channel = NULL, spoken = NULL, skipped = NULL, parts = NULL
WHERE campaign_id = $1 AND fault IS NULL
AND EXISTS (SELECT FROM campaigns WHERE id = $1 AND status IN ('draft', 'waiting'))
"""
"""campaign. The dry run looks anew; what is approved stays as it was seen."""

PERSONS = """
INSERT INTO campaign_rows (campaign_id, line, person_id, body)
SELECT $1, row_number() OVER (ORDER BY person_id), person_id, $2
FROM (
    SELECT DISTINCT c.person_id FROM conversations c
    WHERE c.detached_at IS NULL AND c.level = ANY ($5::text[])
        AND ($3::text[] IS NULL OR c.channel = ANY ($3))
        AND ($4::text[] IS NULL OR c.language = ANY ($4))
) AS found
"""
"""campaign, sealed empty values, channels or none, languages or none, levels."""

NAMED = """
INSERT INTO campaign_rows (campaign_id, line, person_id, body)
SELECT $1, $2 + row_number() OVER (), id, $3 FROM unnest($4::uuid[]) AS id
"""
"""campaign, how many before, sealed empty values, persons."""

_READY = "NOT EXISTS (SELECT FROM campaign_rows r WHERE r.campaign_id = c.id AND NOT r.looked AND r.fault IS NULL)"
_SOMEBODY = """
EXISTS (
    SELECT FROM campaign_rows r
    WHERE r.campaign_id = c.id AND r.nudge_id IS NULL AND r.fault IS NULL AND r.skipped IS NULL
)
"""
_SETS: Mapping[Act, str] = {
    "submit": "status = 'waiting'",
    "give_back": "status = 'draft', approved_by = NULL, approver_name = NULL, approved_at = NULL",
    "approve": "status = 'approved', approved_by = $2, approver_name = $3, approved_at = now()",
    "start": "status = 'running', started_at = now()",
    "pause": "status = 'paused'",
    "resume": "status = 'running'",
    "cancel": "status = 'cancelled', ended_at = now()",
}
GUARDS: Mapping[Act, str] = {
    "submit": f"{_READY} AND {_SOMEBODY}",
    "approve": f"$2 <> ALL (authors) AND {_READY} AND {_SOMEBODY}",
    "start": f"{_READY} AND {_SOMEBODY}",
}


def _act(act: Act) -> str:
    states = ", ".join(f"'{state}'" for state in FROM[act])
    return (
        f"UPDATE campaigns c SET {_SETS[act]}, changed_at = now() "  # noqa: S608
        f"WHERE id = $1 AND $2::text IS NOT NULL AND $3::text IS NOT NULL AND status IN ({states}) "
        f"AND {GUARDS.get(act, 'true')} RETURNING id"
    )


ACTS: Mapping[Act, str] = {act: _act(act) for act in FROM}
"""campaign, who, their name. A row where it was done: of two at once, one does it."""

WHY = f"""
SELECT status, $2 = ANY (authors) AS own, {_READY} AS ready, {_SOMEBODY} AS somebody FROM campaigns c WHERE id = $1
"""  # noqa: S608
"""campaign, who."""
