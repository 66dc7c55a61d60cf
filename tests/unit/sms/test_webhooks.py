"""What Twilio posts: what is kept of it, and what is refused."""

from __future__ import annotations

import gzip
import logging
import time
from collections.abc import AsyncIterator

import aiohttp
import pytest
import yarl

from bot.messages import Address, Delivery, DeliveryState, Photo, Reach
from tests.contract.twilio_stand import (
    CITIZEN,
    OURS,
    PUBLIC,
    TOKEN,
    Post,
    deliver,
    incoming,
    message,
    report,
    sid,
    signature,
    signed,
    status,
)
from tests.unit.sms.rig import Rig, rigged

HERE = Address("sms", CITIZEN)
OTHER_SECRET = "f" * 32


def altered(post: Post, headers: dict[str, str] | None = None, *, body: bytes | None = None) -> Post:
    changed = {**post.headers, **(headers or {})}
    return Post(path=post.path, body=post.body if body is None else body, headers=changed)


async def test_a_message_is_kept_and_acknowledged_with_an_empty_answer(rig: Rig) -> None:
    found = await deliver(rig.http, rig.url, incoming(1, "Missä on kirjasto? ä€😀"))
    assert found == (200, "text/xml", '<?xml version="1.0" encoding="UTF-8"?><Response/>')
    (kept,) = rig.received.messages
    assert (kept.address, kept.message_id, kept.text) == (HERE, sid(1), "Missä on kirjasto? ä€😀")
    assert kept.photos == ()
    assert rig.stand.calls == 0


@pytest.mark.parametrize(
    "text", ["", " moi ", "moi ", "a\u0308iti", "rivi\r\ntoinen", "a+b=c&d%20", 'o\'brien "x"', "\0"]
)
async def test_the_words_are_verified_and_kept_as_they_were_written(rig: Rig, text: str) -> None:
    """SG-03: blank values, white space and decomposed letters are a part of what is signed."""
    assert await rig.post(incoming(1, text)) == 200
    assert rig.received.messages[0].text == text


async def test_repeated_fields_are_part_of_what_is_signed(rig: Rig) -> None:
    pairs = [*message(1, "moi"), ("Tag", "b"), ("Tag", "a"), ("Tag", "b"), ("Tag", "")]
    assert await rig.post(signed("/sms/twilio", pairs)) == 200
    forged = altered(signed("/sms/twilio", pairs), body=signed("/sms/twilio", pairs[:-3]).body)
    assert await rig.post(forged) == 403


async def test_what_could_not_be_kept_is_to_be_sent_again(rig: Rig) -> None:
    rig.received.unavailable = True
    assert await rig.post(incoming(1, "moi")) == 503
    assert await rig.post(report(sid(1), "delivered")) == 503
    rig.received.unavailable = False
    assert await rig.post(incoming(1, "moi")) == 200


async def test_a_message_that_comes_twice_has_the_same_id_both_times(rig: Rig) -> None:
    for _ in range(2):
        assert await rig.post(incoming(7, "moi")) == 200
    assert {kept.message_id for kept in rig.received.messages} == {sid(7)}


async def test_one_message_under_two_ids_is_one_if_its_time_of_origin_is_one(rig: Rig) -> None:
    """DU-04: two honest "joo" are two messages."""
    for number, when in enumerate(["10:00:00Z", "10:00:00Z", "10:00:30Z"]):
        assert await rig.post(incoming(number, "joo", OriginTimestamp=f"2026-11-26T{when}")) == 200
    first, again, later = (kept.message_id for kept in rig.received.messages)
    assert first == again != later
    for number in (10, 11):
        await rig.post(incoming(number, "joo", OriginTimestamp=""))
    assert len({kept.message_id for kept in rig.received.messages}) == 4


@pytest.mark.parametrize("sender", ["HSL", "18130", "whatsapp:+358401234567", "Anonymous", "+12", "+0401234567"])
async def test_what_comes_from_no_phone_is_acknowledged_and_dropped(rig: Rig, sender: str) -> None:
    assert await rig.post(incoming(1, "Tarjous!", sender=sender)) == 200
    assert rig.received.events == []


@pytest.mark.parametrize(("word", "wanted"), [("STOP", True), ("START", False)])
async def test_what_twilio_does_on_its_own_words_is_told_before_the_message(rig: Rig, word: str, wanted: bool) -> None:
    assert await rig.post(incoming(1, word, OptOutType=word)) == 200
    reach, kept = rig.received.events
    assert reach == Reach(address=HERE, opted_out=wanted)
    assert rig.received.messages == [kept]


async def test_a_call_for_help_changes_nothing_of_the_address(rig: Rig) -> None:
    assert await rig.post(incoming(1, "HELP", OptOutType="HELP")) == 200
    assert (len(rig.received.messages), rig.received.reaches) == (1, [])


async def test_a_request_of_anybody_else_is_refused_and_nothing_kept(rig: Rig) -> None:
    genuine = incoming(1, "moi")
    for forged in (
        altered(genuine, body=genuine.body.replace(b"moi", b"moj")),
        altered(genuine, body=genuine.body + b"&Extra=1"),
        altered(genuine, body=genuine.body.replace(b"&ToCity=", b"")),
        altered(genuine, {"X-Twilio-Signature": "AAAA"}),
        altered(genuine, {"X-Twilio-Signature": ""}),
        altered(genuine, {"X-Twilio-Signature": "ä"}),
        Post(path="/sms/twilio/status", body=genuine.body, headers=genuine.headers),
        signed("/sms/twilio", message(1, "moi"), secret=OTHER_SECRET),
        signed("/sms/twilio", message(1, "moi"), url="https://evil.test/sms/twilio"),
        signed("/sms/twilio", message(1, "moi"), url=f"{rig.url}/sms/twilio"),
    ):
        assert await rig.post(forged) == 403
    assert rig.received.events == []


async def test_forwarded_headers_choose_no_address(rig: Rig) -> None:
    """SG-02: what a stranger says about our address counts for nothing."""
    forged = signed("/sms/twilio", message(1, "moi"), url="https://evil.test/sms/twilio")
    headers = {"X-Forwarded-Host": "evil.test", "X-Forwarded-Proto": "https", "Host": "evil.test"}
    assert await rig.post(altered(forged, headers)) == 403
    assert await rig.post(altered(incoming(1, "moi"), headers)) == 200


@pytest.mark.parametrize(
    ("public", "signs"),
    [
        (PUBLIC, PUBLIC),
        (PUBLIC, PUBLIC + ":443"),
        (PUBLIC + ":443", PUBLIC),
        (PUBLIC + ":443", PUBLIC + ":443"),
        (PUBLIC + ":8443", PUBLIC + ":8443"),
        (PUBLIC + ":8443", PUBLIC),
        (PUBLIC + "/neuvo/", PUBLIC + "/neuvo"),
    ],
)
async def test_the_address_is_ours_with_or_without_its_port(public: str, signs: str) -> None:
    """SG-04."""
    async with rigged(public_url=public) as rig:
        assert await rig.post(signed("/sms/twilio", message(1, "moi"), url=signs + "/sms/twilio")) == 200


async def test_a_query_is_part_of_the_address_as_it_came(rig: Rig) -> None:
    """SG-06: quotes and escapes in it are left as they are."""
    for query in ("?src=o'brien", "?src=o%27brien&a=%C3%A4"):
        pairs = status(sid(1), "delivered")
        assert await raw(rig, signed("/sms/twilio/status" + query, pairs)) == 200, query
        other = signed("/sms/twilio/status", pairs)
        assert await raw(rig, Post(path=other.path + query, body=other.body, headers=other.headers)) == 403


async def raw(rig: Rig, post: Post) -> int:
    """Posted without the client's own changes to the address."""
    url = yarl.URL(rig.url + post.path, encoded=True)
    async with rig.http.post(url, data=post.body, headers=post.headers) as response:
        return response.status


async def test_newer_signatures_are_known_and_none_is_none(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    """SG-07; a name that a stranger chose is not logged."""
    pairs = message(1, "moi")
    settings = "X-Twilio-Webhooks-Signature-Settings"
    assert await rig.post(signed("/sms/twilio", pairs, algorithm="HMAC_SHA256")) == 200
    assert await rig.post(signed("/sms/twilio", pairs, algorithm="HMAC_SHA1")) == 200
    for algorithm in ("NONE", "none", "HMAC_MD5", "HMAC_SHA512"):
        assert await rig.post(altered(incoming(1, "moi"), {settings: f"key=x,algorithm={algorithm}"})) == 403
        unsigned = altered(incoming(1, "moi"), {settings: f"algorithm={algorithm}", "X-Twilio-Signature": ""})
        assert await rig.post(unsigned) == 403
    confused = altered(incoming(1, "moi"), {settings: "key=x,algorithm=HMAC_SHA256"})
    assert await rig.post(confused) == 403
    assert len(rig.received.messages) == 2
    assert "HMAC_MD5" not in caplog.text


async def test_while_secrets_change_either_of_them_signs() -> None:
    async with rigged(twilio_signing_secrets=f" {OTHER_SECRET} ,, {'e' * 32}") as rig:
        for secret in (TOKEN, OTHER_SECRET, "e" * 32):
            assert await rig.post(signed("/sms/twilio", message(1, "moi"), secret=secret)) == 200
        for secret in ("d" * 32, "", f" {OTHER_SECRET} "):
            assert await rig.post(signed("/sms/twilio", message(1, "moi"), secret=secret)) == 403


@pytest.mark.parametrize("path", ["/sms/twilio", "/sms/twilio/status"])
async def test_malformed_requests_are_told_so(rig: Rig, path: str) -> None:
    genuine = signed(path, message(1, "moi"))
    for body in (b"a=%ff", "a=ä".encode(), b"&".join(b"a=1" for _ in range(300))):
        assert await rig.post(altered(genuine, body=body)) == 400
    assert await rig.post(altered(genuine, {"Content-Type": "application/json"})) == 400
    assert await rig.post(altered(genuine, {"Content-Type": "multipart/form-data"})) == 400
    assert await rig.post(altered(genuine, {"Content-Encoding": "gzip"})) == 400
    assert await rig.post(altered(genuine, body=b"a=" + b"x" * 70_000)) == 413
    bomb = gzip.compress(b"a=" + b"x" * 5_000_000)
    assert await rig.post(altered(genuine, {"Content-Encoding": "gzip"}, body=bomb)) == 413
    for method in ("GET", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"):
        async with rig.http.request(method, rig.url + path) as response:
            assert response.status == 405, method
    assert rig.received.events == []


async def test_a_body_that_is_too_long_is_not_read_to_its_end(rig: Rig) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(10_000):
            yield b"x" * 65_536

    started = time.monotonic()
    try:
        async with rig.http.post(
            rig.url + "/sms/twilio",
            data=endless(),
            headers={"Content-Type": "application/x-www-form-urlencoded"},
        ) as response:
            assert response.status == 413
    except aiohttp.ClientError:
        pass  # hung up on, while it still wrote
    assert time.monotonic() - started < 5


@pytest.mark.parametrize(
    "pairs",
    [
        [],
        [("Body", "moi"), ("From", CITIZEN)],
        [("MessageSid", "x"), ("Body", "moi"), ("From", CITIZEN)],
        [("MessageSid", sid(1)), ("Body", "moi")],
        [("MessageSid", sid(1)), ("From", CITIZEN)],
        [*message(1, "moi", NumMedia="-1")],
        [*message(1, "moi", NumMedia="٣")],
        [*message(1, "moi", NumMedia="1e9")],
    ],
)
async def test_signed_forms_that_are_no_message_are_malformed(rig: Rig, pairs: list[tuple[str, str]]) -> None:
    assert await rig.post(signed("/sms/twilio", pairs)) == 400
    assert rig.received.events == []


async def test_pictures_are_named_and_not_fetched(rig: Rig) -> None:
    url = "https://api.twilio.com/2010-04-01/Accounts/AC1/Messages/MM1/Media/ME1"
    regional = url.replace("api.", "api.dublin.ie1.")
    assert await rig.post(incoming(1, "", media=[url, regional])) == 200
    assert rig.received.messages[0].photos == tuple(
        Photo(content_type="image/jpeg", source=each) for each in (url, regional)
    )
    assert rig.stand.calls == 0


@pytest.mark.parametrize(
    "url",
    [
        "http://api.twilio.com/x",
        "https://api.twilio.com.evil.test/x",
        "https://eviltwilio.com/x",
        "https://evil.test/api.twilio.com",
        "https://api.twilio.com@evil.test/x",
        "https://evil@api.twilio.com/x",
        "https://api.twilio.com:8443/x",
        "https://api.twilio.com\\@evil.test/x",
        "https://169.254.169.254/x",
        "https://[::1/x",
        "file:///etc/passwd",
        "https://api.twiliocdn.com/x",
        "https://api.twilio.com/\nx",
        "",
    ],
)
async def test_pictures_elsewhere_are_left_out(rig: Rig, url: str) -> None:
    assert await rig.post(incoming(1, "moi", media=[url])) == 200
    assert rig.received.messages[0].photos == ()


async def test_what_is_no_picture_is_left_out(rig: Rig) -> None:
    url = "https://api.twilio.com/x"
    pairs = dict(message(1, "moi", media=[url, url, url]))
    pairs |= {"MediaContentType0": "text/vcard", "MediaContentType1": "video/mp4", "MediaContentType2": "Image/PNG"}
    assert await rig.post(signed("/sms/twilio", list(pairs.items()))) == 200
    assert rig.received.messages[0].photos == (Photo(content_type="image/png", source=url),)


@pytest.mark.parametrize(
    ("state", "wanted"),
    [
        ("sent", DeliveryState.SENT),
        ("delivered", DeliveryState.DELIVERED),
        ("read", DeliveryState.DELIVERED),
        ("undelivered", DeliveryState.FAILED),
        ("failed", DeliveryState.FAILED),
        ("canceled", DeliveryState.FAILED),
    ],
)
async def test_a_status_tells_how_far_a_message_has_come(rig: Rig, state: str, wanted: DeliveryState) -> None:
    assert await rig.post(report(sid(5), state)) == 200
    (found,) = rig.received.deliveries
    assert (found.channel, found.provider_id, found.state, found.reason) == ("sms", sid(5), wanted, None)
    assert rig.received.reaches == []


@pytest.mark.parametrize(
    "state", ["accepted", "scheduled", "queued", "sending", "partially_delivered", "something_new"]
)
async def test_what_tells_nothing_new_is_acknowledged(rig: Rig, state: str) -> None:
    assert await rig.post(report(sid(5), state)) == 200
    assert rig.received.events == []


async def test_a_status_names_our_message_by_what_its_address_says(rig: Rig) -> None:
    path = "/sms/twilio/status?key=5"
    assert await rig.post(signed(path, status(sid(5), "delivered"))) == 200
    assert await rig.post(signed(path, status(sid(5), "delivered"), url=PUBLIC + "/sms/twilio/status?key=6")) == 403
    wanted = Delivery(channel="sms", provider_id=sid(5), state=DeliveryState.DELIVERED, key="5")
    assert rig.received.events == [wanted]


async def test_a_person_who_stopped_at_twilio_is_told_of_by_the_status(rig: Rig) -> None:
    """SO-06: with a messaging service the send itself is accepted."""
    assert await rig.post(report(sid(5), "undelivered", code=21610)) == 200
    assert rig.received.deliveries[0].reason == "21610"
    assert rig.received.reaches == [Reach(address=HERE, opted_out=True)]


@pytest.mark.parametrize("code", [30003, 30005, 30006, 21614])
async def test_a_number_that_cannot_be_reached_is_told_of(rig: Rig, code: int) -> None:
    assert await rig.post(report(sid(5), "undelivered", code=code)) == 200
    assert rig.received.reaches == [Reach(address=HERE, reachable=False)]


@pytest.mark.parametrize("code", [30001, 30007, 30008, 99999])
async def test_a_failure_that_is_not_the_numbers_says_nothing_of_it(rig: Rig, code: int) -> None:
    assert await rig.post(report(sid(5), "failed", code=code)) == 200
    assert rig.received.deliveries[0].reason == str(code)
    assert rig.received.reaches == []


async def test_a_code_on_a_message_that_arrived_says_nothing_of_its_number(rig: Rig) -> None:
    assert await rig.post(report(sid(5), "delivered", code=30003)) == 200
    assert rig.received.reaches == []


@pytest.mark.parametrize("code", ["words about Matti", "-1", "0", "1234567", "٣", ""])
async def test_only_a_code_is_a_reason(rig: Rig, code: str) -> None:
    pairs = [*status(sid(5), "failed"), ("ErrorCode", code)]
    assert await rig.post(signed("/sms/twilio/status", pairs)) == 200
    assert rig.received.deliveries[0].reason is None


@pytest.mark.parametrize("pairs", [[], [("MessageSid", sid(1))], [("MessageStatus", "sent")], status("x", "sent")])
async def test_signed_forms_that_are_no_status_are_malformed(rig: Rig, pairs: list[tuple[str, str]]) -> None:
    assert await rig.post(signed("/sms/twilio/status", pairs)) == 400


async def test_no_log_tells_who_wrote_what(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for post in (incoming(1, "SALAISUUS"), signed("/sms/twilio", message(2, "SALAISUUS"), secret="x")):
        await rig.post(post)
    await rig.post(report(sid(5), "failed", code=30005))
    assert "SALAISUUS" not in caplog.text
    assert CITIZEN not in caplog.text
    assert OURS not in caplog.text


def test_the_stand_ins_signature_is_that_of_twilios_documentation() -> None:
    """The example of https://www.twilio.com/docs/usage/security."""
    pairs = [
        ("CallSid", "CA1234567890ABCDE"),
        ("Caller", "+12349013030"),
        ("Digits", "1234"),
        ("From", "+12349013030"),
        ("To", "+18005551212"),
    ]
    found = signature("https://mycompany.com/myapp.php?foo=1&bar=2", pairs, "12345")
    assert found == "0/KCTR6DLpKmkAf8muzZqo1nDgQ="
