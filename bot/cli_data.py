"""``neuvo retention``, ``neuvo erasures``, ``neuvo holds``, ``neuvo audit export``: what is done with people's data.

Each room is imported only when its command runs.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar
from uuid import UUID

import click

from bot.cli_audit import audit
from bot.cli_options import read_settings

if TYPE_CHECKING:
    from bot.data import Data
    from mydata.retention import Removed

T = TypeVar("T")


@click.command()
@click.option("--dry-run", is_flag=True, help="Only say how much would go.")
def retention(dry_run: bool) -> None:
    """Remove what is older than retention.yaml lets it be, as happens each night. It can be broken off."""

    async def work(found: Data) -> list[Removed]:
        return await (found.retention.due() if dry_run else found.retention.run())

    for one in _done(work):
        click.echo(f"{one.category:14} {one.rows:9} before {one.until.date().isoformat()}")


@click.group()
def erasures() -> None:
    """People who were erased."""


@erasures.command()
def replay() -> None:
    """Erase again everybody who was erased since the backup that was brought back was made. Do it before serving."""

    async def work(found: Data) -> int:
        count = await found.erasures.replay()
        await found.erasures.sweep()  # what was under way when the backup was made
        return count

    click.echo(f"{_done(work)} erasures are done in this database too")


@click.group(invoke_without_command=True)
@click.pass_context
def holds(context: click.Context) -> None:
    """List the data that must be kept for a legal reason."""
    if context.invoked_subcommand is not None:
        return
    for row in _done(lambda found: found.holds.find()):
        until = "" if row["until"] is None else f" until {row['until'].date().isoformat()}"
        placed = f"by {row['placed_by']} on {row['placed_at'].date().isoformat()}"
        click.echo(f"{row['id']}: {row['person_id']} {row['reason']}, {placed}{until}")


@holds.command()
@click.argument("person", type=click.UUID)
@click.argument("reason")
@click.option("--by", required=True, help="Who decided it.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="The day on which it ends by itself.")
def place(person: UUID, reason: str, by: str, until: datetime | None) -> None:
    """Keep the data of PERSON for a REASON of retention.yaml."""
    from mydata.holds import UnknownReason

    end = None if until is None else until.replace(tzinfo=UTC)
    try:
        number = _done(lambda found: found.holds.place(person, reason, by=by, until=end))
    except UnknownReason as error:
        raise click.ClickException(str(error)) from None
    if number is None:
        raise click.ClickException(f"there is no person {person}")
    click.echo(f"hold {number} is in force")


@holds.command()
@click.argument("number", type=int)
def release(number: int) -> None:
    """End the hold of that NUMBER."""
    if not _done(lambda found: found.holds.release(number)):
        raise click.ClickException(f"there is no hold {number} in force")
    click.echo(f"hold {number} is released")


@audit.command("export")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="From this day on (UTC).")
@click.option("--after", type=click.IntRange(min=0), default=0, help="Only what came after the event of that number.")
def export(since: datetime | None, after: int) -> None:
    """Write what staff did as lines of JSON in the city's shape; the last event's number goes to standard error."""
    from mydata.audit import exported

    start = None if since is None else since.replace(tzinfo=UTC)

    async def work(found: Data) -> int:
        last = after
        async for last, line in exported(found.pool, since=start, after=after):  # noqa: B007
            click.echo(line)
        return last

    click.echo(f"last event: {_done(work)}", err=True)


def _done(work: Callable[[Data], Awaitable[T]]) -> T:
    """Do it over the database and the keys that are set, or the ones of development."""
    from bot.server import database_url, needed_keys

    settings = read_settings()
    if settings.database_url is not None:
        needed_keys(settings)
    with database_url(settings) as url:
        return asyncio.run(_work(url, work))


async def _work(url: str, work: Callable[[Data], Awaitable[T]]) -> T:
    from zoneinfo import ZoneInfo

    from bot.data import data
    from bot.database import Database
    from bot.keys import key_store
    from bot.texts import Texts
    from knowledge.load import load_content
    from mydata.retention_rules import Rules

    settings = read_settings()
    city = load_content(settings.city).city
    texts = Texts.load(settings.city / "texts", city.languages)
    rules = Rules.load(settings.city, city.languages)
    keys = key_store(settings, url)
    await keys.open()
    try:
        async with Database(url, size=2, timeout=60.0) as database:
            zone = ZoneInfo(city.time_zone)
            found = data(database, keys, keys, texts=texts, languages=city.languages, zone=zone, rules=rules)
            return await work(found)
    finally:
        await keys.close()
