"""A bulk export over HTTP: waited for, fetched whole, and imported."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import aiohttp
import asyncpg
import orjson
import pytest

from health.bulk import BulkExport, ExportFailed, Server
from tests.unit.health.bulk_server import TOKEN, Exporting, serving
from tests.unit.health.records import diabetes, imported, patient


def lines(*resources: object) -> bytes:
    """NDJSON."""
    return b"".join(orjson.dumps(one) + b"\n" for one in resources)


FILES = {"Condition-1": lines(diabetes("1")), "Patient-1": lines(patient()), "Practitioner-1": lines({})}


async def fetched(server: Exporting, folder: Path, **more: Any) -> list[Path]:
    """The files of an export."""
    async with serving(server) as base, aiohttp.ClientSession() as session:
        at = Server(base=base, token=TOKEN, pause=0.001, **more)
        return await BulkExport(session, at, abs).fetch(folder)


async def test_an_export_is_waited_for_fetched_and_imported(database_url: str, tmp_path: Path) -> None:
    server = Exporting(FILES)
    paths = await fetched(server, tmp_path)
    assert [path.name for path in paths] == ["0000-Condition.ndjson", "0001-Patient.ndjson"]
    assert server.statuses == []
    assert server.deleted
    assert "Patient" in server.asked[0].query["_type"].split(",")
    connection = await asyncpg.connect(database_url)
    report = await imported(connection, paths)
    await connection.close()
    assert (report.counts["patients_kept"], report.counts["facts_kept"]) == (1, 1)


async def test_a_download_that_breaks_off_is_fetched_again_from_its_start(tmp_path: Path) -> None:
    long = lines(*(diabetes(str(number)) for number in range(2000)))
    [path] = await fetched(Exporting({"Condition-1": long}, broken=2), tmp_path)
    assert path.read_bytes() == long


@pytest.mark.parametrize("guarded", [True, False])
async def test_the_token_goes_where_it_is_asked_for_alone(tmp_path: Path, guarded: bool) -> None:
    server = Exporting(FILES, guarded=guarded)
    await fetched(server, tmp_path)
    files = [request for request in server.asked if request.path.startswith("/files/")]
    assert {"Authorization" in request.headers for request in files} == {guarded}


@pytest.mark.parametrize(
    ("server", "more"),
    [
        (Exporting(FILES, refused=400), {}),
        (Exporting(FILES, refused=503), {}),
        (Exporting(FILES, statuses=[202, 500, 404]), {}),
        (Exporting(FILES, statuses=[202] * 10_000), {"patience": 0.1}),
        (Exporting(FILES, broken=100), {}),
    ],
)
async def test_an_export_that_fails_says_so(tmp_path: Path, server: Exporting, more: dict[str, float]) -> None:
    with pytest.raises(ExportFailed):
        await fetched(server, tmp_path, **more)


async def test_a_server_that_is_away_says_so(tmp_path: Path) -> None:
    async with aiohttp.ClientSession() as session:
        work = BulkExport(session, Server(base="http://127.0.0.1:9/fhir", pause=0.001), abs)
        with pytest.raises(ExportFailed, match="does not answer"):
            await work.fetch(tmp_path)
