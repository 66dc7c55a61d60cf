"""What somebody has allowed stands under who they turn out to be, as far as nothing later was said there."""

from __future__ import annotations

from mydata.ledger import Ledger
from mydata.ledger_carry import carry
from tests.unit.mydata.ledgers import ANNA, BERTIL, PURPOSES, ledger, wish


async def state(book: Ledger, who: bytes, purpose: str = "library_reminders", channel: str = "sms") -> str:
    return (await book.standing(who, purpose, channel)).state


async def test_what_was_allowed_and_ended_comes_along_once(database_url: str) -> None:
    async with ledger(database_url) as book:
        await book.give(ANNA, wish())
        await book.give(ANNA, wish("events_nearby"))
        await book.withdraw(ANNA, wish("events_nearby"))
        assert await carry(book, ANNA, BERTIL) == 2
        assert await carry(book, ANNA, BERTIL) == 0
        assert await state(book, BERTIL) == "given"
        assert await state(book, BERTIL, "events_nearby") == "withdrawn"
        carried = await book.standing(BERTIL, "library_reminders", "sms")
        said = await book.standing(ANNA, "library_reminders", "sms")
        assert carried.entry is not None
        assert said.entry is not None
        assert (carried.entry.language, carried.entry.through) == (said.entry.language, said.entry.through)


async def test_what_was_said_later_stands(database_url: str) -> None:
    async with ledger(database_url) as book:
        await book.give(ANNA, wish())
        await book.give(BERTIL, wish())
        await book.withdraw(BERTIL, wish())
        assert await carry(book, ANNA, BERTIL) == 0
        assert await state(book, BERTIL) == "withdrawn"
        await book.withdraw(ANNA, wish())
        await book.give(BERTIL, wish())
        await book.give(ANNA, wish())
        assert await carry(book, ANNA, BERTIL) == 0  # it is allowed here as well
        await book.withdraw(ANNA, wish())
        assert await carry(book, ANNA, BERTIL) == 1
        assert await state(book, BERTIL) == "withdrawn"


async def test_an_agreement_to_a_text_that_has_changed_is_asked_again(database_url: str) -> None:
    async with ledger(database_url) as book:
        await book.give(ANNA, wish())
    name = "library_reminders"
    changed = {**PURPOSES.purposes, name: PURPOSES.purposes[name].model_copy(update={"versions": {"99": "x"}})}
    later = PURPOSES.model_copy(update={"purposes": changed})
    async with ledger(database_url, later) as book:
        assert await state(book, ANNA) == "outdated"
        assert await carry(book, ANNA, BERTIL) == 0
        assert await state(book, BERTIL) == "never"
