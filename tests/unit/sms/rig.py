"""A text message channel on a real server, with stand-ins of its providers behind it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from bot.codec import Plain
from bot.messages import Delivery, Event, Incoming, Reach
from channels.base import Unavailable
from channels.kind import House
from channels.sms.kind import KIND, SmsSettings
from tests.contract.city_sms_stand import SENDER, CityStand, city_service
from tests.contract.city_sms_stand import TOKEN as CITY_TOKEN
from tests.contract.twilio_stand import ACCOUNT, PUBLIC, SERVICE, TOKEN, Post, TwilioStand, deliver, served, twilio


@dataclass
class Received:
    """What stands in the engine's place."""

    events: list[Event] = field(default_factory=list)
    unavailable: bool = False

    async def __call__(self, event: Event) -> None:
        if self.unavailable:
            raise Unavailable
        self.events.append(event)

    @property
    def messages(self) -> list[Incoming]:
        return [event for event in self.events if isinstance(event, Incoming)]

    @property
    def deliveries(self) -> list[Delivery]:
        return [event for event in self.events if isinstance(event, Delivery)]

    @property
    def reaches(self) -> list[Reach]:
        return [event for event in self.events if isinstance(event, Reach)]


@dataclass
class Rig:
    """The channel, its server, and what is around it."""

    channel: Any
    received: Received
    stand: TwilioStand
    city: CityStand
    url: str
    http: aiohttp.ClientSession

    async def post(self, post: Post) -> int:
        return (await deliver(self.http, self.url, post))[0]


def settings(**values: Any) -> SmsSettings:
    chosen = {
        "twilio_account_sid": ACCOUNT,
        "twilio_auth_token": TOKEN,
        "twilio_service_sid": SERVICE,
        **values,
    }
    return SmsSettings(**chosen)


def house(public_url: str = PUBLIC) -> House:
    def no_pool() -> Any:
        raise AssertionError("text messages need no database")

    def no_words(key: str, language: str, **values: object) -> str:
        raise KeyError(key)

    return House(
        pool=no_pool,
        codec=Plain(),
        public_url=public_url,
        listen_url=None,
        peer=lambda request: request.remote or "",
        urgent=lambda text: "112" in text,
        texts=no_words,
        languages=("fi", "sv", "en"),
        var_dir=Path("var"),
    )


@asynccontextmanager
async def rigged(*, public_url: str = PUBLIC, **values: Any) -> AsyncIterator[Rig]:
    """A channel until the block ends; ``values`` are settings."""
    received = Received()
    async with (
        twilio() as stand,
        city_service() as city,
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True)) as http,
    ):
        cities = {"city_url": city.url, "city_token": CITY_TOKEN, "city_sender": SENDER}
        chosen = settings(**{"twilio_api_url": stand.url, **cities, **values})
        channel: Any = KIND.make(chosen, house(public_url))
        async with served(list(channel.routes(received))) as url:
            await channel.start()
            try:
                yield Rig(channel, received, stand, city, url, http)
            finally:
                await channel.close()
