"""The statements of contact: what is written after a person's decision, and what comes of it."""

from __future__ import annotations

ACCEPTED = "SELECT id FROM health.findings WHERE status = 'accepted' ORDER BY decided_at, id LIMIT $1"

HELD = """
SELECT f.id, f.programme, f.pseudonym, f.decided_at, p.deceased_on, p.moved_on, p.opted_out_on, p.contacted_on
FROM health.findings f JOIN health.patients p USING (pseudonym)
WHERE f.id = $1 AND f.status = $2 FOR UPDATE OF f, p
"""
"""finding, status. Held until the transaction ends, with the patient: two programmes do not write at once."""

CONTACTED = "UPDATE health.findings SET status = 'contacted', nudge_id = $2 WHERE id = $1"

NOTED = "UPDATE health.patients SET contacted_on = $2 WHERE pseudonym = $1"

END = "UPDATE health.findings SET status = 'ended', outcome = $2 WHERE id = $1"

SILENT = """
SELECT f.id, f.programme FROM health.findings f JOIN health.patients p USING (pseudonym)
WHERE f.status = 'contacted' AND f.outcome IS NULL AND p.contacted_on < $1
ORDER BY p.contacted_on, f.id
"""
"""today: whom nobody has heard of."""
