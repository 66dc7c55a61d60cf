"""Microsoft's published Direct Line client, over a socket and by polling."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from tests.unit.webchat.server import serving

SCRIPT = Path(__file__).with_name("directline.cjs")


async def _run(*arguments: str) -> Any:
    child = await asyncio.create_subprocess_exec(
        "node", str(SCRIPT), *arguments, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    try:
        async with asyncio.timeout(60):
            out, err = await child.communicate()
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    assert child.returncode == 0, err.decode()
    return json.loads(out)


@pytest.mark.parametrize("mode", ["socket", "poll"])
async def test_microsofts_client_talks_to_us(database_url: str, mode: str) -> None:
    async with serving(database_url) as server:
        seen = await _run(server.base, mode, "Milloin kirjasto on auki?", "Entä huomenna?")
        await server.neighbour.settled()
        kept = [(incoming.text, incoming.language) for incoming in server.neighbour.kept.values()]
    assert kept == [("Milloin kirjasto on auki?", "fi"), ("Entä huomenna?", "fi")]
    answers = [one for one in seen["activities"] if one["from"]["role"] == "bot"]
    assert [one["text"] for one in answers] == ["Kuulin: Milloin kirjasto on auki?", "Kuulin: Entä huomenna?"]
    assert [one["replyToId"] for one in answers] == seen["posted"]
    assert "Online" in seen["status"]
    assert "FailedToConnect" not in seen["status"]
