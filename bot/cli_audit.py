"""``neuvo audit``: the consent ledger, held against its keys. Each room is imported only when its command runs."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click
from tqdm import tqdm

from bot.cli_options import read_settings

if TYPE_CHECKING:
    from mydata.ledger_audit import Report
    from mydata.ledger_checkpoint import Checkpoint


@click.group()
def audit() -> None:
    """The consent ledger: hold it against its keys and checkpoints, and sign how it stands."""


@audit.command()
@click.option(
    "--checkpoint",
    "kept",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A checkpoint that was kept elsewhere.",
)
@click.option("--every", is_flag=True, help="Hold the chains against every checkpoint, not the newest alone.")
def verify(kept: Path | None, every: bool) -> None:
    """Find entries that were changed, put in, taken out, moved or cut, missing chains, and changed checkpoints.

    Reads all of the ledger while servers run; ends with an error where anything is found.
    """
    checked = _read(kept)
    with _ledger() as (url, mac_key, seed):
        report = asyncio.run(_verify(url, mac_key, seed, checked, every=every))
    for words in report.findings:
        click.echo(words)
    if report.wrong:
        raise click.ClickException(f"{report.wrong} faults in the ledger. docs/consent.md says what to do now")
    read = f"{report.entries} entries in {report.chains} chains and {report.checkpoints} checkpoints"
    click.echo(f"{read} are as they were written")


@audit.command()
@click.option("--to", "folder", type=click.Path(file_okay=False, path_type=Path), help="A folder to write it to.")
def checkpoint(folder: Path | None) -> None:
    """Sign how all chains end now. Take the file that --to writes to where nobody of this server can reach it."""
    from mydata.ledger_heads import BrokenLedger

    try:
        with _ledger() as (url, _, seed):
            written = asyncio.run(_write(url, seed, folder))
    except BrokenLedger as error:
        raise click.ClickException(f"{error}. Nothing was signed. Run neuvo audit verify") from None
    covered = f"{written.entries} entries in {written.chains} chains up to {written.at.isoformat(timespec='seconds')}"
    click.echo(f"checkpoint {written.number} covers {covered}")


@contextmanager
def _ledger() -> Iterator[tuple[str, bytes, bytes]]:
    """The database, the key of the MACs and the signing seed. Reading needs no key of a person."""
    from bot.keys import ledger_keys
    from bot.server import database_url
    from bot.settings import SettingsFaults, not_set

    settings = read_settings()
    if settings.database_url is not None and settings.index_key is None:
        raise SettingsFaults((not_set("index_key", "the consent ledger needs it"),))
    with database_url(settings) as url:
        yield url, *ledger_keys(settings)


def _read(kept: Path | None) -> Checkpoint | None:
    from mydata.ledger_checkpoint import Checkpoint, UnreadableCheckpoint

    if kept is None:
        return None
    try:
        return Checkpoint.imported(kept.read_text(encoding="utf-8", errors="replace"))
    except UnreadableCheckpoint as error:
        raise click.ClickException(
            f"{kept}: {error}. Name a file that neuvo audit checkpoint --to has written"
        ) from None


async def _verify(url: str, mac_key: bytes, seed: bytes, kept: Checkpoint | None, *, every: bool) -> Report:
    import asyncpg

    from mydata.ledger_audit import verify
    from mydata.ledger_checkpoint import public_key
    from mydata.ledger_sql import COUNT

    connection = await asyncpg.connect(url)
    try:
        with tqdm(total=await connection.fetchval(COUNT), unit="entry", disable=None) as bar:
            return await verify(connection, mac_key, public_key(seed), kept=kept, every=every, progress=bar.update)
    finally:
        await connection.close()


async def _write(url: str, seed: bytes, folder: Path | None) -> Checkpoint:
    from bot.database import Database
    from mydata.ledger_heads import Checkpoints

    async with Database(url, size=1, timeout=60.0) as database:
        return await Checkpoints(lambda: database.pool, seed, folder=folder).write()
