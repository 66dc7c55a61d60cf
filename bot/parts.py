"""What the rooms are given by a process: the channels' house, the city's services, the citizens' pages."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial

from bot.app import App
from bot.city import City
from bot.codec import Codec
from bot.data import erasing, forget
from bot.database import Database
from bot.health_content import load_health
from bot.health_letters import OwnLetters
from bot.http import listen, peer_behind
from bot.keys import KeyStore
from bot.portal import Pages, Parts, portal
from bot.services import Addresses
from bot.settings import Settings
from bot.transparency import Running
from channels.kind import House
from dialogs.buttons import command_payload, intent_payload
from knowledge import sandbox
from mydata.holds import Holds


@dataclass(frozen=True, slots=True, kw_only=True)
class Mode:
    """What a process does."""

    serving: bool
    working: bool
    development: bool = False


async def addresses(settings: Settings, stack: AsyncExitStack, *, sandboxed: bool) -> Addresses:
    """The city's services that are set; the sandbox stands in for all of them where none is."""
    key = settings.open311_api_key.get_secret_value() if settings.open311_api_key else ""
    token = settings.appointments_token.get_secret_value() if settings.appointments_token else ""
    served = (settings.hauki_url, settings.open311_url, settings.linked_events_url, settings.appointments_url)
    if sandboxed and not any(served):
        port, close = await listen(sandbox.application(), "127.0.0.1", 0, wait=0.1)
        stack.push_async_callback(close)
        base = f"http://127.0.0.1:{port}"
        return Addresses(
            hauki=f"{base}/hauki",
            open311=f"{base}/open311/v1",
            open311_key="demo",
            linked_events=f"{base}/linkedevents/v1",
            appointments=f"{base}/fhir",
            units=settings.units_url,
            unit_connections=settings.unit_connections_url,
            feeds={name: f"{base}/dates/{name}" for name in sandbox.FEEDS} | settings.feeds,
            demonstration=True,
        )
    return Addresses(
        hauki=settings.hauki_url,
        open311=settings.open311_url,
        open311_key=key,
        linked_events=settings.linked_events_url,
        appointments=settings.appointments_url,
        appointments_token=token,
        units=settings.units_url,
        unit_connections=settings.unit_connections_url,
        feeds=settings.feeds,
    )


def house(settings: Settings, city: City, database: Database, keys: KeyStore, *, codec: Codec, mode: Mode) -> House:
    """What channels are given."""
    erasures = erasing(database, codec, keys, Holds(lambda: database.pool, city.retention.holds), city.texts)
    return House(
        pool=lambda: database.pool,
        codec=codec,
        public_url=settings.address,
        listen_url=database.url if mode.serving else None,
        peer=peer_behind(settings.trusted_proxies),
        urgent=lambda text: city.rules.check(text) is not None,
        texts=city.texts,
        languages=tuple(city.languages),
        var_dir=settings.var_dir,
        serving=mode.serving,
        development=mode.development,
        intent_payload=intent_payload,
        welcome_payload=command_payload("help"),
        erase=partial(forget, erasures, codec),
    )


def citizens_pages(settings: Settings, city: City, app: App, *, staffed: bool, development: bool) -> Pages:
    """The citizens' pages, where they can log in, and what the city's profile asks."""
    own = app.personal
    content = load_health(settings.city, city.languages, city.purposes.purposes, city.nudges)
    parts = Parts(
        database=app.database,
        people=own.people,
        data=own.data,
        ledger=own.ledger,
        purposes=own.purposes,
        pseudonym=own.pseudonym,
        letters=OwnLetters(app.database, app.keys, own, content, app.handoffs.request if staffed else None),
    )
    running = Running(
        channels=tuple(app.channels), staffed=staffed, semantic=settings.semantic, misses_days=settings.misses_days
    )
    return portal(settings, city, parts, running, development=development)
