"""The statements of the consent ledger."""

from __future__ import annotations

ASSUME = "SET LOCAL ROLE neuvo_ledger; SET LOCAL idle_in_transaction_session_timeout = '10s'"
"""The role that can add and read, and nothing else. A stuck writer is cut, so that checkpoints need not wait for it."""

_ENTRY = "pseudonym, seq, at, purpose, version, digest, kind, language, channel, through, decided_by, guardian, mac"

HEAD = """
SELECT clock_timestamp() AS now, head.seq, head.at, head.mac FROM (SELECT) one
LEFT JOIN LATERAL (
    SELECT seq, at, mac FROM consent_ledger WHERE pseudonym = $1 ORDER BY seq DESC LIMIT 1
) head ON true
"""
"""pseudonym: the database's clock, and the end of the chain."""

LATEST = f"""
SELECT {_ENTRY} FROM consent_ledger
WHERE pseudonym = $1 AND purpose = $2 AND (channel = $3 OR channel IS NULL) ORDER BY seq DESC LIMIT 1
"""  # noqa: S608  no value in it is anybody's
"""pseudonym, purpose, channel: what stands."""

LATEST_OF_MANY = f"""
SELECT asked.place, {_ENTRY}
FROM unnest($1::bytea[], $2::text[], $3::text[]) WITH ORDINALITY AS asked (whose, what, way, place)
CROSS JOIN LATERAL (
    SELECT {_ENTRY} FROM consent_ledger
    WHERE pseudonym = asked.whose AND purpose = asked.what AND (channel = asked.way OR channel IS NULL)
    ORDER BY seq DESC LIMIT 1
) entry
"""  # noqa: S608
"""pseudonyms, purposes, channels: what stands of each, by its place from 1; no row where nothing was ever said."""

LATEST_AT = f"""
SELECT {_ENTRY} FROM consent_ledger
WHERE pseudonym = $1 AND purpose = $2 AND (channel = $3 OR channel IS NULL) AND at <= $4 ORDER BY seq DESC LIMIT 1
"""  # noqa: S608
"""pseudonym, purpose, channel, moment: what stood."""

LATEST_OF_ANY = f"""
SELECT {_ENTRY} FROM consent_ledger WHERE pseudonym = $1 AND purpose = $2 ORDER BY seq DESC LIMIT 1
"""  # noqa: S608
"""pseudonym, purpose: the last entry, whatever its channel."""

CHAIN = f"SELECT {_ENTRY} FROM consent_ledger WHERE pseudonym = $1 ORDER BY seq"  # noqa: S608
"""pseudonym."""

ONE = f"SELECT {_ENTRY} FROM consent_ledger WHERE pseudonym = $1 AND seq = $2"  # noqa: S608
"""pseudonym, number in the chain."""

ADD = f"""
INSERT INTO consent_ledger ({_ENTRY}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
"""  # noqa: S608
"""All fields of an entry."""

KEEP_TEXT = """
INSERT INTO consent_texts (digest, purpose, version, text) VALUES ($1, $2, $3, $4) ON CONFLICT (digest) DO NOTHING
"""
"""digest, purpose, version, text."""

TEXT = "SELECT text FROM consent_texts WHERE digest = $1"
"""digest."""

TEXTS = "SELECT digest, purpose, version, text FROM consent_texts"

COUNT = "SELECT count(*) FROM consent_ledger"

EVERY = f"SELECT {_ENTRY} FROM consent_ledger ORDER BY pseudonym, seq"  # noqa: S608

HEADS = """
SELECT DISTINCT ON (pseudonym) pseudonym, seq, mac FROM consent_ledger WHERE at <= $1
ORDER BY pseudonym DESC, seq DESC
"""
"""moment: the end of each chain as it was then."""

NOW = "SELECT now()"
"""When the transaction began: all that it cannot see is younger."""

_CHECKPOINT = "number, at, chains, entries, root, previous, signature"

LAST_CHECKPOINT = f"SELECT {_CHECKPOINT} FROM consent_checkpoints ORDER BY number DESC LIMIT 1"  # noqa: S608

CHECKPOINTS = f"SELECT {_CHECKPOINT} FROM consent_checkpoints ORDER BY number"  # noqa: S608

ADD_CHECKPOINT = f"INSERT INTO consent_checkpoints ({_CHECKPOINT}) VALUES ($1, $2, $3, $4, $5, $6, $7)"  # noqa: S608
"""All fields of a checkpoint."""
