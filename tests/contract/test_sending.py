"""What goes out: every part of a reply in the channel's form, whole and in order; and every trouble of a provider."""

from __future__ import annotations

import asyncio

import pytest

from bot.messages import Card, Choice, Image, Link, Reply
from channels.base import RetryAfter, UnknownOutcome
from tests.contract.provider import Trouble
from tests.contract.site import Site


async def test_a_reply_is_shown_and_has_an_id(site: Site) -> None:
    assert await site.send("Kirjasto on auki klo 8–20.")
    (shown,) = await site.provider.shown()
    assert "Kirjasto on auki klo 8" in shown


async def test_every_part_of_a_reply_is_shown(site: Site) -> None:
    card = Card(
        title="Kallion kirjasto",
        lines=("Viides linja 11", "09 310 85053"),
        latitude=60.1837,
        longitude=24.9531,
        url="https://example.fi/kallio",
    )
    reply = Reply(
        text="**Lähin** kirjasto:",
        language="fi",
        choices=(Choice("Aukioloajat", "i|opening_hours"), Choice("Muu paikka", "c|back")),
        links=(Link("Kaikki kirjastot", "https://example.fi/kaikki"),),
        cards=(card,),
        image=Image("https://example.fi/kuva.jpg", "Kirjaston julkisivu"),
    )
    await site.send(reply)
    shown = "\n".join(await site.provider.shown())
    for part in (
        *("Lähin", "kirjasto:", "Aukioloajat", "Muu paikka", "Kaikki kirjastot", "Kallion kirjasto"),
        *("Viides linja 11", "Kirjaston julkisivu"),
    ):
        assert part in shown
    assert "60.1837" in shown or "https://example.fi/kallio" in shown


async def test_a_choice_comes_back_as_its_payload_or_by_its_number_or_label(site: Site) -> None:
    choices = (Choice("Kyllä, lähetä", "d|run1|1|y"), Choice("Ei", "d|run1|1|n"))
    await site.send(Reply(text="Lähetetäänkö?", language="fi", choices=choices))
    await site.provider.shown()
    assert 200 <= await site.post(site.provider.presses("Ei")) < 300
    message = site.neighbour.messages[-1]
    assert message.payload == "d|run1|1|n" or message.text in ("2", "Ei")


async def test_markup_in_words_is_shown_as_words(site: Site) -> None:
    await site.send("kuoppa > 10 cm & vettä <<syvä>> <img src=x onerror=alert(1)> [x](javascript:alert(1))")
    shown = "\n".join(await site.provider.shown())
    assert "10 cm" in shown
    assert "syvä" in shown
    assert "](javascript:" not in shown


async def test_a_long_reply_is_whole_and_in_order_and_no_word_is_cut(site: Site) -> None:
    words = [f"sana{number}ääkkönen" for number in range((site.provider.long_text or 10_000) // 17)]
    await site.send(Reply(text=" ".join(words), language="fi"))
    shown = await site.provider.shown()
    found = [word for word in " ".join(shown).split() if word.startswith("sana")]
    assert found == words
    assert (len(shown) > 1) is (site.provider.long_text is not None)


async def test_replies_are_shown_in_the_order_in_which_they_were_sent(site: Site) -> None:
    address = await site.address()
    for number in range(3):
        await site.channel.send(address, Reply(text=f"viesti {number}", language="fi"), key=str(number))
    shown = "\n".join(await site.provider.shown())
    assert [shown.index(f"viesti {number}") for number in range(3)] == sorted(
        shown.index(f"viesti {number}") for number in range(3)
    )


@pytest.mark.parametrize("trouble", Trouble)
async def test_a_provider_in_trouble_is_told_by_the_kind_of_error(site: Site, trouble: Trouble) -> None:
    expected = site.provider.expected.get(trouble)
    if expected is None:
        return  # a channel without a provider, or whose provider has no such trouble
    address = await site.address()
    site.provider.trouble(trouble)
    with pytest.raises(expected) as raised:
        await site.channel.send(address, Reply(text="Hei!", language="fi"), key="1")
    if trouble is Trouble.BUSY:
        assert isinstance(raised.value, RetryAfter)
        assert raised.value.seconds is not None
        assert raised.value.seconds >= 7
    assert "Hei" not in str(raised.value)
    assert address.key not in str(raised.value)


async def test_a_provider_that_hangs_is_left_and_the_next_reply_goes_out(site: Site) -> None:
    if not site.provider.expected:
        return
    address = await site.address()
    site.provider.hang(hanging=True)
    with pytest.raises((TimeoutError, UnknownOutcome)):
        async with asyncio.timeout(0.5):
            await site.channel.send(address, Reply(text="Hei!", language="fi"), key="1")
    site.provider.hang(hanging=False)
    await site.channel.send(address, Reply(text="Hei taas!", language="fi"), key="2")
    assert "Hei taas!" in "\n".join(await site.provider.shown())
