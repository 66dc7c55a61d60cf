"""The written conversations, each over a database and a process of its own, as each of the four channels shows them."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.city import City
from bot.conversations import Script, hold, read_scripts
from bot.rig import Rig
from tests.renderings import faults

FOLDER = Path(__file__).with_name("conversations")


@pytest.mark.parametrize("script", read_scripts(FOLDER), ids=lambda script: script.title)
async def test_conversation(script: Script, city: City, database_url: str) -> None:
    async with Rig(city, database_url) as rig:
        assert await hold(rig, script) == []
        assert [fault for reply in rig.said for fault in faults(reply, city.texts)] == []


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_there_are_enough_in_each_language(language: str) -> None:
    assert sum(script.language == language for script in read_scripts(FOLDER)) >= 60
