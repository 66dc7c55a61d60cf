"""``neuvo import``: the city's sources into the database, with a progress bar where somebody watches."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeAlias

import asyncpg
import click
from tqdm import tqdm

from bot import logs
from bot.database import DOWN
from bot.server import database_url
from bot.settings import Settings
from knowledge.drafts import NoTable, from_pages, from_table, write
from knowledge.events_import import EventsImport
from knowledge.hours_import import HoursImport
from knowledge.html_text import Page
from knowledge.http import SourceUnavailable
from knowledge.imports import ImportRefused, Progress, Report
from knowledge.load import Content, load_content
from knowledge.pages import Manners, Site
from knowledge.units_import import UnitsImport

_OLD_TABLES = "the database has other tables: run `neuvo db migrate`"
Connection: TypeAlias = "asyncpg.Connection[Any]"


def import_units(settings: Settings, address: str | None, connections: str | None, *, force: bool) -> Report:
    """The unit register, from an address or a file, else from where the settings say. Ends in plain words."""
    found = address or settings.units_url
    if found is None:
        raise click.ClickException("set NEUVO_UNITS_URL, or name an address or a file with --from")
    others = connections or (settings.unit_connections_url if address is None else None)

    def make(content: Content, progress: Progress) -> UnitsImport:
        return UnitsImport(content=content, address=found, connections=others, force=force, progress=progress)

    return _import(settings, make)


def import_hours(settings: Settings, address: str | None, *, force: bool) -> Report:
    """The opening hours of all units for two weeks. Ends in plain words."""
    found = address or settings.hauki_url
    if found is None:
        raise click.ClickException("set NEUVO_HAUKI_URL, or name an address or a file with --from")

    def make(content: Content, progress: Progress) -> HoursImport:
        return HoursImport(content=content, address=found, force=force, progress=progress)

    return _import(settings, make)


def import_events(settings: Settings, address: str | None, *, force: bool) -> Report:
    """The events of the weeks to come. Ends in plain words."""
    found = address or settings.linked_events_url
    if found is None:
        raise click.ClickException("set NEUVO_LINKED_EVENTS_URL, or name an address or a file with --from")

    def make(content: Content, progress: Progress) -> EventsImport:
        return EventsImport(content=content, address=found, force=force, progress=progress)

    return _import(settings, make)


def import_pages(settings: Settings, address: str, into: Path | None, most: int, *, force: bool) -> str:
    """Pages of a site, or the rows of a table, as drafts of topics. Ends in plain words."""
    logs.configure(level="error", form=settings.log_format)
    content = load_content(settings.city)
    languages = content.city.languages
    folder = into or settings.city / "drafts"
    unread = 0
    try:
        if address.startswith(("http://", "https://")):
            pages = asyncio.run(_pages(address, most))
            unread = sum(page is None for _, page in pages)
            found = from_pages(((where, page) for where, page in pages if page is not None), languages)
        else:
            found = from_table(Path(address).read_bytes(), languages)
    except (SourceUnavailable, NoTable) as error:
        raise click.ClickException(str(error)) from None
    except OSError as error:
        raise click.ClickException(f"{error.filename}: {error.strerror}") from None
    written, there = write(found, folder, datetime.now(UTC).date(), force=force)
    return f"{written} drafts written to {folder}, {there} there already, {unread} pages not read"


def state(settings: Settings) -> list[str]:
    """How old each copy is, and what its last error was. Ends in plain words."""
    with database_url(settings) as url:
        try:
            return asyncio.run(_state(url))
        except asyncpg.UndefinedTableError:
            raise click.ClickException(_OLD_TABLES) from None
        except DOWN as error:
            raise click.ClickException(f"the database does not answer ({type(error).__name__})") from None


async def _state(url: str) -> list[str]:
    connection = await asyncpg.connect(url, timeout=10)
    try:
        rows = await connection.fetch("SELECT * FROM city_sources ORDER BY name")
    finally:
        await connection.close()
    lines = []
    for row in rows:
        read = f"read {row['ok_at']:%Y-%m-%d %H:%M} UTC" if row["ok_at"] else "never read"
        lines.append(f"{row['name']}: {row['rows']} rows, {read}" + (f", then {row['error']}" if row["error"] else ""))
    return lines or ["nothing has been imported"]


async def _pages(address: str, most: int) -> list[tuple[str, Page | None]]:
    found = []
    async with Site(address, Manners(pages=most)) as site:
        with tqdm(unit=" pages", disable=None, leave=False) as bar:
            async for page in site.pages():
                found.append(page)
                bar.update()
    return found


def _import(settings: Settings, make: Callable[[Content, Progress], Any]) -> Report:
    logs.configure(level="error", form=settings.log_format)  # what went wrong is said in plain words
    content = load_content(settings.city)
    with database_url(settings) as url:
        try:
            return asyncio.run(_run(url, content, make))
        except (SourceUnavailable, ImportRefused) as error:
            raise click.ClickException(f"{error}. The last copy stays") from None
        except asyncpg.UndefinedTableError:
            raise click.ClickException(_OLD_TABLES) from None
        except DOWN as error:
            if isinstance(error, OSError) and error.filename is not None:
                raise click.ClickException(f"{error.filename}: {error.strerror}") from None
            raise click.ClickException(f"the database does not answer ({type(error).__name__})") from None


async def _run(url: str, content: Content, make: Callable[[Content, Progress], Any]) -> Report:
    connection = await asyncpg.connect(url, timeout=10)
    try:
        with tqdm(unit=" rows", disable=None, leave=False) as bar:

            def progress(more: int, total: int | None) -> None:
                bar.total = total
                bar.update(more)

            report: Report = await make(content, progress).run(connection)
            return report
    finally:
        await connection.close()
