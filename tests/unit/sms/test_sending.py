"""What comes of a reply at each provider, over real HTTP: each end is the error that the outbox decides by."""

from __future__ import annotations

import asyncio
import time

import pytest

from bot.messages import Address, Choice, Reply
from channels.base import OptedOut, Refused, RetryAfter, SendError, UnknownOutcome, Unreachable
from channels.sms.calls import Calls
from channels.sms.codes import CODES
from tests.contract.city_sms_stand import SENDER
from tests.contract.twilio_stand import CITIZEN, PUBLIC, sid
from tests.unit.sms.rig import Rig, rigged

HERE = Address("sms", CITIZEN)
HELLO = Reply(text="Hei – vaan!", language="fi", choices=(Choice("Kyllä", "y"),))


async def failed(rig: Rig, reply: Reply = HELLO, key: str = "1") -> SendError:
    with pytest.raises(SendError) as found:
        await rig.channel.send(HERE, reply, key=key)
    assert CITIZEN not in str(found.value)
    return found.value


async def test_a_reply_goes_out_with_the_address_for_its_status(rig: Rig) -> None:
    assert await rig.channel.send(HERE, HELLO, key="1") == sid(1)
    (sent,) = rig.stand.sent
    assert (sent.to, sent.body) == (CITIZEN, "Hei - vaan!\n1 Kyllä")
    assert sent.status_callback == PUBLIC + "/sms/twilio/status?key=1"


async def test_a_reply_whose_key_went_out_is_not_sent_again(rig: Rig) -> None:
    first = await rig.channel.send(HERE, HELLO, key="1")
    assert await rig.channel.send(HERE, HELLO, key="1") == first
    assert await rig.channel.send(HERE, HELLO, key="2") != first
    assert len(rig.stand.sent) == 2


async def test_the_parts_of_a_long_reply_that_went_out_are_not_sent_again(rig: Rig) -> None:
    reply = Reply(text="sana " * 600, language="fi")
    rig.stand.next.append((201, {"sid": sid(77)}, {}))
    rig.stand.refuse(429, 20429)
    assert isinstance(await failed(rig, reply), RetryAfter)
    assert await rig.channel.send(HERE, reply, key="1") == sid(1)
    assert [sent.body[:6] for sent in rig.stand.sent] == ["(2/2) "]


async def test_a_reply_without_words_is_refused_without_a_call(rig: Rig) -> None:
    assert type(await failed(rig, Reply(text="", language="fi"))) is Refused
    assert rig.stand.calls == 0


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (400, 21610, OptedOut),
        (400, 21211, Unreachable),
        (400, 21614, Unreachable),
        (400, 21612, Unreachable),
        (400, 30003, Unreachable),
        (400, 30005, Unreachable),
        (400, 30006, Unreachable),
        (400, 21617, Refused),
        (400, 21602, Refused),
        (400, 21408, Refused),
        (400, 21611, RetryAfter),
        (400, 99999, Refused),
        (403, 20001, Refused),
        (404, 20404, Refused),
        (429, 20429, RetryAfter),
        (401, 20003, RetryAfter),
        (408, 0, RetryAfter),
        (500, 20500, RetryAfter),
        (502, 0, RetryAfter),
        (503, 20503, RetryAfter),
    ],
)
async def test_each_refusal_of_twilio_is_the_error_that_it_means(
    rig: Rig, status: int, code: int, kind: type[SendError]
) -> None:
    rig.stand.refuse(status, code)
    assert type(await failed(rig)) is kind
    assert rig.stand.sent == []


async def test_every_code_of_the_table_is_found_over_http(rig: Rig) -> None:
    for code, meaning in CODES.items():
        rig.stand.refuse(400, code)
        assert type(await failed(rig)) is meaning.kind, code


async def test_an_error_in_the_newer_form_is_sorted_alike(rig: Rig) -> None:
    rig.stand.next.append((400, {"type": "https://…", "title": "Stopped", "status": 400, "code": 21610}, {}))
    assert type(await failed(rig)) is OptedOut
    rig.stand.next.append((400, {"type": "x", "title": "x", "status": "odd", "code": [1]}, {}))
    assert type(await failed(rig)) is UnknownOutcome


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_twilios_own_delay_is_kept_which_its_library_drops(rig: Rig, status: int) -> None:
    rig.stand.refuse(status, 20429, **{"Retry-After": "17"})
    error = await failed(rig)
    assert isinstance(error, RetryAfter)
    assert error.seconds == 17.0


@pytest.mark.parametrize(
    "body",
    ["", "[]", "null", "hei", '{"sid": null}', '{"sid": 5}', '{"sid": ""}', "<html>", "\xff", "[" * 100_000, "7"],
)
async def test_an_answer_that_is_not_twilios_leaves_the_outcome_open(rig: Rig, body: str) -> None:
    rig.stand.next.append((201, body, {}))
    assert type(await failed(rig)) is UnknownOutcome


async def test_being_sent_elsewhere_leaves_the_outcome_open(rig: Rig) -> None:
    rig.stand.next.append((302, "{}", {"Location": "https://login.example.test/"}))
    assert type(await failed(rig)) is UnknownOutcome


@pytest.mark.parametrize("sender", ["twilio", "city"])
async def test_a_connection_that_is_lost_after_the_request_leaves_the_outcome_open(sender: str) -> None:
    async with rigged(sender=sender) as rig:
        rig.stand.drop = rig.city.drop = True
        assert type(await failed(rig)) is UnknownOutcome
        assert rig.stand.calls + rig.city.calls == 1


@pytest.mark.parametrize("sender", ["twilio", "city"])
async def test_no_answer_in_time_leaves_the_outcome_open_and_the_loop_goes_on(sender: str) -> None:
    async with rigged(sender=sender) as rig:
        calls: Calls = rig.channel._calls
        calls._timeout = type(calls._timeout)(total=0.3)
        rig.stand.delay = rig.city.delay = 5
        ticks = 0

        async def tick() -> None:
            nonlocal ticks
            while True:
                await asyncio.sleep(0.01)
                ticks += 1

        ticking = asyncio.create_task(tick())
        assert type(await failed(rig)) is UnknownOutcome
        ticking.cancel()
        assert ticks > 10


@pytest.mark.parametrize("sender", ["twilio", "city"])
async def test_a_provider_that_is_gone_is_tried_again_since_nothing_was_sent(sender: str) -> None:
    gone = "http://127.0.0.1:9"
    async with rigged(sender=sender, twilio_api_url=gone, city_url=gone + "/v1") as rig:
        assert type(await failed(rig)) is RetryAfter


async def test_many_sends_do_not_wait_for_one_another(rig: Rig) -> None:
    rig.stand.delay = 0.3
    started = time.monotonic()
    await asyncio.gather(*(rig.channel.send(HERE, HELLO, key=str(number)) for number in range(30)))
    assert time.monotonic() - started < 3
    assert len(rig.stand.sent) == 30


async def test_one_blocked_number_leaves_the_others_alone(rig: Rig) -> None:
    """SO-07: of a hundred, the thirty-seventh has opted out."""
    ends: list[str] = []
    for number in range(100):
        if number == 36:
            rig.stand.refuse(400, 21610)
        try:
            await rig.channel.send(Address("sms", f"+3584012345{number:02}"), HELLO, key=str(number))
        except SendError as error:
            ends.append(type(error).__name__)
    assert ends == ["OptedOut"]
    assert len(rig.stand.sent) == 99


async def test_the_citys_service_sends_in_twilios_place() -> None:
    async with rigged(sender="city") as rig:
        assert await rig.channel.send(HERE, HELLO, key="1") == "city-1"
        assert rig.city.sent == [
            {
                "sender": SENDER,
                "to": [{"destination": CITIZEN, "format": "MOBILE"}],
                "text": "Hei - vaan!\n1 Kyllä",
            }
        ]
        assert rig.stand.calls == 0


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (400, b'{"error": "x"}', Refused),
        (404, b"", Refused),
        (401, b'{"error": "x"}', RetryAfter),
        (429, b"", RetryAfter),
        (500, b"", RetryAfter),
        (201, b"<html>", UnknownOutcome),
        (201, b"[]", UnknownOutcome),
        (201, b"", UnknownOutcome),
        (302, b"", UnknownOutcome),
    ],
)
async def test_each_refusal_of_the_citys_service_is_the_error_that_it_means(
    status: int, body: bytes, kind: type[SendError]
) -> None:
    async with rigged(sender="city") as rig:
        rig.city.next.append((status, body, {"Retry-After": "9"}))
        error = await failed(rig)
        assert type(error) is kind
        if status in (429, 500):
            assert isinstance(error, RetryAfter)
            assert error.seconds == 9


async def test_a_message_that_the_city_took_without_an_id_counts_as_sent() -> None:
    async with rigged(sender="city") as rig:
        rig.city.next.append((201, b"{}", {}))
        assert await rig.channel.send(HERE, HELLO, key="1") is None
        assert await rig.channel.send(HERE, HELLO, key="1") is None
        assert rig.city.calls == 1
