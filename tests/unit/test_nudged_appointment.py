"""A reminder of an appointment that was booked here, in one process with the real engine, database and clinic."""

from __future__ import annotations

import re
from datetime import datetime

import pytest

from bot.city import City
from bot.messages import Reply
from bot.rig import Rig, Talk

AT = datetime(2026, 11, 26, 12, 0)  # noqa: DTZ001 - local time of the city; the rig adds its zone
CODE = re.compile(r"[A-Z2-7]{4}(?:-[A-Z2-7]{4}){2}")


def read(replies: list[Reply]) -> str:
    return "\n".join(reply.text for reply in replies)


async def booked(rig: Rig) -> tuple[Talk, str]:
    """Somebody with an appointment, and its code."""
    talk = rig.begin(AT.replace(tzinfo=rig.zone))
    await talk.say("varaa aika sairaanhoitajalle")
    while not (found := CODE.search(read(talk.answer))):
        labels = talk.labels()
        assert labels
        assert await talk.press(labels[0])
    return talk, found[0]


@pytest.mark.parametrize("after_restart", [False, True])
async def test_peru_cancels_the_appointment_of_the_reminder(city: City, database_url: str, after_restart: bool) -> None:
    async with Rig(city, database_url) as rig:
        talk, code = await booked(rig)
        assert "varattu aika" in read(await talk.nudge("appointment_reminder", {"code": code}, "fi"))
        if after_restart:
            await rig.restart()
        assert code in read(await talk.say("PERU"))
        assert "peruttu" in read(await talk.say("kyllä"))
        rows = await rig.app.database.pool.fetch("SELECT answer FROM nudges")
        assert [row["answer"] for row in rows] == ["cancel"]
        assert "ei ole tunnuksella" in read(await talk.say("PERU")) or "jo mennyt tai peruttu" in read(talk.answer)


async def test_a_no_keeps_the_appointment_and_the_city_still_writes(city: City, database_url: str) -> None:
    async with Rig(city, database_url) as rig:
        talk, code = await booked(rig)
        await talk.nudge("appointment_reminder", {"code": code}, "fi")
        await talk.say("ei")
        assert "Aikaa ei peruttu" in read(await talk.say("ei"))
        assert "varattu aika" in read(await talk.nudge("appointment_reminder", {"code": code}, "fi"))


async def test_move_opens_the_times_of_that_appointment(city: City, database_url: str) -> None:
    async with Rig(city, database_url) as rig:
        talk, code = await booked(rig)
        await talk.nudge("appointment_reminder", {"code": code}, "fi")
        assert await talk.press("Siirrä aika")
        assert code not in read(await talk.say("1"))
        await talk.say("kyllä")
        assert "siirretty" in read(talk.answer).casefold()
