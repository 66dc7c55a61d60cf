"""The statements of the keys' store."""

from __future__ import annotations

READ = "SELECT master, wrapped FROM keys.keys WHERE owner = $1"
"""owner."""

READ_MANY = "SELECT owner, master, wrapped FROM keys.keys WHERE owner = ANY($1::uuid[])"
"""owners."""

MAKE = """
INSERT INTO keys.keys (owner, master, wrapped) VALUES ($1, $2, $3) ON CONFLICT (owner) DO NOTHING RETURNING true
"""
"""owner, id of the master key, wrapped key."""

MAKE_MANY = """
INSERT INTO keys.keys (owner, master, wrapped) SELECT owner, $1, wrapped
FROM unnest($2::uuid[], $3::bytea[]) AS new (owner, wrapped) ON CONFLICT (owner) DO NOTHING
"""
"""id of the master key, owners, wrapped keys."""

DESTROY = "DELETE FROM keys.keys WHERE owner = ANY($1::uuid[]) RETURNING owner"
"""owners."""

NOTE_ERASED = "INSERT INTO keys.erasures (person) VALUES ($1) ON CONFLICT (person) DO NOTHING"
"""person."""

ERASED = "SELECT person FROM keys.erasures ORDER BY at"

COUNT_OLD = "SELECT count(*) FROM keys.keys WHERE master <> $1"
"""id of the master key."""

OLD = "SELECT owner, master, wrapped FROM keys.keys WHERE master <> $1 ORDER BY owner LIMIT $2 FOR UPDATE SKIP LOCKED"
"""id of the current master key, limit."""

REWRAP = """
UPDATE keys.keys SET master = $1, wrapped = new.wrapped
FROM unnest($2::uuid[], $3::bytea[]) AS new (owner, wrapped) WHERE keys.owner = new.owner
"""
"""id of the current master key, owners, keys."""
