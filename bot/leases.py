"""What a killed process still holds is given back at once, where no other process can be alive."""

from __future__ import annotations

import asyncpg

_GIVE_BACK = """
UPDATE conversations SET lease_until = now() WHERE lease_until > now();
UPDATE outbox SET due_at = now() WHERE status = 'sending' AND due_at > now();
UPDATE effects SET due_at = now() WHERE status = 'running' AND due_at > now();
"""


async def give_back(url: str) -> None:
    """End every lease, so that the sweep takes up what was in hand; elsewhere the leases end by themselves.

    Only for the one owner of a database: a lease that a living process holds would be given to two.
    """
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(_GIVE_BACK)
    finally:
        await connection.close()
