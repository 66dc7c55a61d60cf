"""The measurement itself, on a small scale: what it says of speed is for a quiet machine."""

from __future__ import annotations

from bot.bench_nudges import measure
from tests.conftest import KNOWLEDGE


async def test_the_bench_runs_to_its_end(database_url: str) -> None:
    found = await measure(database_url, KNOWLEDGE, nudges=100, scheduled=1000)
    assert found["nudges_per_s"] > 0
    assert found["ratio_to_pgqueuer"] > 0
    assert found["scheduled"] == 1000
