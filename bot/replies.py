"""What comes back of what the city writes first, bound together: answers, silence, orders and wishes for no more."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from bot.city import City
from bot.codec import Codec, Sealer
from bot.database import Database
from bot.handoff import Handoffs
from bot.nudges import note
from bot.personal import Personal
from bot.service_mydata_consents import ConsentDesk
from bot.service_nudges import NudgeDesk
from bot.subscriptions import Dates, Events, ReminderDesk, confirmed_number
from proactive.answers import Answers
from proactive.checkins import Checkins
from proactive.nudges import Nudges
from proactive.subscriptions import Subscriptions
from proactive.subscriptions_run import Ground, Run
from proactive.suppressions import Suppressions


class Replies:
    """Of one process: ``by_name`` for the dialogs; ``checkins`` looks at who is silent, ``orders`` at what is due."""

    def __init__(
        self,
        city: City,
        database: Database,
        codec: Codec,
        personal: Personal,
        *,
        store: Nudges,
        handoffs: Handoffs,
        feeds: Mapping[str, Dates | Events],
        number: str,
        now: Callable[[], datetime],
    ) -> None:
        """``codec`` seals what is a person's; ``number`` is what citizens send text messages to."""
        sealer, suppressions = Sealer(codec), Suppressions(lambda: database.pool)
        consents = ConsentDesk(personal, suppressions)

        async def tell(key: str, conversation: UUID, language: str, skill: str) -> None:
            await handoffs.request(key, str(conversation), "checkin", language, skill)

        async def withdrawn(asked: Sequence[Ground]) -> Collection[Ground]:
            known = [(await personal.pseudonym(person), purpose, channel) for person, purpose, channel in asked]
            async with database.pool.acquire() as connection:
                found = await personal.ledger.standing_of(connection, known)
            return {one for one, stands in zip(asked, found, strict=True) if stands.state == "withdrawn"}

        subscriptions = Subscriptions(
            lambda: database.pool,
            sealer,
            city.reminders,
            city.nudges,
            feeds,
            number=confirmed_number(lambda: database.pool, sealer),
            zone=city.zone,
            lost=codec.lost,
            now=now,
        )
        self.by_name: Mapping[str, object] = {
            "nudges": NudgeDesk(
                Answers(lambda: database.pool, sealer, city.nudges, lost=codec.lost, changed=note, now=now),
                suppressions,
                templates=city.nudges,
                people=personal.people,
                queue=handoffs,
                zone=city.zone,
            ),
            "subscriptions": ReminderDesk(subscriptions, suppressions, consents, city.nudges, number=number),
        }
        self.orders = Run(
            lambda: database.pool,
            sealer,
            subscriptions,
            city.nudges,
            store.create,
            withdrawn=withdrawn,
            zone=city.zone,
            now=now,
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
