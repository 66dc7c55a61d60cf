"""The pace of a channel, for all processes together: each message takes its turn, and what is early waits for it.

The row of a channel's lane is the first moment that is not given away yet (the "theoretical arrival time" of a generic
cell rate algorithm); it is locked until the transaction that took turns has ended.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from proactive import delivery_sql as sql
from proactive.claimed import Connection
from proactive.rules import Pace
from proactive.template import Urgency

URGENT, OTHER = "urgent", "other"
TOGETHER = timedelta(seconds=1)
"""What comes within this need not wait: nobody looks more often."""


def lane(urgency: Urgency) -> str:
    """Urgent messages do not queue behind the others."""
    return URGENT if urgency == "urgent" else OTHER


class Pacing:
    """Turns of all channels."""

    def __init__(self, paces: Mapping[str, Pace]) -> None:
        """By channel; one that is not there is not held back."""
        self._paces = paces

    async def take(
        self, connection: Connection, channel: str, urgency: Urgency, count: int, now: datetime
    ) -> list[datetime]:
        """The moments of so many turns, in the connection's transaction; those that are now or soon are ``now``."""
        step = self._step(channel, urgency)
        if step is None:
            return [now] * count
        first = await connection.fetchval(sql.TAKE_TURNS, channel, lane(urgency), now, step * count)
        turns = [first + step * place for place in range(count)]
        return [turn if turn - now > TOGETHER else now for turn in turns]

    def _step(self, channel: str, urgency: Urgency) -> timedelta | None:
        pace = self._paces.get(channel)
        if pace is None:
            return None
        share = pace.urgent_share if lane(urgency) == URGENT else 1 - pace.urgent_share
        return timedelta(seconds=1 / (pace.per_second * (share or 1)))
