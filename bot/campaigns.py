"""Campaigns, bound to the server: its people and their consents, its gate, its channels and its queue."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from bot.city import City
from bot.codec import Codec, Sealer
from bot.database import Database
from bot.keys import KeyStore
from bot.messages import Reply
from bot.nudge_facts import LEVELS, REASONS, NudgeFacts
from bot.personal import CODES, Personal
from bot.queue import CAMPAIGNS, NUDGES, Connection, enqueue
from channels.sms.render import bodies
from mydata import people_sql
from mydata.ledger_state import standing
from proactive.campaign_audience import Audiences
from proactive.campaign_testers import Spoken, Testers
from proactive.campaign_views import CampaignViews
from proactive.campaign_work import CampaignWork
from proactive.campaigns import Campaigns
from proactive.deciding import Decider
from proactive.nudges import Nudges
from proactive.recipients import TEXTING
from proactive.rehearsal import Rehearsal


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaigning:
    """All that there is for campaigns in one process."""

    campaigns: Campaigns
    audiences: Audiences
    work: CampaignWork
    views: CampaignViews
    testers: Testers
    nudges: Nudges


def campaigning(
    city: City,
    database: Database,
    keys: KeyStore,
    codec: Codec,
    personal: Personal,
    *,
    resume: Callable[[UUID], Awaitable[None]],
    nudges: Nudges,
    now: Callable[[], datetime],
) -> Campaigning:
    """Bind it. ``codec`` seals what ``keys`` can destroy; ``nudges`` is the store of this process.

    ``resume`` sends what waits in a conversation.
    """
    sealer = Sealer(codec)

    rehearsal = Rehearsal(
        pool=lambda: database.pool,
        reads=NudgeFacts(sealer, personal, keys.warm, codec.lost),
        decider=Decider(city.proactive, city.calendar, city.nudges),
        ground=_ground(personal, now),
        texted=bodies,
        zone=city.zone,
        languages=tuple(city.languages),
        now=now,
    )
    campaigns = Campaigns(lambda: database.pool, sealer, city.nudges, wake=wake)
    return Campaigning(
        campaigns=campaigns,
        audiences=Audiences(
            lambda: database.pool,
            sealer,
            city.nudges,
            languages=tuple(city.languages),
            zone=city.zone,
            abroad=city.proactive.price.part_abroad is not None,
            wake=wake,
        ),
        work=CampaignWork(
            lambda: database.pool,
            sealer,
            city.nudges,
            campaigns=campaigns,
            rehearsal=rehearsal,
            nudges=nudges,
            wake_nudges=_wake_nudges,
            lost=codec.lost,
            now=now,
        ),
        views=CampaignViews(lambda: database.pool, sealer, rehearsal, city.proactive.price),
        testers=Testers(
            pool=lambda: database.pool,
            sealer=sealer,
            people=personal.people,
            key=keys.secret(CODES),
            words=_code(city),
            say=_say(database, sealer, resume),
        ),
        nudges=nudges,
    )


async def wake(connection: Connection) -> None:
    """There is something to do for campaigns."""
    await enqueue(connection, CAMPAIGNS, [0])


async def _wake_nudges(connection: Connection, _due_at: datetime) -> None:
    await enqueue(connection, NUDGES, [0])


def _ground(personal: Personal, now: Callable[[], datetime]) -> Callable[[str, str], str]:
    """What stands for somebody who has never said anything, at an address that only the city has told of."""

    def ground(name: str, channel: str) -> str:
        purpose = personal.purposes.purposes.get(name)
        found = standing(name, channel, purpose, None, now=now())
        if not found.allowed or purpose is None:
            return REASONS.get(found.state, found.state)
        return "by_law" if purpose.level == LEVELS[0] else "level"

    return ground


def _code(city: City) -> Callable[[str, str], Reply]:
    def words(code: str, language: str) -> Reply:
        return Reply(text=city.texts("console.campaigns.code_message", language, code=code), language=language)

    return words


def _say(
    database: Database, sealer: Sealer, resume: Callable[[UUID], Awaitable[None]]
) -> Callable[[Spoken], Awaitable[bool]]:
    async def say(spoken: Spoken) -> bool:
        if await database.pool.fetchval(people_sql.STOPPED, TEXTING, sealer.lookup(spoken.number)):
            return False
        sealed = (await sealer.of(spoken.person_id)).reply(spoken.reply)
        await database.pool.execute(people_sql.SAY, spoken.conversation_id, sealed)
        await resume(spoken.conversation_id)
        return True

    return say
