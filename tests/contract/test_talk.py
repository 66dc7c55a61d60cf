"""The same dialogs over every channel, by whole processes: in three languages, over a restart, and in an emergency."""

from __future__ import annotations

import asyncio
import os
import subprocess
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

import pytest
import pytest_asyncio

from bot.city import City
from bot.embedded_binaries import programs
from tests.contract.provider import Provider, Row
from tests.contract.site import Site, process
from tests.unit.turn.house import until


@dataclass
class Talk:
    """A citizen who talks to whichever process runs."""

    row: Row
    provider: Provider
    city: City
    url: str
    stack: AsyncExitStack
    site: Site | None = None
    heard: int = 0
    processes: AsyncExitStack = field(default_factory=AsyncExitStack)

    async def start(self) -> None:
        """Begin a process, after the one that runs has ended."""
        await self.processes.aclose()
        self.site = await self.processes.enter_async_context(process(self.row, self.provider, self.city, self.url))

    async def say(self, text: str, expected: str) -> None:
        """Say something and wait until the answer holds something."""
        assert self.site is not None
        self.heard = len(await self.provider.shown())
        await self.site.say(text)
        await self.hears(expected)

    async def press(self, label: str, expected: str) -> None:
        """Press a button of the last answer."""
        assert self.site is not None
        self.heard = len(await self.provider.shown())
        assert 200 <= await self.site.post(self.provider.presses(label)) < 300
        await self.hears(expected)

    async def hears(self, expected: str) -> None:
        """Wait for words in what was said since the citizen spoke last."""
        said = ""
        try:
            async with asyncio.timeout(30):
                while expected not in said:
                    await asyncio.sleep(0.2)
                    said = "\n".join((await self.provider.shown())[self.heard :])
        except TimeoutError:
            pytest.fail(f"expected {expected!r} in {said!r}")


@pytest_asyncio.fixture
async def talk(row: Row, city: City, database_url: str) -> AsyncIterator[Talk]:
    """One citizen, and a process of ours."""
    async with AsyncExitStack() as stack:
        provider = await stack.enter_async_context(row.provider())
        found = Talk(row, provider, city, database_url, stack)
        await found.start()
        try:
            yield found
        finally:
            await found.processes.aclose()


async def test_a_report_in_finnish_over_a_restart(talk: Talk) -> None:
    await talk.say("haluan ilmoittaa viasta", "Millainen vika on?")
    await talk.press("Katuvalot", "Missä vika on?")
    await talk.start()
    await talk.say("Mannerheimintie 100", "Kuvaile vika")
    await talk.say("Kolme lamppua on pimeänä suojatien kohdalla", "Lähetänkö tämän ilmoituksen")
    await talk.press("Lähetä ilmoitus", "DEMO-")


async def test_a_report_in_swedish_with_a_step_back(talk: Talk) -> None:
    await talk.say("jag vill göra en felanmälan", "Hurdant")
    await talk.press("Gatubelysning", "Var är felet?")
    await talk.say("Mannerheimvägen 100", "Beskriv felet")
    await talk.say("Tre lampor är släckta vid övergångsstället", "Ska jag skicka")
    await talk.say("tillbaka", "Beskriv felet")
    await talk.say("Fyra lampor är släckta vid övergångsstället", "Fyra lampor")
    await talk.press("Skicka anmälan", "DEMO-")


async def test_a_place_in_english_with_a_change_of_language(talk: Talk) -> None:
    await talk.say("where is the nearest library in Kallio", "Kallio")
    await talk.say("suomeksi", "suomeksi")
    await talk.say("missä on lähin uimahalli", "Missä päin")
    await talk.say("Kallio", "uimahalli")


async def test_an_emergency_is_answered_at_once_in_the_middle_of_a_report(talk: Talk) -> None:
    await talk.say("haluan ilmoittaa viasta", "Millainen vika on?")
    await talk.say("apua täällä palaa", "112")
    await talk.say("katuvalot", "Missä vika on?")


async def test_who_wants_no_messages_is_confirmed_in_the_language_of_the_word(talk: Talk) -> None:
    await talk.say("moi", "Neuvo")
    await talk.say("SLUTA", "START")


async def test_a_message_that_comes_five_times_at_once_over_two_processes_is_answered_once(
    row: Row, city: City, database_url: str
) -> None:
    async with AsyncExitStack() as stack:
        provider = await stack.enter_async_context(row.provider())
        one = await stack.enter_async_context(process(row, provider, city, database_url))
        other = await stack.enter_async_context(process(row, provider, city, database_url))
        before = len(await provider.shown())
        post = provider.says("kiitos", message_id="the same")
        statuses = await asyncio.gather(*(one.post(post, to=site.url) for site in (one, other, one, other, one)))
        assert all(200 <= status < 300 for status in statuses)
        await one.say("näkemiin")  # the next in the order: when it is answered, all before it has been
        await until(lambda: _more(provider, before + 2), every=0.2)
        assert len(await provider.shown()) == before + 2


async def _more(provider: Provider, count: int) -> bool:
    return len(await provider.shown()) >= count


async def test_nothing_of_what_was_said_or_of_who_said_it_is_readable_in_a_backup(talk: Talk) -> None:
    await talk.say("haluan ilmoittaa viasta", "Millainen vika on?")
    await talk.press("Katuvalot", "Missä vika on?")
    await talk.say("Mannerheimintie 100", "Kuvaile vika")
    await talk.say("Kolme lamppua on pimeänä suojatien kohdalla", "Lähetänkö tämän ilmoituksen")
    assert talk.site is not None
    assert talk.site.app is not None
    app = talk.site.app
    rows = await app.database.pool.fetch("SELECT person_id, address FROM conversations")
    addresses = {(await app.engine.sealer.of(row["person_id"])).open_text(row["address"]) for row in rows}
    secrets = {"Mannerheimintie 100", "Kolme lamppua", "Millainen vika", *addresses}
    assert await asyncio.to_thread(readable, talk.url, {secret.encode() for secret in secrets}) == []


def readable(url: str, secrets: set[bytes]) -> list[bytes]:
    """Which of them stand in a backup of the database, as text or as the bytes of a column."""
    command = [str(programs(os.geteuid()) / "pg_dump"), "--exclude-schema=keys", "--inserts", "--dbname", url]
    whole = subprocess.run(command, capture_output=True, check=True, timeout=60).stdout
    return [secret for secret in secrets if secret in whole or secret.hex().encode() in whole]
