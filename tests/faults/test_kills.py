"""A short run of the kill test; ``python -m tests.faults.kills --kills 200`` is the long one."""

from __future__ import annotations

from tests.faults.kills import run


async def test_kills_lose_nothing_and_repeat_nothing(database_url: str) -> None:
    findings = await run(database_url, kills=8, citizens=4)
    assert findings.faults == []
    assert findings.figures["accepted"] > 0
    assert findings.figures["effects"] > 0
