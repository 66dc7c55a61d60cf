"""Without a public address."""

from __future__ import annotations

import asyncio

import pytest

from bot.messages import Incoming
from channels.telegram import polling
from tests.contract import telegram_stand as tg
from tests.contract.telegram_stand import Stand, standing
from tests.unit.telegram.house import eventually, house_and_stand, serving


@pytest.fixture(autouse=True)
def _no_long_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polling, "_LONGEST_PAUSE", 0.02)


async def test_updates_are_asked_for_and_taken_once(database_url: str) -> None:
    async with standing(Stand(webhook={"url": "https://old.example.fi"})) as stand:
        stand.updates += [tg.said("yksi"), {"update_id": 10**6, "message": {"text": 5}}, tg.said("kaksi")]
        stand.updates[2]["update_id"] = 10**6 + 1
        async with serving(database_url, stand, secret=None) as server:
            await eventually(lambda: stand.updates == [])
            assert [event.text for event in server.taken if isinstance(event, Incoming)] == ["yksi", "kaksi"]
            assert stand.webhook is None
            async with server.http.post(server.url, json=tg.said("hei")) as response:
                assert response.status == 404
            assert {"message", "callback_query", "my_chat_member"} == set(stand.calls[-1].values["allowed_updates"])


async def test_an_update_is_confirmed_only_when_it_is_kept(database_url: str) -> None:
    async with standing() as stand, serving(database_url, stand, secret=None) as server:
        server.unavailable = True
        stand.updates += [tg.said("yksi"), tg.said("kaksi")]
        await eventually(lambda: stand.count("getUpdates") > 5)
        assert len(stand.updates) == 2
        server.unavailable = False
        await eventually(lambda: stand.updates == [])
        assert [event.text for event in server.taken if isinstance(event, Incoming)] == ["yksi", "kaksi"]


async def test_errors_of_telegram_do_not_end_it(database_url: str) -> None:
    async with standing() as stand:
        stand.faults["deleteWebhook"].append(tg.Fault.of(500, "Internal"))
        stand.faults["getUpdates"] += [
            tg.Fault.of(409, "Conflict: terminated by other getUpdates request"),
            tg.Fault.of(429, "Too Many Requests", retry_after=1),
            tg.Fault(body="<html>"),
            tg.Fault(body={"ok": True, "result": {}}),
            tg.Fault(body={"ok": True, "result": [5]}),
            tg.Fault(cut=True),
        ]
        stand.updates.append(tg.said("hei"))
        async with serving(database_url, stand, secret=None) as server:
            await eventually(lambda: len(server.taken) == 1)


async def test_a_process_that_does_not_serve_asks_for_nothing(database_url: str) -> None:
    async with house_and_stand(database_url, secret=None, serving=False) as server:
        await asyncio.sleep(0.1)
        assert server.stand.calls == []
        await server.say("hei")
        assert server.stand.texts() == ["hei"]
