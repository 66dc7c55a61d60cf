"""What is sent, where to, with which token, and what the connector's answers mean."""

from __future__ import annotations

import asyncio
import io
import time
from typing import Any

import pytest
from aiohttp.test_utils import unused_port
from PIL import Image

from bot.messages import Address, Photo, Reply
from channels.base import Refused, RetryAfter, SendError, UnknownOutcome, Unreachable
from channels.teams.outbound import LONGEST, size
from tests.contract.teams_stand import BOT, CHAT, TENANT, Answer, mention, standing
from tests.unit.teams.server import Server, process, reply, serving

ADDRESS = Address("teams", f"{TENANT}|{CHAT}")


async def known(server: Server) -> None:
    """The person has written once."""
    assert (await server.post(server.stand.activity()))[0] == 200


async def test_a_reply_goes_to_the_conversation_with_our_token(database_url: str) -> None:
    async with serving(database_url) as server:
        await known(server)
        assert await server.teams.send(ADDRESS, reply("Hei **sinä**"), key="1") == "sent-1"
        assert server.stand.paths == ["/emea/v3/conversations/a%3A1personal-chat/activities"]
        assert server.stand.authorizations == ["Bearer token-1"]
        assert server.stand.sent == [
            {
                "type": "message",
                "text": "Hei **sinä**",
                "textFormat": "markdown",
                "locale": "fi",
                "from": {"id": BOT},
                "conversation": {"id": CHAT},
            }
        ]


async def test_writing_first_after_a_restart_uses_the_newest_service_url(database_url: str) -> None:
    # TM-05
    async with standing() as stand:
        async with process(database_url, stand) as server:
            await known(server)
            for region in ("fr", "uk"):
                url = f"{stand.url}/{region}/"
                status, _ = await server.post(stand.activity(serviceUrl=url), stand.token(serviceurl=url))
                assert status == 200
            status, _ = await server.post(stand.activity(serviceUrl=f"{stand.url}/evil/"))
            assert status == 401
        async with process(database_url, stand) as server:
            await server.teams.send(ADDRESS, reply(), key="1")
        assert stand.paths == ["/uk/v3/conversations/a%3A1personal-chat/activities"]


async def test_another_process_sends_what_this_one_heard(database_url: str) -> None:
    async with standing() as stand, process(database_url, stand) as one, process(database_url, stand) as other:
        await known(one)
        await other.teams.send(ADDRESS, reply(), key="1")
        assert len(stand.sent) == 1


async def test_a_host_that_is_no_longer_allowed_gets_nothing(database_url: str) -> None:
    # TM-06
    async with standing() as stand:
        async with process(database_url, stand) as server:
            await known(server)
        async with process(database_url, stand, service_hosts=("smba.trafficmanager.net",)) as server:
            with pytest.raises(Refused):
                await server.teams.send(ADDRESS, reply(), key="1")
        assert stand.paths == []
        assert stand.token_requests == []


async def test_a_playground_gets_no_token(database_url: str) -> None:
    async with serving(database_url, anonymous=True, service_hosts=("smba.trafficmanager.net",)) as server:
        assert (await server.post(server.stand.activity(), None))[0] == 200
        await server.teams.send(ADDRESS, reply(), key="1")
        assert server.stand.authorizations == [None]
        assert server.stand.token_requests == []


async def test_who_removed_the_bot_is_not_written_to(database_url: str) -> None:
    # TM-04
    async with standing() as stand:
        async with process(database_url, stand) as server:
            await known(server)
            await server.post(stand.activity("installationUpdate", action="remove"))
            with pytest.raises(Unreachable):
                await server.teams.send(ADDRESS, reply(), key="1")
        async with process(database_url, stand) as server:
            with pytest.raises(Unreachable):
                await server.teams.send(ADDRESS, reply(), key="1")
            await known(server)
            await server.teams.send(ADDRESS, reply(), key="1")
        assert len(stand.sent) == 1


async def test_nobody_knows_where_to_write_yet(database_url: str) -> None:
    async with serving(database_url) as server:
        with pytest.raises(RetryAfter):
            await server.teams.send(ADDRESS, reply(), key="1")


@pytest.mark.parametrize(
    ("answer", "error", "seconds"),
    [
        (Answer(status=403), Unreachable, None),  # TM-03
        (Answer(status=404), Unreachable, None),
        (Answer(status=412), RetryAfter, None),
        (Answer(status=429, headers={"Retry-After": "35"}), RetryAfter, 35.0),
        (Answer(status=429, headers={"Retry-After": "soon"}), RetryAfter, None),
        (Answer(status=429, headers={"Retry-After": "nan"}), RetryAfter, None),
        (Answer(status=429, headers={"Retry-After": "-1"}), RetryAfter, None),
        (Answer(status=503, headers={"Retry-After": "Thu, 01 Jan 2026 00:00:00 GMT"}), RetryAfter, 0.0),
        (Answer(status=503, headers={"Retry-After": "999999999"}), RetryAfter, 3600.0),
        (Answer(status=502), RetryAfter, None),
        (Answer(status=504), RetryAfter, None),
        (Answer(status=400), Refused, None),
        (Answer(status=413), Refused, None),
        (Answer(status=500), UnknownOutcome, None),
        (Answer(status=302, headers={"Location": "https://evil.test/"}), UnknownOutcome, None),
        (Answer(body=b"<html>"), UnknownOutcome, None),
        (Answer(body=b"[]"), UnknownOutcome, None),
        (Answer(body=b'{"id": 7}'), UnknownOutcome, None),
        (Answer(body=b"x" * 100_000), UnknownOutcome, None),
    ],
)
async def test_what_the_connector_answers(
    database_url: str, answer: Answer, error: type[SendError], seconds: float | None
) -> None:
    async with serving(database_url) as server:
        await known(server)
        server.stand.answers = [answer]
        with pytest.raises(error) as caught:
            await server.teams.send(ADDRESS, reply(), key="1")
        assert type(caught.value) is error
        assert getattr(caught.value, "seconds", None) == seconds
        assert len(server.stand.paths) == 1, "the outbox tries again, not the channel"


async def test_what_is_accepted_needs_no_id(database_url: str) -> None:
    # Agents Playground answers so; a message that was taken must not be sent again.
    async with serving(database_url) as server:
        await known(server)
        server.stand.answers = [Answer(status=202, body=b" ")]
        assert await server.teams.send(ADDRESS, reply(), key="1") is None
        assert await server.teams.send(ADDRESS, reply(), key="1") is None
        assert len(server.stand.sent) == 1


async def test_no_answer_in_time_may_have_been_delivered(database_url: str, monkeypatch: Any) -> None:
    import aiohttp  # noqa: PLC0415

    monkeypatch.setattr("channels.teams.connector.PATIENCE", aiohttp.ClientTimeout(total=0.1))
    async with serving(database_url) as server:
        await known(server)
        server.stand.answers = [Answer(delay=0.5)]
        with pytest.raises(UnknownOutcome):
            await server.teams.send(ADDRESS, reply(), key="1")


async def test_a_refused_connection_was_not_delivered(database_url: str) -> None:
    async with serving(database_url) as server:
        url = f"http://127.0.0.1:{unused_port()}/emea/"
        await server.post(server.stand.activity(serviceUrl=url), server.stand.token(serviceurl=url))
        with pytest.raises(RetryAfter):
            await server.teams.send(ADDRESS, reply(), key="1")


async def test_a_token_that_is_turned_away_is_fetched_anew_once(database_url: str) -> None:
    async with serving(database_url) as server:
        await known(server)
        server.stand.answers = [Answer(status=401)]
        await server.teams.send(ADDRESS, reply(), key="1")
        assert server.stand.authorizations == ["Bearer token-1", "Bearer token-2"]
        server.stand.answers = [Answer(status=401)] * 2
        with pytest.raises(RetryAfter):
            await server.teams.send(ADDRESS, reply(), key="2")
        assert len(server.stand.token_requests) == 3


async def test_wrong_credentials_hold_everything_back(database_url: str) -> None:
    async with serving(database_url, app_password="wrong") as server:
        await known(server)
        with pytest.raises(RetryAfter):
            await server.teams.send(ADDRESS, reply(), key="1")
        assert server.stand.paths == []


async def test_twenty_turns_fetch_one_token_and_hold_up_nobody(database_url: str) -> None:
    async with serving(database_url) as server:
        await known(server)
        server.stand.token_delay = 0.3
        started = time.monotonic()
        pause = asyncio.create_task(_longest_pause(0.25))
        await asyncio.gather(*(server.teams.send(ADDRESS, reply(), key=str(number)) for number in range(20)))
        assert time.monotonic() - started < 3
        assert len(server.stand.token_requests) == 1
        assert server.stand.token_requests[0]["scope"] == "https://api.botframework.com/.default"
        assert await pause < 0.2
        assert len(server.stand.sent) == 20


async def test_a_safety_answer_needs_no_database(database_url: str) -> None:
    async with serving(database_url) as server:
        await server.pool.close()
        assert (await server.post(server.stand.activity(text="112")))[0] == 200
        await server.teams.send(ADDRESS, reply("Soita 112"), key="safety-1")
        assert len(server.stand.sent) == 1


async def test_long_texts_come_in_parts_in_order_and_no_part_twice(database_url: str) -> None:
    async with serving(database_url) as server:
        await known(server)
        words = [f"sana{number}😀ä" for number in range(4_000)]
        long = Reply(text=" ".join(words), language="fi", choices=reply("", "Kyllä").choices)
        server.stand.answers = [Answer(), Answer(status=503)]
        with pytest.raises(RetryAfter):
            await server.teams.send(ADDRESS, long, key="1")
        last = await server.teams.send(ADDRESS, long, key="1")
        parts = [activity["text"] for activity in server.stand.sent if "text" in activity]
        assert " ".join(parts).split() == words
        assert max(map(size, parts)) <= LONGEST
        assert last == f"sent-{len(server.stand.sent)}"
        assert ["attachments" in activity for activity in server.stand.sent[:-1]] == [False] * (
            len(server.stand.sent) - 1
        )
        assert "attachments" in server.stand.sent[-1]
        assert await server.teams.send(ADDRESS, long, key="1") == last
        assert len(server.stand.sent) == len(parts), "a key that went out is not sent again"


async def test_in_a_team_the_way_leads_to_a_private_chat(database_url: str) -> None:
    async with serving(database_url) as server:
        await server.post(server.stand.in_team("<at>Helsinki-botti</at> hei", mention(BOT, "Helsinki-botti")))
        await server.teams.send(server.neighbour.last.address, reply("Mikä on vialla?", "Kuoppa"), key="1")
        (activity,) = server.stand.sent
        assert "19%3Ageneral%40thread.tacv2%3Bmessageid%3D1700000000000" in server.stand.paths[0]
        (actions,) = activity["attachments"][0]["content"]["body"]
        assert actions["actions"] == [
            {
                "type": "Action.OpenUrl",
                "title": "Jatka kahden kesken",
                "url": f"https://teams.microsoft.com/l/chat/0/0?users={BOT.replace(':', '%3A')}",
            }
        ]


def png() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(file, "PNG")
    return file.getvalue()


async def test_a_picture_is_fetched_with_our_token(database_url: str) -> None:
    async with serving(database_url) as server:
        server.stand.files["a"] = png()
        found = await server.teams.fetch(Photo(source=f"{server.stand.service_url}v3/attachments/a/views/original"))
        assert found.content_type == "image/jpeg"
        assert found.data.startswith(b"\xff\xd8")
        assert server.stand.file_authorizations == ["Bearer token-1"]


async def test_a_file_of_the_tenant_is_fetched_without_it(database_url: str) -> None:
    async with serving(database_url, service_hosts=("x.test",), file_hosts=("127.0.0.1",)) as server:
        server.stand.files["a"] = png()
        await server.teams.fetch(Photo(source=f"{server.stand.service_url}v3/attachments/a/views/original"))
        assert server.stand.file_authorizations == [None]


@pytest.mark.parametrize(
    "source",
    [
        "https://evil.test/a.png",
        "http://169.254.169.254/latest",
        "file:///etc/passwd",
        "",
        "https://sharepoint.com.evil/x",
    ],
)
async def test_a_picture_elsewhere_is_not_fetched(database_url: str, source: str) -> None:
    async with serving(database_url) as server:
        with pytest.raises(Refused):
            await server.teams.fetch(Photo(source=source))
        assert server.stand.token_requests == []


async def test_what_is_no_picture_is_refused(database_url: str, monkeypatch: Any) -> None:
    async with serving(database_url) as server:
        base = f"{server.stand.service_url}v3/attachments"
        server.stand.files = {"text": b"hello", "long": b"x" * 2_000_000}
        for name in ("text", "gone"):
            with pytest.raises(Refused):
                await server.teams.fetch(Photo(source=f"{base}/{name}/views/original"))
        monkeypatch.setattr("channels.teams.connector.LONGEST_FILE", 1_000_000)
        with pytest.raises(Refused):
            await server.teams.fetch(Photo(source=f"{base}/long/views/original"))


async def _longest_pause(seconds: float) -> float:
    """The longest time for which the event loop did nothing else, over some seconds."""
    end, longest = time.monotonic() + seconds, 0.0
    while (before := time.monotonic()) < end:
        await asyncio.sleep(0.005)
        longest = max(longest, time.monotonic() - before)
    return longest
