"""``neuvo api-keys`` and ``neuvo nudges``: the keys of the API, and one message looked at or cancelled.

Each room is imported only when its command runs.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar
from uuid import UUID

import click

from bot.cli_options import read_settings

if TYPE_CHECKING:
    from bot.database import Database
    from proactive.keys import ApiKey, ApiKeys
    from proactive.nudge import Event
    from proactive.records import Records

T = TypeVar("T")
MODES = ("live", "team", "test")
SCOPES = ("nudges:write", "nudges:read", "templates:read")


@click.group("api-keys")
def api_keys() -> None:
    """Keys of the systems that have people written to over the API."""


@api_keys.command("new")
@click.argument("name")
@click.option("--team", required=True, help="Whose system it is.")
@click.option("--mode", type=click.Choice(MODES), default="test", help="test reaches nobody (the default).")
@click.option("--scope", "scopes", type=click.Choice(SCOPES), multiple=True, help="What it may do (all).")
@click.option("--to", "recipients", multiple=True, help="Of a team key: a number or address that it may write to.")
@click.option("--per-minute", type=click.IntRange(1, 60_000), default=600, help="Requests (600).")
@click.option("--webhook", help="The https address that is told of each change of a message.")
def new(
    name: str,
    team: str,
    mode: str,
    scopes: tuple[str, ...],
    recipients: tuple[str, ...],
    per_minute: int,
    webhook: str | None,
) -> None:
    """Make a key for the system called NAME. It is shown now and never again."""
    if recipients and mode != "team":
        raise click.ClickException("--to is for --mode team: the other keys have no list")
    if webhook is not None:
        _check(webhook)
    addresses = [_address(one) for one in recipients]

    async def work(keys: ApiKeys) -> None:
        made = await keys.make(
            name=name,
            team=team,
            mode=mode,  # type: ignore[arg-type]  # one of click's choice
            scopes=scopes or SCOPES,
            recipients=addresses,
            per_minute=per_minute,
            webhook_url=webhook,
        )
        click.echo(f"id:             {made.id}")
        click.echo(f"key:            {made.secret}")
        if made.webhook_secret is not None:
            click.echo(f"webhook secret: {made.webhook_secret}")

    _with_keys(work)


@api_keys.command("list")
def list_keys() -> None:
    """List all keys that there have been, without their secrets."""

    async def work(keys: ApiKeys) -> None:
        for key in await keys.list():
            click.echo(_line(key))

    _with_keys(work)


@api_keys.command("revoke")
@click.argument("key_id", type=click.UUID)
def revoke(key_id: UUID) -> None:
    """Let the key of that id open nothing from now on. What it has asked for is still sent."""

    async def work(keys: ApiKeys) -> bool:
        return await keys.revoke(key_id)

    if not _with_keys(work):
        raise click.ClickException(f"there is no key {key_id} in force")
    click.echo(f"{key_id} is revoked")


@click.group()
def nudges() -> None:
    """Messages that the city writes first."""


@nudges.command("get")
@click.argument("nudge_id", type=click.UUID)
def get(nudge_id: UUID) -> None:
    """Show how a message came to its status, without what it says and to whom."""

    async def work(database: Database) -> list[str]:
        found = _records(database)
        nudge = await found.get(nudge_id)
        if nudge is None:
            raise click.ClickException(f"there is no message {nudge_id}")
        head = f"{nudge.template} {nudge.version}, {nudge.urgency}, expires {nudge.expires_at.isoformat()}"
        return [head, *map(_event, await found.events(nudge_id))]

    for line in _with_database(work):
        click.echo(line)


@nudges.command("cancel")
@click.argument("nudge_id", type=click.UUID)
def cancel(nudge_id: UUID) -> None:
    """Cancel a message that has not been sent."""

    if not _with_database(lambda database: _records(database).cancel(nudge_id)):
        raise click.ClickException(f"{nudge_id} is not there, has been sent, or has ended")
    click.echo(f"{nudge_id} is cancelled")


def _records(database: Database) -> Records:
    from bot.nudges import note
    from proactive.records import Records

    return Records(lambda: database.pool, note)


def _event(event: Event) -> str:
    """One change of a status as a line."""
    parts = [event.at.isoformat(), event.status, event.reason or "", event.channel or ""]
    parts += [f"until {event.until.isoformat()}"] if event.until is not None else []
    return "  ".join(part for part in parts if part)


def _line(key: ApiKey) -> str:
    """A key as a line."""
    used = "never used" if key.used_at is None else f"used {key.used_at.date().isoformat()}"
    revoked = "" if key.revoked_at is None else f", revoked {key.revoked_at.date().isoformat()}"
    told = ", webhook" if key.webhook_url is not None else ""
    return f"{key.id}  {key.mode:4}  {key.team}: {key.name}  {' '.join(sorted(key.scopes))}  {used}{told}{revoked}"


def _check(webhook: str) -> None:
    """End the command where nobody is called at an address; this machine is, by the server of development."""
    from proactive.outside import NotOutside, check

    try:
        check(webhook, loopback=True)
    except NotOutside as error:
        raise click.ClickException(f"--webhook: {error}") from None


def _address(said: str) -> str:
    """An address as its channel knows it: a number in E.164, others as they are."""
    from proactive.phones import NoMobile, mobile

    if not said.lstrip("+").replace(" ", "").isdigit():
        return said
    try:
        return mobile(said)
    except NoMobile as error:
        raise click.ClickException(f"--to: {error}") from None


def _with_keys(work: Callable[[ApiKeys], Awaitable[T]]) -> T:
    """Do it with the keys of the API, over the database and the keys that are set, or the ones of development."""
    from bot.keys import key_store
    from bot.nudge_api import api_keys as bound
    from bot.server import needed_keys

    settings = read_settings()
    if settings.database_url is not None:
        needed_keys(settings)

    async def done(database: Database) -> T:
        keys = key_store(settings, database.url)
        await keys.open()
        try:
            return await work(bound(database, keys))
        finally:
            await keys.close()

    return _with_database(done)


def _with_database(work: Callable[[Database], Awaitable[T]]) -> T:
    """Do it over the database that is set, or the one of development."""
    from bot.database import Database
    from bot.server import database_url

    async def done(url: str) -> T:
        async with Database(url, size=2, timeout=60.0) as database:
            return await work(database)

    with database_url(read_settings()) as url:
        return asyncio.run(done(url))
