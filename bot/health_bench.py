"""``neuvo bench health``: synthetic records imported and evaluated, with the time and memory that it takes."""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeAlias
from uuid import UUID, uuid4

import orjson
from tqdm import tqdm

from bot.bench import machine
from bot.city import City
from bot.health import HEALTH
from bot.health_run import Place, content_of, place
from bot.keys import KeyStore
from bot.settings import Settings
from health.evaluation import Evaluation
from health.fhir_days import Calendar
from health.generator import generate
from health.generator_fhir import TRUTH, subject_of, write
from health.importing import Import
from health.needs import Needs

ISSUER = "https://login.example"
PURPOSE = "health_outreach"
SEED = 1
NOISE = 44
"""Facts of each patient that no programme asks for: with the others about fifty resources."""
BATCH = 10_000
AT_ONCE = 8
Planted: TypeAlias = "tuple[date | None, tuple[str, ...]]"
"""When somebody was last written to, and where they stand in each programme, in the order of names."""
_CONTACTED = """
UPDATE health.patients SET contacted_on = day FROM unnest($1::bytea[], $2::date[]) AS told (whose, day)
WHERE whose = pseudonym
"""


@dataclass(slots=True)
class Memory:
    """The most memory that this process and the database's server held, in bytes: the server's shared part once."""

    server: int
    own: int = 0
    database: int = 0
    _over: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Look twice a second until the block ends."""
        thread = threading.Thread(target=self._watch, daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._over.set()
            thread.join()

    def _watch(self) -> None:
        while not self._over.wait(0.5):
            self.own = max(self.own, _proportional(os.getpid()))
            self.database = max(self.database, sum(map(_proportional, [self.server, *_children(self.server)])))


async def measure(url: str, settings: Settings, patients: int) -> dict[str, Any]:
    """Seconds, resources a second, megabytes, and how many stand elsewhere than was planted (none should)."""
    city = City.read(settings.city)
    keys = KeyStore(url, os.urandom(32), os.urandom(32))
    async with place(city, content_of(city, settings.city), url, keys) as found:
        backend = await found.connection.fetchval("SELECT pg_backend_pid()")
        memory = Memory(_parent(backend))
        pseudonyms = await _people(found, patients)
        with TemporaryDirectory(prefix="health-") as name:
            folder = Path(name)
            began = time.perf_counter()
            made = generate(patients, seed=SEED, as_of=found.today, noise=NOISE)
            shown = tqdm(made, total=patients, unit=" patients", disable=None, leave=False)
            counts = write(folder, shown, issuer=ISSUER, as_of=found.today)
            generated = time.perf_counter() - began
            with memory.watched():
                return {
                    "patients": patients,
                    "resources": sum(counts.values()),
                    "megabytes": round(sum(path.stat().st_size for path in _files(folder)) / 1e6),
                    "generated_s": round(generated, 1),
                    **await _timed(found, folder, sum(counts.values()), pseudonyms),
                    "own_mb": round(memory.own / 1e6),
                    "database_mb": round(memory.database / 1e6),
                    **machine(),
                }


async def _timed(found: Place, folder: Path, resources: int, pseudonyms: Mapping[str, bytes]) -> dict[str, Any]:
    began = time.perf_counter()
    work = Import(
        matcher=found.persons(ISSUER),
        needs=Needs(found.content.programmes.values(), found.content.sets),
        issuer=ISSUER,
        cities=tuple(found.city.content.city.name.values()),
        calendar=Calendar(found.city.zone, found.today),
        progress=lambda _more: None,
    )
    report = await work.run(found.connection, _files(folder), "bench")
    imported = time.perf_counter() - began
    truth = _truth(folder, pseudonyms)
    await _contacted(found, truth)
    began = time.perf_counter()
    wrong, seconds = await _evaluated(found, truth)
    return {
        "facts_kept": report.counts["facts_kept"],
        "faults": sum(report.codes.values()),
        "imported_s": round(imported, 1),
        "resources_per_s": round(resources / imported),
        "evaluated_s": round(time.perf_counter() - began, 1),
        "programmes_s": seconds,
        "wrong": wrong,
    }


async def _people(found: Place, patients: int) -> dict[str, bytes]:
    """Persons who have logged in, with a ground that the city recorded; the pseudonyms by subject."""
    pseudonyms: dict[str, bytes] = {}
    with tqdm(total=patients, unit=" people", disable=None, leave=False) as bar:
        for start in range(0, patients, BATCH):
            subjects = [subject_of(number) for number in range(start, min(start + BATCH, patients))]
            ids = [uuid4() for _ in subjects]
            lookups = [found.keys.lookup(f"subject of {ISSUER} is {subject}") for subject in subjects]
            rows = list(zip(ids, lookups, strict=True))
            await found.connection.copy_records_to_table("persons", records=rows, columns=("id", "subject_lookup"))
            made = await _keys(found.keys, ids)
            grounds = [(pseudonym, PURPOSE, "law", found.today) for pseudonym in made]
            await found.connection.copy_records_to_table(
                "grounds", schema_name="health", records=grounds, columns=("pseudonym", "purpose", "kind", "at")
            )
            pseudonyms |= dict(zip(subjects, made, strict=True))
            bar.update(len(subjects))
    return pseudonyms


async def _keys(keys: KeyStore, ids: Sequence[UUID]) -> list[bytes]:
    """The persons' pseudonyms, by keys that are made for them."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(person: UUID) -> bytes:
        async with gate:
            return (await keys.own(str(person), make=True)).pseudonym(HEALTH)

    return await asyncio.gather(*map(one, ids))


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.name != TRUTH)


def _truth(folder: Path, pseudonyms: Mapping[str, bytes]) -> dict[bytes, Planted]:
    """What was planted, by pseudonym."""
    found: dict[bytes, Planted] = {}
    with (folder / TRUTH).open("rb") as file:
        for line in file:
            one = orjson.loads(line)
            contacted = one["contacted_on"]
            stands = tuple(" ".join(one["truth"][name]) for name in sorted(one["truth"]))
            found[pseudonyms[one["subject"]]] = (contacted and datetime.fromisoformat(contacted).date(), stands)
    return found


async def _contacted(found: Place, truth: Mapping[bytes, Planted]) -> None:
    days = [one for one, _ in truth.values()]
    await found.connection.execute(_CONTACTED, list(truth), days, timeout=600)
    await found.connection.execute("VACUUM ANALYZE health.patients", timeout=600)


async def _evaluated(found: Place, truth: Mapping[bytes, Planted]) -> tuple[int, dict[str, float]]:
    """How many stand elsewhere than was planted, and the seconds of each programme."""
    evaluation = Evaluation(found.connection, found.persons(ISSUER), found.content.sets)
    wrong, seconds = 0, {}
    for place_, name in enumerate(sorted(found.content.programmes)):
        began = time.perf_counter()
        run = await evaluation.run(found.content.programmes[name], found.today)
        seconds[name] = round(time.perf_counter() - began, 1)
        told = {one.pseudonym: f"{one.standing} {one.reason}" for one in run.stands}
        wrong += sum(told.get(one) != stands[place_] for one, (_, stands) in truth.items())
    return wrong, seconds


def _parent(process: int) -> int:
    return int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1])


def _children(process: int) -> list[int]:
    return [int(one) for one in _read(f"/proc/{process}/task/{process}/children").split()]


def _proportional(process: int) -> int:
    """Bytes of a process (PSS): what it shares with others is counted in parts, so that sums are right."""
    lines = (line.split() for line in _read(f"/proc/{process}/smaps_rollup").splitlines())
    return next((int(words[1]) * 1024 for words in lines if words and words[0] == "Pss:"), 0)


def _read(path: str) -> str:
    """A file of the kernel's; empty where the process has ended."""
    try:
        return Path(path).read_text()
    except OSError:
        return ""
