"""The statements of letters: what the person sees of a finding behind strong login, and answers."""

from __future__ import annotations

OF = """
SELECT id, programme, reason, facts, steps, status, outcome, decided_at, answered_at FROM health.findings
WHERE pseudonym = ANY($1) AND nudge_id IS NOT NULL ORDER BY decided_at DESC, id
"""
"""pseudonyms: what was written of, the newest first."""

READ = """
UPDATE health.findings SET outcome = 'read'
WHERE pseudonym = ANY($1) AND nudge_id IS NOT NULL AND (outcome IS NULL OR outcome = 'unanswered')
"""
"""pseudonyms."""

ANSWER = """
UPDATE health.findings SET outcome = $3, answered_at = coalesce(answered_at, now()),
    booked_at = CASE WHEN $3 = 'booked' THEN coalesce(booked_at, now()) ELSE booked_at END
WHERE id = $1 AND pseudonym = ANY($2) AND nudge_id IS NOT NULL AND outcome IS DISTINCT FROM 'refused'
RETURNING programme
"""
"""finding, the person's pseudonyms, answer."""

STOP = """
UPDATE health.findings SET status = 'ended', outcome = 'refused'
WHERE pseudonym = ANY($1) AND programme = ANY($2) AND status IN ('accepted', 'contacted')
"""
"""pseudonyms, programmes: nothing more of them is written."""

DROP = """
DELETE FROM health.findings WHERE pseudonym = ANY($1) AND programme = ANY($2) AND status IN ('waiting', 'postponed')
"""
"""pseudonyms, programmes: nobody need decide any more."""

FORGET = "DELETE FROM health.grounds WHERE pseudonym = ANY($1) AND purpose = $2"
"""pseudonyms, purpose: a ground that the city recorded is none against a no."""
