"""What staff see of campaigns, in SQL."""

from __future__ import annotations

ROWS = """
SELECT count(*) AS rows, count(*) FILTER (WHERE fault IS NOT NULL) AS faults,
    count(*) FILTER (WHERE NOT looked AND fault IS NULL) AS unlooked,
    count(*) FILTER (WHERE fault IS NULL AND skipped IS NOT NULL) AS skipped,
    count(*) FILTER (WHERE fault IS NULL AND skipped IS NULL) AS usable,
    count(nudge_id) AS made
FROM campaign_rows WHERE campaign_id = $1
"""
"""campaign."""

STATUSES = """
SELECT status, reason, count(*) AS count, count(sent_at) AS sent, count(answered_at) AS answered
FROM nudges WHERE campaign_id = $1 GROUP BY 1, 2 ORDER BY 1, 2
"""
"""campaign."""

GROUPS = """
SELECT channel, spoken, abroad, count(*) AS rows, COALESCE(sum(parts), 0)::bigint AS parts, max(parts) AS longest
FROM campaign_rows WHERE campaign_id = $1 AND fault IS NULL AND looked AND skipped IS NULL
GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""
"""campaign. Who would be written to."""

SKIPPED = """
SELECT skipped AS reason, count(*) AS rows FROM campaign_rows
WHERE campaign_id = $1 AND fault IS NULL AND skipped IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1
"""
"""campaign."""

FAULTS = """
SELECT fault, field, count(*) AS rows, (array_agg(line ORDER BY line))[:12] AS lines FROM campaign_rows
WHERE campaign_id = $1 AND fault IS NOT NULL GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2
"""
"""campaign."""

LINES = """
SELECT line, fault, field FROM campaign_rows WHERE campaign_id = $1 AND fault IS NOT NULL AND line > $2
ORDER BY line LIMIT 1000
"""
"""campaign, the line before."""

SAMPLES = """
SELECT DISTINCT ON (channel, spoken) channel, spoken, body FROM campaign_rows
WHERE campaign_id = $1 AND fault IS NULL AND looked AND skipped IS NULL ORDER BY channel, spoken, parts DESC, line
"""
"""campaign. One row of each channel and language, the dearest."""

HOURS = """
SELECT date_trunc('hour', at AT TIME ZONE $2) AS hour, channel, what, count(*) AS count
FROM (
    SELECT sent_at AS at, channel, 'sent' AS what FROM nudges WHERE campaign_id = $1 AND sent_at IS NOT NULL
    UNION ALL
    SELECT ended_at, channel, 'delivered' FROM nudges WHERE campaign_id = $1 AND status = 'delivered'
    UNION ALL
    SELECT answered_at, channel, 'answered' FROM nudges WHERE campaign_id = $1 AND answered_at IS NOT NULL
    UNION ALL
    SELECT at, channel, 'opted_out' FROM (
        SELECT DISTINCT s.at, s.channel, s.address_lookup FROM nudges n
        JOIN conversations c ON c.id = n.sent_to
        JOIN suppressions s ON s.channel = c.channel AND s.address_lookup = c.address_lookup
        WHERE n.campaign_id = $1 AND s.reason = 'opted_out'
            AND s.at >= n.sent_at AND s.at < n.sent_at + interval '7 days'
    ) AS stopped
) AS found
GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""
"""campaign, time zone. In the city's own hours; who wants no more messages within a week of one."""
