"""SE-07: a short message does not overtake the long one before it."""

from __future__ import annotations

import asyncio
import time

from bot.messages import Address, Reply
from channels.base import safety_key
from channels.sms.order import Order
from tests.contract.twilio_stand import CITIZEN
from tests.unit.sms.rig import Rig, rigged

HERE = Address("sms", CITIZEN)
LONG = Reply(text="sana " * 80, language="fi")
SHORT = Reply(text="Tarvitsetko muuta?", language="fi")


async def test_a_message_waits_until_the_long_one_before_it_has_left(rig: Rig) -> None:
    rig.stand.state = "queued"
    await rig.channel.send(HERE, LONG, key="1")
    sending = asyncio.create_task(rig.channel.send(HERE, SHORT, key="2"))
    await asyncio.sleep(0.6)
    assert len(rig.stand.sent) == 1
    rig.stand.state = "sent"
    await sending
    assert [len(sent.body) > 100 for sent in rig.stand.sent] == [True, False]


async def test_nobody_waits_for_long(rig: Rig) -> None:
    rig.stand.state = "queued"
    await rig.channel.send(HERE, LONG, key="1")
    started = time.monotonic()
    await rig.channel.send(HERE, SHORT, key="2")
    assert 2 < time.monotonic() - started < 4.5


async def test_a_safety_answer_overtakes_a_long_message_and_what_follows_still_waits_for_that(rig: Rig) -> None:
    rig.stand.state = "queued"
    await rig.channel.send(HERE, LONG, key="1")
    await rig.channel.send(HERE, Reply(text="Soita 112", language="fi"), key=safety_key("m"))
    assert (rig.stand.sent[-1].body, rig.stand.asked) == ("Soita 112", 0)
    rig.stand.state = "sent"
    await rig.channel.send(HERE, SHORT, key="2")
    assert rig.stand.asked == 1


async def test_the_parts_of_a_long_safety_answer_keep_their_order(rig: Rig) -> None:
    await rig.channel.send(HERE, LONG, key="1")
    await rig.channel.send(HERE, Reply(text="Soita 112. " + "sana " * 400, language="fi"), key=safety_key("m"))
    first, *others = rig.stand.sent[1:]
    assert "Soita 112" in first.body
    assert rig.stand.asked == len(others) > 0


async def test_after_a_short_message_and_to_another_phone_nothing_waits(rig: Rig) -> None:
    rig.stand.state = "queued"
    started = time.monotonic()
    await rig.channel.send(HERE, SHORT, key="1")
    await rig.channel.send(HERE, LONG, key="2")
    await rig.channel.send(Address("sms", "+358409999999"), SHORT, key="3")
    assert time.monotonic() - started < 2
    assert rig.stand.asked == 0


async def test_a_provider_that_does_not_say_is_not_waited_for(rig: Rig) -> None:
    rig.stand.state = "queued"
    await rig.channel.send(HERE, LONG, key="1")
    rig.stand.sent.clear()  # it knows of no such message
    started = time.monotonic()
    await rig.channel.send(HERE, SHORT, key="2")
    assert time.monotonic() - started < 2


async def test_the_citys_service_is_not_asked() -> None:
    async with rigged(sender="city") as rig:
        await rig.channel.send(HERE, LONG, key="1")
        await rig.channel.send(HERE, SHORT, key="2")
        assert (len(rig.city.sent), rig.city.calls) == (2, 2)


async def test_what_was_long_ago_is_forgotten() -> None:
    async def on_its_way(_message_id: str) -> bool:
        return True

    order = Order(on_its_way, patience=0.05, pause=0.01)
    for number in range(100):
        order.taken(f"+35840{number:07}", "SM1", "x" * 200)
    await asyncio.sleep(0.06)
    order.taken(CITIZEN, "SM1", "x" * 200)
    assert list(order._long) == [CITIZEN]
    await asyncio.sleep(0.06)
    await asyncio.wait_for(order.turn(CITIZEN), 1)
