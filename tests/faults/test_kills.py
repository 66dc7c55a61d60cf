"""A short run of the kill test; ``python -m tests.faults.kills --kills 200`` is the long one."""

from __future__ import annotations

from tests.faults import handoffs, nudges
from tests.faults.kills import run


async def test_kills_lose_nothing_and_repeat_nothing(database_url: str) -> None:
    findings = await run(database_url, kills=8, citizens=4)
    assert findings.faults == []
    assert findings.figures["accepted"] > 0
    assert findings.figures["effects"] > 0


async def test_a_person_and_a_citizen_lose_nothing_when_servers_are_killed(database_url: str) -> None:
    findings = await handoffs.run(database_url, rounds=5, kills=4)
    assert findings.faults == []
    assert findings.figures["rounds_while_killing"] > 0


async def test_nudges_end_and_none_is_sent_twice_when_workers_are_killed(database_url: str) -> None:
    findings = await nudges.run(database_url, nudges=300, kills=2)
    assert findings.faults == []
    assert findings.figures["taken"] > 200
