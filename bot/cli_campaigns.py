"""``neuvo campaigns``: one message to many. Each room is imported only when its command runs."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from uuid import UUID

import click

from bot.cli_options import LANGUAGES, read_settings

if TYPE_CHECKING:
    from bot.campaign_commands import Commands

T = TypeVar("T")
LEVELS = ("claimed", "confirmed", "strong")
by = click.option("--by", help="Who does it (the user of this machine).")
language = click.option("--language", type=LANGUAGES, default="en", help="Of reasons and faults (en).")


@click.group()
def campaigns() -> None:
    """One message to many: written by one person, approved by another, sent by the workers."""


@campaigns.command()
@click.argument("name")
@click.option("--template", required=True, help="What is sent: a template of the city's folder nudges/.")
@click.option("--csv", "file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="To whom: a table.")
@click.option("--channel", "channels", multiple=True, help="To whom: who has written on this channel.")
@click.option("--speaking", "languages", type=LANGUAGES, multiple=True, help="To whom: who speaks this language.")
@click.option("--level", type=click.Choice(LEVELS), help="To whom: whose address is at least as sure.")
@click.option(
    "--value", "values", multiple=True, metavar="NAME=VALUE", help="The same for all; NAME:fi= for one language."
)
@click.option("--at", "send_at", type=click.DateTime(["%Y-%m-%dT%H:%M"]), help="Not before (the city's clock).")
@by
@language
def new(
    name: str,
    template: str,
    file: Path | None,
    channels: tuple[str, ...],
    languages: tuple[str, ...],
    level: str | None,
    values: tuple[str, ...],
    send_at: datetime | None,
    by: str | None,
    language: str,
) -> None:
    """Begin a draft called NAME, and say its id."""
    from proactive.campaign_audience import Filter

    pairs = dict(_pair(value) for value in values)
    found = channels or languages or level
    wanted = Filter(channels=channels or None, languages=languages or None, level=level or LEVELS[0]) if found else None

    async def work(commands: Commands) -> UUID:
        at = None if send_at is None else send_at.replace(tzinfo=commands.city.zone)
        return await commands.new(name, template, values=pairs, file=file, wanted=wanted, send_at=at)

    click.echo(_done(work, by, language))


@campaigns.command()
@click.argument("campaign", type=click.UUID)
@by
@language
def preview(campaign: UUID, by: str | None, language: str) -> None:
    """Look at everybody in CAMPAIGN without writing to anybody: who gets it, at what cost, who is skipped and why."""
    for line in _done(lambda commands: commands.look(campaign), by, language):
        click.echo(line)


@campaigns.command()
@click.argument("campaign", type=click.UUID, required=False)
@click.option("--follow", is_flag=True, help="Show a progress bar until it has ended.")
@by
@language
def show(campaign: UUID | None, follow: bool, by: str | None, language: str) -> None:
    """Show how CAMPAIGN stands, or all of them."""

    async def work(commands: Commands) -> list[str]:
        if campaign is None:
            return await commands.every()
        if follow:
            await commands.follow(campaign)
        return await commands.show(campaign)

    for line in _done(work, by, language):
        click.echo(line)


def _act(name: str, words: str) -> None:
    """A command that takes a campaign to its next state."""

    @campaigns.command(name.replace("_", "-"), help=words)
    @click.argument("campaign", type=click.UUID)
    @by
    @language
    def act(campaign: UUID, by: str | None, language: str) -> None:
        async def work(commands: Commands) -> str:
            await commands.act(campaign, name)  # type: ignore[arg-type]  # one of those below
            return (await commands.found(campaign)).status

        click.echo(f"{campaign} is {_done(work, by, language)}")


for _name, _words in (
    ("submit", "Hand CAMPAIGN in, for somebody else to approve."),
    ("give_back", "Make CAMPAIGN a draft again."),
    ("approve", "Approve CAMPAIGN: nobody who has written in it can."),
    ("start", "Start CAMPAIGN: the workers send it. `show --follow` watches it."),
    ("pause", "Hold CAMPAIGN: nothing more goes out until it is resumed."),
    ("resume", "Go on with CAMPAIGN."),
    ("cancel", "End CAMPAIGN: what has not gone out does not go out."),
):
    _act(_name, _words)


def _pair(said: str) -> tuple[str, str]:
    name, sign, value = said.partition("=")
    if not sign:
        raise click.ClickException(f"--value {name}: write it as NAME=VALUE")
    return name, value


def _done(work: Callable[[Commands], Awaitable[T]], by: str | None, language: str) -> T:
    """Do it over the database and the keys that are set, or the ones of development."""
    from bot import logs
    from bot.campaign_commands import commands, somebody
    from bot.server import database_url, needed_keys

    settings = read_settings()
    if settings.database_url is not None:
        needed_keys(settings)
    logs.configure(level="error", form=settings.log_format)

    async def done(url: str) -> T:
        async with commands(settings, url, somebody(by), language) as found:
            return await work(found)

    with database_url(settings) as url:
        return asyncio.run(done(url))
