"""What comes back of what the city writes first, bound together: answers, wishes for no more, silence."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from bot.city import City
from bot.codec import Codec, Sealer
from bot.database import Database
from bot.handoff import Handoffs
from bot.nudges import note
from bot.personal import Personal
from bot.service_nudges import NudgeDesk
from proactive.answers import Answers
from proactive.checkins import Checkins
from proactive.nudges import Nudges
from proactive.suppressions import Suppressions


class Replies:
    """Of one process: ``desk`` for the dialogs; ``checkins`` looks at who is silent."""

    def __init__(
        self,
        city: City,
        database: Database,
        codec: Codec,
        personal: Personal,
        *,
        store: Nudges,
        handoffs: Handoffs,
        now: Callable[[], datetime],
    ) -> None:
        """``codec`` seals what is a person's."""
        sealer = Sealer(codec)

        async def tell(key: str, conversation: UUID, language: str, skill: str) -> None:
            await handoffs.request(key, str(conversation), "checkin", language, skill)

        self.desk = NudgeDesk(
            Answers(lambda: database.pool, sealer, city.nudges, lost=codec.lost, changed=note, now=now),
            Suppressions(lambda: database.pool),
            templates=city.nudges,
            people=personal.people,
            queue=handoffs,
            zone=city.zone,
        )
        self.checkins = Checkins(
            lambda: database.pool,
            sealer,
            city.nudges,
            store.create,
            tell,
            language=city.languages[0],
            lost=codec.lost,
            now=now,
        )
