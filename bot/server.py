"""The processes of the house: ``neuvo dev``, ``neuvo serve`` and ``neuvo worker``."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterator, Mapping
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import click
import structlog
from aiohttp import web

from bot import logs
from bot.app import App
from bot.channels import make_channels
from bot.city import City
from bot.codec import Codec
from bot.console import console
from bot.database import Database, migrate
from bot.embedded import EmbeddedPostgres
from bot.health_content import load_health
from bot.http import Health, application, listen
from bot.keys import key_store
from bot.leases import give_back
from bot.nudge_api import api_routes
from bot.parts import Mode, addresses, citizens_pages, house
from bot.portal import reachable
from bot.settings import LOOPBACK, Settings, SettingsFault, SettingsFaults, load_channels, not_set, variables
from channels.kind import ChannelSettings
from channels.sms.kind import SmsSettings
from console.site import Console
from nlu.semantic import NotInstalled

logger = structlog.stdlib.get_logger("server")


def dev(settings: Settings) -> None:
    """Everything in one process, over the embedded database unless DATABASE_URL names another."""
    _configure(settings)
    channels = load_channels(settings, development=True)
    with database_url(settings) as url:
        if settings.database_url is None:
            asyncio.run(give_back(url))
        else:
            migrate(url, settings.keys_url)
        asyncio.run(_run(settings, channels, url, Mode(serving=True, working=True, development=True)))


def serve(settings: Settings, codec: Codec | None = None) -> None:
    """The channels over HTTP. ``codec`` instead of the keys of persons is for measuring what they cost."""
    _configure(settings)
    if settings.public_url is None and settings.host not in LOOPBACK:
        raise click.ClickException(
            "set NEUVO_PUBLIC_URL to the address that citizens see, such as https://chat.example.fi"
        )
    channels = load_channels(settings)
    url = needed_url(settings)
    needed_keys(settings)
    asyncio.run(_run(settings, channels, url, Mode(serving=True, working=False), codec))


def worker(settings: Settings) -> None:
    """The jobs; it sends, so it has the channels as well, but serves no requests."""
    _configure(settings)
    channels = load_channels(settings)
    url = needed_url(settings)
    needed_keys(settings)
    asyncio.run(_run(settings, channels, url, Mode(serving=False, working=True)))


def load_city(settings: Settings) -> City:
    """The city's content and its trained model. Raises ``SettingsFaults`` where a tier is on that is not installed."""
    try:
        return City.load(settings.city, settings.var_dir / "models", semantic=settings.semantic)
    except NotInstalled as error:
        fault = SettingsFault(
            variable=variables()["semantic"],
            where="environment",
            message=str(error),
            remedy="Install it, or write false",
        )
        raise SettingsFaults((fault,)) from None


@contextmanager
def database_url(settings: Settings) -> Iterator[str]:
    """The database to use: the one that is set, or the embedded one for as long as the block lasts.

    The embedded one is ours alone, so it is brought to this release's tables.
    """
    if settings.database_url is not None:
        yield settings.database_url
        return
    with EmbeddedPostgres(settings.embedded_folder) as postgres:
        migrate(postgres.url, settings.keys_url)
        yield postgres.url


@contextmanager
def scratch_database(*, durable: bool = False) -> Iterator[str]:
    """A migrated database that ends with the block."""
    with TemporaryDirectory(prefix="neuvo-") as folder, EmbeddedPostgres(Path(folder), durable=durable) as postgres:
        migrate(postgres.url)
        yield postgres.url


def needed_url(settings: Settings) -> str:
    """The database that is set. Ends the command where none is."""
    if settings.database_url is None:
        raise click.ClickException("set DATABASE_URL (only `neuvo dev` has a database of its own)")
    return settings.database_url


def needed_keys(settings: Settings) -> None:
    """Raises ``SettingsFaults`` where the keys of persons are not set: only development makes its own."""
    names = ("keys_url", "master_key", "index_key")
    faults = tuple(not_set(name, "the keys of persons need it") for name in names if getattr(settings, name) is None)
    if faults:
        raise SettingsFaults(faults)


def _sms_number(chosen: Mapping[str, ChannelSettings]) -> str:
    sms = chosen.get("sms")
    return (sms.number or sms.city_sender or "") if isinstance(sms, SmsSettings) else ""


def _configure(settings: Settings) -> None:
    logs.configure(level=settings.log_level, form=settings.log_format)


async def _run(
    settings: Settings, chosen: Mapping[str, ChannelSettings], url: str, mode: Mode, codec: Codec | None = None
) -> None:
    stop = _stop_event()
    component = "server" if mode.serving else "worker"
    city = load_city(settings)
    city.warm()
    async with AsyncExitStack() as stack:
        services = await addresses(settings, stack, sandboxed=mode.development and settings.sandbox)
        database = Database(url)
        keys = key_store(settings, url)
        channels = make_channels(chosen, house(settings, city, database, keys, codec=codec or keys, mode=mode))
        app = await stack.enter_async_context(
            App(
                city,
                database,
                channels,
                services,
                keys,
                codec=codec,
                public_url=settings.address,
                login_url=settings.address if reachable(settings, development=mode.development) else None,
                programmes=load_health(settings.city, city.languages, city.purposes.purposes, city.nudges).programmes,
                checkpoints=settings.checkpoint_dir,
                staffed=_staffed(settings, mode),
                misses_days=settings.misses_days,
                sms_number=_sms_number(chosen),
                development=mode.development,
            )
        )
        health = Health(app)
        if mode.working:
            app.work()
        if mode.serving:
            staffed = _staffed(settings, mode)
            pages = console(app, city, settings, url) if staffed else None
            own = citizens_pages(settings, city, app, staffed=staffed, development=mode.development)
            more = [*api_routes(city, app), *own.routes, *_routes(pages)]
            await _serve(settings, application(app, health, more), stack, pages)
        logger.info("started", component=component)
        await stop.wait()
        health.stopping = True
        logger.info("stopping", component=component)


def _staffed(settings: Settings, mode: Mode) -> bool:
    """Whether staff have pages to answer in: with a login, or in development where nobody else can reach them."""
    return settings.console_oidc_issuer is not None or (mode.development and settings.host in LOOPBACK)


def _stop_event() -> asyncio.Event:
    """Set by the first SIGTERM or SIGINT."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


def _routes(pages: Console | None) -> list[web.AbstractRouteDef]:
    return [] if pages is None else list(pages.routes())


async def _serve(settings: Settings, site: web.Application, stack: AsyncExitStack, pages: Console | None) -> None:
    if pages is not None:
        pages.start()
        site.on_shutdown.append(pages.stop)
    try:
        port, close = await listen(site, settings.host, settings.port)
    except OSError as error:
        raise click.ClickException(
            f"cannot listen on {settings.host} port {settings.port} ({error.strerror or 'in use'}): "
            "end the program that uses it, or choose another with NEUVO_PORT or --port"
        ) from None
    stack.push_async_callback(close)
    click.echo(f"Neuvo answers at {settings.public_url or f'http://{settings.host}:{port}'}/")
