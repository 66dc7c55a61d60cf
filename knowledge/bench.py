"""``neuvo bench import``: the register of a large city into the database, and the nearest unit out of it.

The register is invented, in the flat shape of TPREK v4 with as many fields as a real unit has, and comes over HTTP from
a process of its own. Memory is what the import adds to the process at its highest.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import resource
import socket
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg

from knowledge.load import Content
from knowledge.units import Directory, Place
from knowledge.units_import import UnitsImport

_QUERIES = 2000
_EACH = 6
"""Connections of a unit, as in the register."""


async def bench(url: str, content: Content, units: int) -> dict[str, object]:
    """Import ``units`` units into the migrated database at ``url``, twice, and ask for the nearest ones."""
    with tempfile.TemporaryDirectory(prefix="neuvo-bench-") as name:
        _write(Path(name), units, content)
        async with _served(Path(name)) as base:
            connection = await asyncpg.connect(url)
            importer = UnitsImport(
                content=content, address=f"{base}/units.json", connections=f"{base}/connections.json", force=True
            )
            before = _reset_peak()
            first, report = await _timed(importer, connection)
            second, _ = await _timed(importer, connection)
            above = _peak() - before
            await connection.close()
    return {
        "units": report,
        "seconds": round(first, 2),
        "again_seconds": round(second, 2),
        "memory_above_baseline_mb": round(above, 1),
        **await nearest(url, content),
    }


async def _timed(importer: UnitsImport, connection: asyncpg.Connection[Any]) -> tuple[float, int]:
    began = time.perf_counter()
    report = await importer.run(connection)
    return time.perf_counter() - began, report.kept


async def nearest(url: str, content: Content) -> dict[str, object]:
    """Ask for the three nearest units of a service, again and again, from random places of the city."""
    chance, area = random.Random(1), content.city.area  # noqa: S311  no secret
    async with asyncpg.create_pool(url, min_size=0, max_size=2) as pool:
        directory = Directory(content, lambda: pool)
        await directory.nearest("library", None, 1)
        await asyncio.sleep(1.5)
        times, busy = [], []
        for _ in range(_QUERIES):
            latitude, longitude = chance.uniform(area.south, area.north), chance.uniform(area.west, area.east)
            place = Place(kind="point", id="", text="", latitude=latitude, longitude=longitude)
            service = chance.choice(directory.services())
            began, worked = time.perf_counter(), time.process_time()
            await directory.nearest(service, place, 3)
            times.append(time.perf_counter() - began)
            busy.append(time.process_time() - worked)
        await directory.close()
    cuts, worked_cuts = statistics.quantiles(times, n=100), statistics.quantiles(busy, n=100)
    return {
        "nearest_p50_ms": round(cuts[49] * 1000, 3),
        "nearest_p99_ms": round(cuts[98] * 1000, 3),
        "nearest_p99_cpu_ms": round(worked_cuts[98] * 1000, 3),
    }


def _write(folder: Path, units: int, content: Content) -> None:
    chance, area = random.Random(0), content.city.area  # noqa: S311  no secret
    words = [word for ids in content.city.ontology.values() for word in ids]
    with (folder / "units.json").open("w", encoding="utf-8") as file:
        for number in range(units):
            unit = {
                "id": 100_000 + number,
                "org_id": "83e74666-0836-4c1d-948a-4b34a8b90301",
                **{f"name_{code}": f"Toimipaikka {number} {code}" for code in content.city.languages},
                **{f"street_address_{code}": f"Katu {number % 200}" for code in content.city.languages},
                **{f"www_{code}": f"https://unit.example/{number}/{code}" for code in content.city.languages},
                **{f"desc_{code}": "Kuvaus. " * 60 for code in content.city.languages},
                "ontologyword_ids": [chance.choice(words), 473, 691],
                "latitude": chance.uniform(area.south, area.north),
                "longitude": chance.uniform(area.west, area.east),
                "address_zip": "00530",
                "phone": "+358 9 310 85053",
                "accessibility_viewpoints": "00:unknown,11:red,12:red,13:red,21:green,31:red,41:red,51:red,61:red",
                "modified_time": "2026-06-30T00:32:06",
            }
            file.write(("[" if number == 0 else ",") + json.dumps(unit))
        file.write("]")
    with (folder / "connections.json").open("w", encoding="utf-8") as file:
        for number in range(units * _EACH):
            connection = {
                "unit_id": 100_000 + number % units,
                "section_type": "HIGHLIGHT",
                **{f"name_{code}": f"Tiedote {number} keväällä {code}" for code in content.city.languages},
            }
            file.write(("[" if number == 0 else ",") + json.dumps(connection))
        file.write("]")


@contextlib.asynccontextmanager
async def _served(folder: Path) -> AsyncIterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    server = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "http.server", port, "--bind", "127.0.0.1", "--directory", str(folder)),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        await server.wait()


def _reset_peak() -> float:
    """The megabytes that this process has now; its peak counts from here, where the system can do that (Linux)."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    return _status("VmRSS")


def _peak() -> float:
    return _status("VmHWM")


def _status(field: str) -> float:
    try:
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    except OSError:
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return most / 1024 / (1024 if sys.platform == "darwin" else 1)
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(field))
