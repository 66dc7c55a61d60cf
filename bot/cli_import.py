"""``neuvo import``: the city's sources into the database. Each room is imported only when its command runs."""

from __future__ import annotations

from pathlib import Path

import click

from bot.cli_options import read_settings


@click.group("import")
def imports() -> None:
    """Bring the city's sources into the database. A copy that is there stays until a whole new one has been read."""


@imports.command("units")
@click.option("--from", "address", help="An address or a file, instead of NEUVO_UNITS_URL.")
@click.option("--connections", help="An address or a file of the connections, where units come without them.")
@click.option("--force", is_flag=True, help="Take it even where a third of the units is gone, or nothing is new.")
def import_units(address: str | None, connections: str | None, force: bool) -> None:
    """The unit register, from TPREK v4 or servicemap v2."""
    from bot.imports import import_units as run

    click.echo(run(read_settings(), address, connections, force=force))


@imports.command("events")
@click.option("--from", "address", help="Linked Events' base address or a file, instead of NEUVO_LINKED_EVENTS_URL.")
@click.option("--force", is_flag=True, help="Take it even where a third of the events is gone.")
def import_events(address: str | None, force: bool) -> None:
    """The events of the next 60 days, from Linked Events."""
    from bot.imports import import_events as run

    click.echo(run(read_settings(), address, force=force))


@imports.command("state")
def import_state() -> None:
    """How old each copy is, and what its last error was."""
    from bot.imports import state

    for line in state(read_settings()):
        click.echo(line)


@imports.command("pages")
@click.argument("address")
@click.option("--into", type=click.Path(file_okay=False, path_type=Path), help="The folder (drafts/ of the city).")
@click.option("--most", type=click.IntRange(min=1), default=50, help="Read no more pages than this (50).")
@click.option("--force", is_flag=True, help="Write drafts anew that are there already.")
def import_pages(address: str, into: Path | None, most: int, force: bool) -> None:
    """Pages of a sitemap, one page, or a table (CSV: question, answer, language, …) as drafts of topics.

    Nothing is answered from a draft until an editor has moved it to topics/.
    """
    from bot.imports import import_pages as run

    click.echo(run(read_settings(), address, into, most, force=force))


@imports.command("hours")
@click.option("--from", "address", help="Hauki's base address or a file, instead of NEUVO_HAUKI_URL.")
@click.option("--force", is_flag=True, help="Take it even where a third of the units is gone.")
def import_hours(address: str | None, force: bool) -> None:
    """The opening hours of all units for two weeks, from Hauki: they answer while Hauki is away."""
    from bot.imports import import_hours as run

    click.echo(run(read_settings(), address, force=force))
