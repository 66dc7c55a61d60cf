"""The last message that the city wrote first in a conversation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

LAST = """
SELECT n.purpose, n.sent_at, cardinality(n.tried) > 0 AS fallback, n.conversation_id IS NOT NULL AS address,
    EXISTS (
        SELECT FROM subscriptions s
        WHERE s.conversation_id = $1 AND s.purpose = n.purpose
    ) AS ordered,
    n.channels IS NOT NULL AS chosen,
    1 = (
        SELECT count(*) FROM conversations c
        WHERE c.person_id = (SELECT person_id FROM conversations WHERE id = $1) AND c.detached_at IS NULL
    ) AS only
FROM nudges n WHERE n.sent_to = $1 AND n.sent_at IS NOT NULL ORDER BY n.sent_at DESC LIMIT 1
"""
"""conversation."""
HERE = ("ordered", "fallback", "address", "only")
"""Why a nudge came where it did, the first that is so; else by the sender's choice, or where one wrote last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A message that the city wrote first, for which purpose, and why it came here (``services_mydata.Nudge``)."""

    purpose: str
    at: datetime
    here: str


class LastNudge:
    """Reads it."""

    def __init__(self, pool: Callable[[], asyncpg.Pool[Any]]) -> None:
        self._pool = pool

    async def last(self, conversation: UUID) -> Written | None:
        """The last one in a conversation. Raises one of ``DOWN``."""
        row = await self._pool().fetchrow(LAST, conversation)
        if row is None:
            return None
        here = next((name for name in HERE if row[name]), "" if row["chosen"] else "preferred")
        return Written(purpose=row["purpose"], at=row["sent_at"], here=here)
