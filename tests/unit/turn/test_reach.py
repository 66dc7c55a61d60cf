"""What providers tell afterwards: deliveries in any order, addresses that are gone, opted out or moved."""

from __future__ import annotations

import itertools

import pytest

from bot.messages import Address, Delivery, DeliveryState, Reach
from channels.base import OptedOut, Unreachable
from tests.unit.turn.house import Counting, House, Wire, house

SENT, DELIVERED, FAILED = DeliveryState.SENT, DeliveryState.DELIVERED, DeliveryState.FAILED
HERE = Address(Wire.name, "citizen")


async def tell(one: House, state: DeliveryState, reason: str | None = None) -> None:
    await one.engine.handle(Delivery(channel=Wire.name, provider_id="SM1", state=state, reason=reason))


async def told(one: House) -> list[tuple[object, ...]]:
    return await one.rows("SELECT state, reason FROM deliveries")


async def known(one: House) -> list[tuple[object, ...]]:
    return await one.rows("SELECT reachable, opted_out FROM reach ORDER BY reachable")


@pytest.mark.parametrize("order", list(itertools.permutations([SENT, DELIVERED, SENT])))
async def test_the_end_is_known_whatever_the_order_of_reports(
    database_url: str, order: tuple[DeliveryState, ...]
) -> None:
    async with house(database_url, Counting()) as one:
        for state in order:
            await tell(one, state)
        assert await told(one) == [("delivered", None)]


async def test_an_error_keeps_its_code_and_is_not_hidden_by_a_later_success(database_url: str) -> None:
    async with house(database_url, Counting()) as one:
        await tell(one, FAILED, "30003")
        await tell(one, FAILED)
        await tell(one, DELIVERED)
        assert await told(one) == [("failed", "30003")]


async def test_a_code_that_comes_later_is_added(database_url: str) -> None:
    async with house(database_url, Counting()) as one:
        await tell(one, FAILED)
        await tell(one, FAILED, "30005")
        assert await told(one) == [("failed", "30005")]


async def test_who_blocks_us_is_unreachable_until_a_message_comes(database_url: str) -> None:
    async with house(database_url, Counting()) as one:
        await one.say("moi")
        await one.engine.handle(Reach(address=HERE, reachable=False))
        assert await known(one) == [(False, False)]
        await one.say("moi taas")
        assert await known(one) == [(True, False)]


async def test_an_opt_out_at_the_provider_stays_when_the_person_writes(database_url: str) -> None:
    async with house(database_url, Counting()) as one:
        await one.engine.handle(Reach(address=HERE, opted_out=True))
        await one.engine.handle(Reach(address=HERE, reachable=False))
        await one.say("moi")
        assert await known(one) == [(True, True)]
        await one.engine.handle(Reach(address=HERE, opted_out=False))
        assert await known(one) == [(True, False)]


@pytest.mark.parametrize(("error", "expected"), [(Unreachable(), (False, False)), (OptedOut(), (True, True))])
async def test_a_send_that_the_provider_refuses_is_noted(
    database_url: str, error: Exception, expected: tuple[bool, bool]
) -> None:
    wire = Wire()
    wire.trouble.append(error)
    async with house(database_url, Counting(), wire=wire) as one:
        await one.say("moi")
        await one.engine.idle()
        assert await known(one) == [expected]


async def test_a_conversation_moves_once_with_all_that_it_holds(database_url: str) -> None:
    counting = Counting()
    async with house(database_url, counting) as one:
        await one.say("first")
        await one.engine.idle()
        await one.engine.handle(Reach(address=HERE, opted_out=True))
        for _ in range(2):
            await one.engine.handle(Reach(address=HERE, moved_to="-100"))
        await one.say("second", by="-100")
        await one.engine.idle()
        assert one.wire.addresses == ["citizen", "-100"]
        assert one.wire.sent[-1] == "second 2"
        assert await one.value("SELECT count(*) FROM conversations") == 1
        assert await known(one) == [(False, True), (True, True)]


async def test_a_conversation_that_began_at_the_new_address_is_left_alone(database_url: str) -> None:
    async with house(database_url, Counting()) as one:
        await one.say("old")
        await one.say("new", by="-100")
        await one.engine.idle()  # two conversations: neither waits for the other
        await one.engine.handle(Reach(address=HERE, moved_to="-100"))
        await one.say("again", by="-100")
        await one.engine.idle()
        assert one.wire.sent[-1] == "again 2"
