"""Records damaged at random: the rest is imported, and each damaged one is kept as it says, or told by its line."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import asyncpg
import pytest

from health.generator import generate
from health.generator_fhir import resources
from tests.unit.health.records import ISSUER, TODAY, imported, patient, written

VALUES: tuple[Any, ...] = (
    *(None, "", " ", "x", "\x00", "E11\x00", "Patient/", "#", "2026-02-30", "1e400", "\u2028", "ä" * 300),
    *(0, -1, 7.5, 1e300, -1e300, 10**18, True, [], {}, [None], [[]], {"coding": [{}]}, {"value": 1e300}),
)


def _spots(value: Any) -> Iterator[tuple[Any, Any]]:
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in list(pairs):
        yield value, key
        yield from _spots(part)


def _damaged(chance: Random, resource: dict[str, Any]) -> dict[str, Any]:
    found = copy.deepcopy(resource)
    inside, key = chance.choice(list(_spots(found)))
    if chance.random() < 0.2:
        del inside[key]
    elif isinstance(inside, dict) and chance.random() < 0.2:
        inside[f"_{key}"] = {"id": "extended"}
        del inside[key]
    else:
        inside[key] = chance.choice(VALUES)
    return found


@pytest.mark.parametrize("seed", range(3))
async def test_no_damage_stops_an_import(database_url: str, tmp_path: Path, seed: int) -> None:
    chance = Random(seed)
    whole = [
        one
        for planted in generate(60, seed=seed, as_of=TODAY, noise=4)
        for one in resources(planted, issuer=ISSUER, as_of=TODAY)
    ]
    rows = [_damaged(chance, one) if chance.random() < 0.7 else one for one in whole]
    rows.append(patient("last"))
    connection = await asyncpg.connect(database_url)
    report = await imported(connection, [written(tmp_path, "all.ndjson", rows)])
    await connection.close()
    unread = sum(report.codes[code] for code in ("json", "truncated"))
    assert report.counts["read"] + report.counts["of_other_types"] + unread == len(rows)
    assert report.counts["facts_kept"] > 0
    assert {fault.line for fault in report.faults} <= set(range(1, len(rows)))
