"""The statements of review."""

from __future__ import annotations

_OPEN = "status IN ('waiting', 'postponed')"

RENEW = "DELETE FROM health.findings WHERE programme = $1 AND status = 'waiting'"
"""programme: what nobody decided gives way to what the next evaluation says."""

ADD = """
INSERT INTO health.findings (programme, version, run_id, pseudonym, selected, standing, reason, facts, steps)
SELECT $1, $2, $3, new.*
FROM unnest($4::bytea[], $5::boolean[], $6::text[], $7::text[], $8::jsonb[], $9::jsonb[]) AS new
"""
"""programme, version, run, and of each: pseudonym, whether selected, standing, reason, facts, steps."""

DECIDED = """
SELECT DISTINCT pseudonym FROM health.findings
WHERE programme = $1
    AND (status IN ('postponed', 'accepted', 'contacted') OR decided_at > now() - make_interval(days => $2))
"""
"""programme, days: of whom it has not to be decided again."""

QUEUE = f"""
SELECT id, programme, selected, reason, status, postponed_until, created_at FROM health.findings
WHERE {_OPEN} AND programme = ANY($1) AND (postponed_until IS NULL OR postponed_until <= $2)
ORDER BY created_at, id LIMIT $3
"""  # noqa: S608
"""programmes, today, limit."""

WAITING = f"""
SELECT programme, count(*) AS waiting FROM health.findings
WHERE {_OPEN} AND (postponed_until IS NULL OR postponed_until <= $1) GROUP BY programme
"""  # noqa: S608
"""today."""

ONE = """
SELECT f.*, r.as_of, p.birth_date, p.sex, p.language, p.district, p.deceased_on, p.moved_on, p.opted_out_on
FROM health.findings f JOIN health.runs r ON r.id = f.run_id JOIN health.patients p USING (pseudonym) WHERE f.id = $1
"""
"""finding."""

HELD = f"{ONE.rstrip()} FOR UPDATE OF f\n"
"""The same, which nobody else may decide on until the transaction ends."""

DROP = f"DELETE FROM health.findings WHERE id = $1 AND {_OPEN}"  # noqa: S608
"""finding: nobody may look at it any more."""

RECORDED = """
SELECT EXISTS (SELECT FROM health.grounds WHERE pseudonym = $1 AND purpose = $2
    AND at <= current_date AND (until IS NULL OR until >= current_date))
"""
"""pseudonym, purpose: whether the city recorded a ground that stands now."""

DECIDE = f"""
UPDATE health.findings SET status = $2, reviewer = $3, reviewer_name = $4, decided_at = now(),
    decision_reason = $5, postponed_until = $6
WHERE id = $1 AND {_OPEN} RETURNING id
"""  # noqa: S608
"""finding, status, reviewer, name, reason or none, day or none."""

PROPOSE = """
INSERT INTO health.programme_approvals (programme, version, digest, author, author_name) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT DO NOTHING RETURNING programme
"""
"""programme, version, digest, author, name."""

APPROVE = """
UPDATE health.programme_approvals SET approver = $4, approver_name = $5, at = now()
WHERE programme = $1 AND version = $2 AND digest = $3 AND approver IS NULL AND author <> $4 RETURNING programme
"""
"""programme, version, digest, approver, name."""

APPROVAL = "SELECT * FROM health.programme_approvals WHERE programme = $1 AND version = $2 AND digest = $3"
"""programme, version, digest."""

DECISIONS = """
SELECT f.selected, g.what, g.value, count(*) AS decided, count(*) FILTER (WHERE f.status <> 'rejected') AS accepted
FROM health.findings f
JOIN health.runs r ON r.id = f.run_id
JOIN health.patients p USING (pseudonym)
CROSS JOIN LATERAL extract(year FROM age(r.as_of, p.birth_date)) AS years
CROSS JOIN LATERAL (VALUES
    ('rule', f.reason),
    ('age', CASE WHEN years < 40 THEN '0-39' WHEN years < 65 THEN '40-64' WHEN years < 80 THEN '65-79' ELSE '80-' END),
    ('sex', p.sex), ('language', p.language), ('district', p.district)
) AS g (what, value)
WHERE f.programme = $1 AND f.status IN ('accepted', 'rejected', 'contacted', 'ended')
GROUP BY f.selected, g.what, g.value ORDER BY f.selected DESC, g.what, g.value
"""
"""programme: how reviewers decided, by group."""
