"""``neuvo health``, bound: files or a FHIR server into the database, and programmes over it. Ends in plain words."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar
from uuid import UUID

import aiohttp
import asyncpg
import click
import orjson
from tqdm import tqdm

from bot import logs
from bot.city import City
from bot.database import DOWN, Database
from bot.health import Persons
from bot.health_content import HealthContent, load_health
from bot.keys import KeyStore, key_store
from bot.personal import Personal, personal
from bot.server import database_url, needed_keys
from bot.settings import Settings
from health.assessment import Standing
from health.bulk import BulkExport, ExportFailed, Server
from health.communication import FINDINGS, Sent, resources
from health.evaluation import Evaluation, Run
from health.fhir_days import Calendar
from health.importing import Import
from health.measure_report import measure_report
from health.needs import Needs
from health.proposing import Proposing

SUFFIXES = (".json", ".ndjson", ".ndjson.gz")
SENT = "SELECT id, status, reason, sent_at FROM nudges WHERE id = ANY($1)"
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What the commands work with: one connection of their own beside the pools."""

    city: City
    content: HealthContent
    connection: asyncpg.Connection[Any]
    own: Personal
    keys: KeyStore

    def persons(self, issuer: str) -> Persons:
        """The city's people, by what a login's provider calls them."""
        return Persons(self.connection, self.own, self.keys, issuer)

    @property
    def today(self) -> date:
        """In the city."""
        return datetime.now(self.city.zone).date()


def content_of(city: City, folder: Path) -> HealthContent:
    """The programmes of a city. Raises ``ContentFaults``."""
    return load_health(folder, city.languages, city.purposes.purposes, city.nudges)


@asynccontextmanager
async def place(city: City, content: HealthContent, url: str, keys: KeyStore) -> AsyncIterator[Place]:
    """Open all of it until the block ends."""

    async def resume(_conversation: UUID) -> None:
        """No conversation is held here."""

    await keys.open()
    try:
        async with Database(url, size=2, timeout=60.0) as database:
            connection = await asyncpg.connect(url, timeout=10)
            try:
                own = personal(city, database, keys, keys, resume)
                yield Place(city=city, content=content, connection=connection, own=own, keys=keys)
            finally:
                await connection.close()
    finally:
        await keys.close()


def import_records(
    settings: Settings, paths: Sequence[Path], base: str | None, issuer: str | None, *, faults: bool
) -> list[str]:
    """Import files, or what a server exports; lines for people."""
    system = issuer or settings.login_oidc_issuer
    if system is None:
        raise click.ClickException("set NEUVO_LOGIN_OIDC_ISSUER, or name the identifier system with --issuer")
    if bool(paths) == (base is not None):
        raise click.ClickException("name files or folders, or a FHIR server with --from")

    async def work(found: Place) -> list[str]:
        if base is None:
            return await _import(found, files_of(paths), ", ".join(path.name for path in paths), system, faults=faults)
        with TemporaryDirectory(prefix="health-", dir=settings.var_dir) as folder:  # readable by this user alone
            fetched = await _fetch(settings, base, Path(folder))
            return await _import(found, fetched, base, system, faults=faults)

    return _done(settings, work)


def evaluate(settings: Settings, programme: str | None, day: date | None, *, report: bool) -> list[str]:
    """Evaluate one programme or all; lines for people, or MeasureReports.

    What is found today is put before reviewers; of another day it is counted alone.
    """

    async def work(found: Place) -> list[str]:
        known = found.content.programmes
        if programme is not None and programme not in known:
            raise click.ClickException(f"there is no programme {programme}; there are {', '.join(known)}")
        as_of = day or found.today
        evaluation = Evaluation(found.connection, found.persons(""), found.content.sets)
        lines: list[str] = []
        for name in [programme] if programme is not None else known:
            run = await evaluation.run(known[name], as_of)
            if report:
                lines.append(orjson.dumps(measure_report(known[name], as_of, _standings(run))).decode())
            else:
                lines.append(f"{name}, run {run.id}: {len(run.stands)} people")
                lines += [f"  {count:8} {reason}" for reason, count in sorted(run.counts.items())]
            if not report and as_of == found.today:
                proposing = Proposing(found.connection, evaluation)
                lines.append(f"  {await proposing.findings(known[name], run, as_of):8} for review")
        return lines

    return _done(settings, work)


def communications(settings: Settings) -> list[str]:
    """What was decided to be written, and what was sent: FHIR resources, one a line."""

    async def work(found: Place) -> list[str]:
        findings = await found.connection.fetch(FINDINGS)
        nudges = await found.connection.fetch(SENT, [row["nudge_id"] for row in findings])
        sent = {row["id"]: Sent(status=row["status"], reason=row["reason"], sent_at=row["sent_at"]) for row in nudges}
        return [orjson.dumps(one).decode() for row in findings for one in resources(row, sent.get(row["nudge_id"]))]

    return _done(settings, work)


def programmes(settings: Settings) -> list[str]:
    """A line for each."""
    city = City.read(settings.city)
    language = city.languages[0]
    return [
        f"{one.id}: version {one.version}, {one.title[language]}, for {one.ground}, owner {one.owner}, "
        f"review by {one.review_by.isoformat()}"
        for one in content_of(city, settings.city).programmes.values()
    ]


def files_of(paths: Sequence[Path]) -> list[Path]:
    """Files as they are named, and of folders those that hold records."""
    found: list[Path] = []
    for path in paths:
        inside = sorted(path.rglob("*")) if path.is_dir() else [path]
        found += [one for one in inside if one.name.endswith(SUFFIXES) and one.is_file()]
    if not found:
        raise click.ClickException(f"there are no files that end in {', '.join(SUFFIXES)}")
    return found


async def _import(found: Place, paths: list[Path], source: str, issuer: str, *, faults: bool) -> list[str]:
    size = 2 * sum(path.stat().st_size for path in paths)  # they are read twice
    with tqdm(total=size, unit="B", unit_scale=True, disable=None, leave=False) as bar:
        work = Import(
            matcher=found.persons(issuer),
            needs=Needs(found.content.programmes.values(), found.content.sets),
            issuer=issuer,
            cities=tuple(found.city.content.city.name.values()),
            calendar=Calendar(found.city.zone, found.today),
            progress=bar.update,
        )
        report = await work.run(found.connection, paths, source)
    return report.lines([path.name for path in paths], faults=faults)


async def _fetch(settings: Settings, base: str, folder: Path) -> list[Path]:
    token = settings.health_fhir_token
    server = Server(base=base, token=None if token is None else token.get_secret_value())
    with tqdm(unit="B", unit_scale=True, disable=None, leave=False) as bar:
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=None, sock_read=300.0)) as session:
            return await BulkExport(session, server, bar.update).fetch(folder)


def _standings(run: Run) -> Counter[Standing]:
    return Counter(one.standing for one in run.stands)


def _done(settings: Settings, work: Callable[[Place], Awaitable[T]]) -> T:
    logs.configure(level="error", form=settings.log_format)
    if settings.database_url is not None:
        needed_keys(settings)
    city = City.read(settings.city)
    content = content_of(city, settings.city)

    async def run(url: str) -> T:
        async with place(city, content, url, key_store(settings, url)) as found:
            return await work(found)

    with database_url(settings) as url:
        try:
            return asyncio.run(run(url))
        except ExportFailed as error:
            raise click.ClickException(f"{error}. Nothing has been changed") from None
        except asyncpg.UndefinedTableError:
            raise click.ClickException("the database has other tables: run `neuvo db migrate`") from None
        except DOWN as error:
            if isinstance(error, OSError) and error.filename is not None:
                raise click.ClickException(f"{error.filename}: {error.strerror}") from None
            raise click.ClickException(f"the database does not answer ({type(error).__name__})") from None
