"""What was not understood is kept masked, for its days, once; and turns are counted without a person."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta

import pytest

from bot.city import City
from bot.database import DOWN, Database
from bot.messages import EffectResult, Incoming, Outcome, Turn
from bot.misses import LONGEST, Miss, Misses
from bot.rig import Rig
from bot.tally import Tally
from bot.thumbs import Thumb
from nlu.mask import mask
from tests.unit.turn.house import answer, house

NOW = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)


def miss(text: str, *, at: datetime = NOW, language: str = "en") -> Miss:
    return Miss(at=at, language=language, channel="sms", text=text, intent="library", confidence=0.2)


def kept(database: Database, *, days: int = 30) -> Misses:
    return Misses(database, mask, keep=timedelta(days=days))


async def test_nothing_is_kept_unmasked_or_empty_or_endless(database_url: str) -> None:
    async with Database(database_url) as database:
        misses = kept(database)
        await misses.add([miss("call 040 123 4567 about the moon"), miss("  "), miss("moon " * 900)])
        texts = {found.text for found in await misses.find()}
        assert "call ‹phone› about the moon" in texts
        assert len(texts) == 2
        assert max(map(len, texts)) == LONGEST


async def test_they_are_found_by_language_and_day_and_one_by_one(database_url: str) -> None:
    async with Database(database_url) as database:
        misses = kept(database)
        await misses.add([miss("one"), miss("två", language="sv"), miss("old", at=NOW - timedelta(days=9))])
        assert [found.text for found in await misses.find("sv")] == ["två"]
        found = await misses.find("en", since=NOW - timedelta(days=1))
        assert [each.text for each in found] == ["one"]
        assert await misses.one(found[0].id) == found[0]
        assert await misses.one(10_000) is None
        assert (found[0].intent, found[0].channel) == ("library", "sms")


async def test_after_their_days_they_are_gone(database_url: str) -> None:
    async with Database(database_url) as database:
        misses, now = kept(database, days=3), datetime.now(UTC)
        await misses.add([miss("new", at=now), miss("old", at=now - timedelta(days=4))])
        tally = Tally(database, misses)
        tally.note(at=now - timedelta(days=800), channel="sms", language="en", intent="x")
        await tally.write()
        await tally.prune()
        assert [found.text for found in await misses.find()] == ["new"]
        assert await database.pool.fetchval("SELECT count(*) FROM turn_counts") == 0


async def test_counts_of_two_processes_add_up_by_the_hour(database_url: str) -> None:
    async with Database(database_url) as one, Database(database_url) as other:
        tallies = [Tally(one, kept(one)), Tally(other, kept(other))]
        for tally in tallies:
            for minute in (0, 59):
                tally.note(at=NOW.replace(minute=minute), channel="sms", language="fi", intent="library")
        await asyncio.gather(*(tally.write() for tally in tallies))
        await tallies[0].write()
        rows = await one.pool.fetch("SELECT hour, turns FROM turn_counts")
        assert [tuple(row) for row in rows] == [(NOW.replace(minute=0), 4)]


async def test_what_was_counted_while_the_database_was_away_is_written_later(database_url: str) -> None:
    async with Database(database_url) as database:
        tally = Tally(database, kept(database))
        tally.note(at=NOW, channel="sms", language="fi", intent="", miss=miss("moon"))
        await database.pool.execute("ALTER TABLE misses RENAME TO away")
        with pytest.raises(DOWN):
            await tally.write()
        await database.pool.execute("ALTER TABLE away RENAME TO misses")
        await tally.write()
        assert await database.pool.fetchval("SELECT sum(turns) FROM turn_counts") == 1
        assert await database.pool.fetchval("SELECT count(*) FROM misses") == 1


async def test_only_turns_that_were_committed_and_were_a_citizens_are_heard(database_url: str) -> None:
    begun, go = asyncio.Event(), asyncio.Event()
    heard: list[tuple[str, str | None]] = []

    def hear(incoming: Incoming, outcome: Outcome) -> None:
        heard.append((incoming.text, outcome.intent))

    async def slow(turn: Turn) -> Outcome:
        begun.set()
        await go.wait()
        return answer("slow", intent="slow")

    async def quick(turn: Turn) -> Outcome:
        return answer("quick", intent="quick")

    async with (
        house(database_url, slow, heard=hear) as one,
        house(database_url, quick, wire=one.wire, heard=hear) as other,
    ):
        await one.say("hello")
        await begun.wait()
        await one.rows("UPDATE conversations SET lease_until = now() - interval '1 second'")
        await other.swept()
        go.set()
        await one.engine.idle()
        assert heard == [("hello", "quick")]
        await other.say("", result=EffectResult(effect_id="e", value=1))
        await other.engine.idle()
        assert heard == [("hello", "quick")]


async def test_a_turn_that_understood_nothing_leaves_its_masked_text_and_every_turn_is_counted(
    database_url: str, city: City
) -> None:
    async with Rig(city, database_url) as rig:
        talk = rig.begin()
        await talk.say("hello")
        await talk.say("zorgle blimp of 040 123 4567 quark")
        await rig.app.tally.write()
        [found] = await rig.app.misses.find()
        assert (found.text, found.channel) == ("zorgle blimp of ‹phone› quark", "webchat")
        rows = await rig.app.database.pool.fetch("SELECT intent, turns FROM turn_counts ORDER BY intent")
        assert [tuple(row) for row in rows] == [("OUT_OF_SCOPE", 1), ("greeting", 1)]


async def test_ratings_are_counted_once_by_the_citys_day_and_name_nobody(database_url: str, city: City) -> None:
    async with Rig(city, database_url) as rig:
        talk = rig.begin(datetime(2026, 5, 4, 21, 30, tzinfo=UTC))
        await talk.say("how do I get a library card?")
        assert await talk.press("👍 Helpful")
        assert await talk.press("👍 Helpful")
        await rig.app.tally.write()
        await rig.app.tally.write()
        rows = await rig.app.database.pool.fetch("SELECT * FROM thumbs")
        assert [dict(row) for row in rows] == [
            {
                "day": date(2026, 5, 5),
                "channel": "webchat",
                "language": "en",
                "intent": "library_card",
                "up": 1,
                "down": 0,
            }
        ]


async def test_ratings_wait_for_the_database_and_go_after_two_years(database_url: str) -> None:
    async with Database(database_url) as database:
        tally, day = Tally(database, kept(database)), datetime.now(UTC).date()
        for helped in (True, False, True):
            tally.rated(Thumb(day, "sms", "sv", "moving", helped))
        tally.rated(Thumb(day - timedelta(days=800), "sms", "sv", "moving", helped=True))
        await database.pool.execute("ALTER TABLE misses RENAME TO away")
        tally.note(at=NOW, channel="sms", language="fi", intent="", miss=miss("moon"))
        with pytest.raises(DOWN):
            await tally.write()
        await database.pool.execute("ALTER TABLE away RENAME TO misses")
        await tally.write()
        await tally.prune()
        assert [tuple(row) for row in await database.pool.fetch("SELECT day, up, down FROM thumbs")] == [(day, 2, 1)]
