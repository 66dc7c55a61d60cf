"""Status webhooks over HTTP: signed, told again until they are heard, and no receiver waits for another."""

from __future__ import annotations

import asyncio
import base64
import hmac
import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from aiohttp import web
from standardwebhooks import Webhook

from bot.codec import UNREADABLE, Sealer
from bot.http import listen
from proactive.callbacks import DELAYS, Bounds, Callbacks, changed
from proactive.claimed import Connection
from proactive.keys import ApiKeys, NewKey
from tests.unit.proactive.store import MAKER, Store, store, wanted


@dataclass
class Receiver:
    """Somebody's server. ``answer`` is what it says; while it is not ``open`` it says nothing."""

    url: str = ""
    answer: Callable[[], web.Response] = web.Response
    heard: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    inside: int = 0
    open: asyncio.Event = field(default_factory=asyncio.Event)
    enough: asyncio.Event = field(default_factory=asyncio.Event)
    wants: int = 1

    async def hook(self, request: web.Request) -> web.Response:
        body = await request.read()
        self.inside += 1
        await self.open.wait()
        self.heard.append((dict(request.headers), body))
        if len(self.heard) >= self.wants:
            self.enough.set()
        return self.answer()

    @property
    def said(self) -> list[tuple[str, str]]:
        """The nudges and statuses that it has heard of."""
        bodies = [json.loads(body) for _, body in self.heard]
        return [(body["data"]["id"], body["data"]["status"]) for body in bodies]


@asynccontextmanager
async def receiver(*, is_open: bool = True) -> AsyncIterator[Receiver]:
    made = Receiver()
    if is_open:
        made.open.set()
    site = web.Application()
    site.add_routes([web.post("/hook", made.hook)])
    port, close = await listen(site, "127.0.0.1", 0, wait=0.1)
    made.url = f"http://127.0.0.1:{port}/hook"
    try:
        yield made
    finally:
        made.open.set()
        await close()


@dataclass
class Office:
    """What tells, and what it tells of."""

    store: Store
    keys: ApiKeys
    callbacks: Callbacks
    woken: list[int] = field(default_factory=list)

    async def wake(self, connection: Connection) -> None:
        assert connection.is_in_transaction()
        self.woken.append(1)

    async def key(self, url: str) -> NewKey:
        return await self.keys.make(name="a", team="b", mode="live", webhook_url=url)

    async def change(self, key_id: UUID, count: int = 1, status: str = "delivered") -> list[str]:
        """Nudges of a key, whose status changes."""
        made = await self.store.nudges.create([wanted(key_id=key_id) for _ in range(count)], maker=MAKER)
        ids = [one.id for one in made if one.id is not None]
        async with self.store.database.pool.acquire() as connection, connection.transaction():
            await connection.execute(
                "UPDATE nudges SET status = $2, ended_at = now(), channel = 'sms' WHERE id = ANY($1::uuid[])",
                ids,
                status,
            )
            await changed(self.wake, connection, ids)
        return [str(one) for one in ids]

    async def rows(self) -> Sequence[tuple[Any, ...]]:
        return await self.store.rows("SELECT status, attempts FROM callbacks ORDER BY created_at, id")

    async def later(self) -> None:
        """Let all waits be over."""
        await self.store.database.pool.execute("UPDATE callbacks SET due_at = now() WHERE status = 'waiting'")
        await self.store.database.pool.execute("UPDATE api_keys SET webhook_rests_until = now()")


@asynccontextmanager
async def office(url: str, *, loopback: bool = True, seconds: float = 60, at_once: int = 10) -> AsyncIterator[Office]:
    async with store(url) as there:
        sealer = Sealer(there.keys)
        callbacks = Callbacks(
            lambda: there.database.pool,
            sealer,
            lost=UNREADABLE,
            loopback=loopback,
            bounds=Bounds(seconds=seconds, at_once=at_once),
        )
        yield Office(there, ApiKeys(lambda: there.database.pool, sealer), callbacks)


async def test_a_change_is_told_signed_as_standard_webhooks_are(database_url: str) -> None:
    async with office(database_url) as there, receiver() as hook:
        key = await there.key(hook.url)
        (nudge,) = await there.change(key.id)
        assert there.woken == [1]
        assert await there.callbacks.due()
        await there.callbacks.run()
        ((headers, body),) = hook.heard
        assert key.webhook_secret is not None
        assert Webhook(key.webhook_secret).verify(body, headers)["type"] == "nudge.status"
        data = json.loads(body)["data"]
        assert (data["id"], data["status"], data["channel"], data["reason"]) == (nudge, "delivered", "sms", None)
        assert datetime.fromisoformat(json.loads(body)["timestamp"]).tzinfo is not None
        secret = base64.b64decode(key.webhook_secret.removeprefix("whsec_"))
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        mine = base64.b64encode(hmac.digest(secret, signed, "sha256")).decode()
        assert headers["webhook-signature"] == f"v1,{mine}"
        assert await there.rows() == [("done", 1)]
        assert not await there.callbacks.due()
        await there.callbacks.run()
        assert len(hook.heard) == 1


def test_the_library_signs_as_the_specification_does() -> None:
    """The vector of standardwebhooks.com's simulator and reference libraries."""
    webhook = Webhook("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    at = datetime.fromtimestamp(1614265330, UTC)
    signed = webhook.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", at, '{"test": 2432232314}')
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


async def test_nobody_is_told_who_did_not_ask(database_url: str) -> None:
    async with office(database_url) as there:
        without = await there.keys.make(name="a", team="b", mode="live")
        await there.change(without.id)
        await there.change(uuid4())
        assert await there.rows() == []
        assert there.woken == []


async def test_what_was_not_heard_is_told_again_under_the_same_id(database_url: str) -> None:
    async with office(database_url) as there, receiver() as hook:
        hook.answer = lambda: web.Response(status=503)
        await there.change((await there.key(hook.url)).id)
        await there.callbacks.run()
        assert await there.rows() == [("waiting", 1)]
        assert not await there.callbacks.due()
        await there.later()
        hook.answer = web.Response
        await there.callbacks.run()
        assert await there.rows() == [("done", 2)]
        first, second = hook.heard
        assert first[1] == second[1]
        assert first[0]["webhook-id"] == second[0]["webhook-id"]


@pytest.mark.parametrize("status", [307, 400, 404, 429, 500])
async def test_tries_end_and_each_wait_is_longer(database_url: str, status: int) -> None:
    async with office(database_url) as there, receiver() as hook:
        hook.answer = lambda: web.Response(status=status, headers={"Location": hook.url})
        await there.change((await there.key(hook.url)).id)
        waits = []
        for _ in range(len(DELAYS)):
            await there.callbacks.run()
            waits.append(await there.store.value("SELECT due_at - now() FROM callbacks"))
            await there.later()
        assert waits == sorted(waits)
        assert timedelta(hours=23) < waits[-1] <= timedelta(hours=24)
        await there.callbacks.run()
        assert await there.rows() == [("failed", len(DELAYS) + 1)]
        await there.later()
        await there.callbacks.run()
        assert len(hook.heard) == len(DELAYS) + 1


async def test_who_wants_no_more_is_told_no_more(database_url: str) -> None:
    async with office(database_url) as there, receiver() as hook:
        hook.answer = lambda: web.Response(status=410)
        await there.change((await there.key(hook.url)).id)
        await there.callbacks.run()
        assert await there.rows() == [("failed", 1)]


async def test_who_asks_to_be_left_alone_is(database_url: str) -> None:
    async with office(database_url) as there, receiver() as hook:
        hook.answer = lambda: web.Response(status=429, headers={"Retry-After": "600"})
        key = await there.key(hook.url)
        await there.change(key.id)
        await there.callbacks.run()
        await there.change(key.id)
        await there.callbacks.run()
        assert len(hook.heard) == 1
        rest = await there.store.value("SELECT webhook_rests_until - now() FROM api_keys")
        assert timedelta(seconds=500) < rest <= timedelta(seconds=600)


async def test_a_receiver_that_hangs_holds_up_nobody(database_url: str) -> None:
    async with office(database_url, at_once=3) as there, receiver(is_open=False) as hangs, receiver() as hook:
        slow, quick = await there.key(hangs.url), await there.key(hook.url)
        await there.change(slow.id, 20)
        told = await there.change(quick.id, 20)
        hook.wants = 20
        runs = [asyncio.create_task(there.callbacks.run()) for _ in range(5)]
        await hook.enough.wait()
        assert sorted(nudge for nudge, _ in hook.said) == sorted(told)
        assert hangs.inside <= 3  # however many jobs there are
        assert not hangs.heard
        hangs.open.set()
        await asyncio.gather(*runs)
        assert len(hangs.heard) == 20


async def test_a_receiver_that_hangs_is_cut_and_left_alone(database_url: str) -> None:
    async with office(database_url, seconds=0.2, at_once=3) as there, receiver(is_open=False) as hangs:
        await there.change((await there.key(hangs.url)).id, 20)
        await there.callbacks.run()
        assert hangs.inside == 3
        assert sorted(attempts for _, attempts in await there.rows()) == [0] * 17 + [1] * 3
        await there.callbacks.run()
        assert hangs.inside == 3


async def test_two_processes_tell_each_change_once(database_url: str) -> None:
    async with office(database_url) as one, receiver() as hook:
        key = await one.key(hook.url)
        told = await one.change(key.id, 50)
        pool = one.store.database.pool
        other = Callbacks(lambda: pool, Sealer(one.store.keys), lost=UNREADABLE, loopback=True)
        await asyncio.gather(one.callbacks.run(), other.run())
        assert sorted(nudge for nudge, _ in hook.said) == sorted(told)


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/hook", "https://localhost/hook", "http://10.0.0.1/hook"])
async def test_no_machine_of_ours_is_called(database_url: str, url: str) -> None:
    async with office(database_url, loopback=False) as there:
        await there.change((await there.key(url)).id)
        await there.callbacks.run()
        assert await there.rows() == [("waiting", 1)]


async def test_of_a_revoked_key_nobody_is_told(database_url: str) -> None:
    async with office(database_url) as there, receiver() as hook:
        key = await there.key(hook.url)
        await there.change(key.id)
        await there.keys.revoke(key.id)
        assert await there.rows() == [("failed", 0)]
        await there.change(key.id)
        await there.callbacks.run()
        assert not hook.heard
        assert len(await there.rows()) == 1


async def test_what_is_rolled_back_is_told_to_nobody(database_url: str) -> None:
    async with office(database_url) as there, receiver() as hook:
        key = await there.key(hook.url)
        created = await there.store.one(key_id=key.id)
        assert created.id is not None
        async with there.store.database.pool.acquire() as connection:
            transaction = connection.transaction()
            await transaction.start()
            await changed(there.wake, connection, [created.id])
            await transaction.rollback()
        assert await there.rows() == []
