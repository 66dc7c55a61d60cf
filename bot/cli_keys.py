"""``neuvo keys``: the keys of persons. Each room is imported only when its command runs."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import click
from tqdm import tqdm

from bot.cli_options import read_settings

if TYPE_CHECKING:
    from bot.keys import KeyStore


@click.group()
def keys() -> None:
    """The keys by which messages and addresses of persons are sealed."""


@keys.command()
def new() -> None:
    """Print a new key, for NEUVO_MASTER_KEY or NEUVO_INDEX_KEY."""
    from bot.keys import new_key

    click.echo(new_key())


@keys.command()
def rotate() -> None:
    """Wrap every person's key by NEUVO_MASTER_KEY, where it is wrapped by one of NEUVO_OLD_MASTER_KEYS.

    It can be broken off and run again, while servers run. When it has ended, the old master keys can go.
    """
    from bot.keys import key_store
    from bot.server import needed_keys, needed_url
    from mydata.vault import Undecipherable, UnknownMaster

    settings = read_settings()
    url = needed_url(settings)
    needed_keys(settings)
    try:
        count = asyncio.run(_rotate(key_store(settings, url)))
    except (UnknownMaster, Undecipherable) as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"{count} keys are wrapped anew; none is wrapped by an older master key")


async def _rotate(store: KeyStore) -> int:
    await store.open()
    try:
        done = 0
        with tqdm(total=await store.count_old(), unit="key", disable=None) as bar:
            while count := await store.rewrap():
                done += count
                bar.update(count)
        return done
    finally:
        await store.close()
