"""The statements of an import: what was read is staged, and merged when all of it has been read."""

from __future__ import annotations

STAGE = """
CREATE TEMP TABLE stage (
    pseudonym bytea, source bytea, part smallint, kind text, system text, code text, at date, until date,
    value numeric, unit text, days smallint, file smallint, line integer
) ON COMMIT DROP
"""
COLUMNS = (
    "pseudonym", "source", "part", "kind", "system", "code", "at", "until", "value", "unit", "days", "file", "line",
)  # fmt: skip
STAGE_PEOPLE = """
CREATE TEMP TABLE stage_people (
    pseudonym bytea, birth_date date, sex text, language text, district text, deceased_on date, moved_on date,
    opted_out_on date
) ON COMMIT DROP
"""
PEOPLE = ("pseudonym", "birth_date", "sex", "language", "district", "deceased_on", "moved_on", "opted_out_on")

MERGE_PEOPLE = """
INSERT INTO health.patients (
    pseudonym, birth_date, sex, language, district, deceased_on, moved_on, opted_out_on
)
SELECT * FROM stage_people ORDER BY pseudonym
ON CONFLICT (pseudonym) DO UPDATE SET
    birth_date = excluded.birth_date, sex = excluded.sex, language = excluded.language, district = excluded.district,
    deceased_on = excluded.deceased_on, moved_on = excluded.moved_on, opted_out_on = excluded.opted_out_on
"""

TWICE = """
CREATE TEMP TABLE twice ON COMMIT DROP AS
WITH more AS (
    SELECT source FROM stage GROUP BY source HAVING min(file) <> max(file) OR min(line) <> max(line)
), said AS (
    SELECT pseudonym, source, file, line, array_agg(
        ROW (part, kind, system, code, at, until, value, unit, days)::text ORDER BY part
    ) AS content
    FROM stage JOIN more USING (source) GROUP BY pseudonym, source, file, line
), judged AS (
    SELECT pseudonym, source, file, line, row_number() OVER (PARTITION BY source ORDER BY file, line) AS place,
        min(content) OVER (PARTITION BY source) = max(content) OVER (PARTITION BY source) AS same
    FROM said
)
SELECT pseudonym, source, file, line, same FROM judged WHERE place > 1 OR NOT same
"""
"""Resources that were there before, or all of them where they differ: nobody can tell which one holds."""

TAKEN_OUT = """
DELETE FROM stage s USING twice t WHERE (s.source, s.file, s.line) = (t.source, t.file, t.line)
RETURNING t.file, t.line, t.same
"""

REPLACE = """
DELETE FROM health.facts f USING (
    SELECT pseudonym, source FROM stage UNION SELECT pseudonym, source FROM twice
) s WHERE f.pseudonym = s.pseudonym AND f.source = s.source
"""

MERGE = """
INSERT INTO health.facts (pseudonym, source, part, kind, system, code, at, until, value, unit, days)
SELECT pseudonym, source, part, kind, system, code, at, until, value, unit, days FROM stage
WHERE kind IS NOT NULL ORDER BY pseudonym, source, part
"""

GROUNDS = "SELECT pseudonym, purpose FROM health.grounds WHERE pseudonym = ANY($1) AND (until IS NULL OR until >= $2)"
"""pseudonyms, today."""

KEEP_GROUNDS = """
INSERT INTO health.grounds (pseudonym, purpose, kind, at, until)
SELECT pseudonym, purpose, 'fhir_consent', at, until
FROM unnest($1::bytea[], $2::text[], $3::date[], $4::date[]) AS new (pseudonym, purpose, at, until)
ON CONFLICT (pseudonym, purpose) DO UPDATE SET kind = excluded.kind, at = excluded.at, until = excluded.until
"""
"""pseudonyms, purposes, days, last days."""

END_GROUNDS = """
DELETE FROM health.grounds g USING unnest($1::bytea[], $2::text[]) AS ended (pseudonym, purpose)
WHERE g.pseudonym = ended.pseudonym AND g.kind = 'fhir_consent' AND ended.purpose IN ('', g.purpose)
"""
"""pseudonyms, purposes or the empty text for all of them."""

KEPT = "SELECT EXISTS (SELECT FROM health.facts)"

BEGUN = "INSERT INTO health.imports (source, counts) VALUES ($1, '{}') RETURNING id"
"""source."""

ENDED = "UPDATE health.imports SET counts = $2 WHERE id = $1"
"""import, counts as JSON."""

FORGET = (
    "DELETE FROM health.findings WHERE pseudonym = ANY($1)",
    "DELETE FROM health.facts WHERE pseudonym = ANY($1)",
    "DELETE FROM health.grounds WHERE pseudonym = ANY($1)",
    "DELETE FROM health.patients WHERE pseudonym = ANY($1)",
)
"""pseudonyms: all that is kept of them."""
