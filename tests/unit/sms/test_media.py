"""Pictures of citizens: fetched from Twilio alone, with its credentials for nobody else."""

from __future__ import annotations

import io

import pytest
from aiohttp import web
from PIL import Image

from bot.messages import Photo
from channels.base import Refused, RetryAfter, SendError
from channels.images import LONGEST_FILE
from channels.sms import media as module
from tests.contract.twilio_stand import served
from tests.unit.sms.rig import Rig, rigged


def jpeg() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (30, 20), "red").save(file, "JPEG", comment=b"SECRET")
    return file.getvalue()


def photo(url: str) -> Photo:
    return Photo(content_type="image/jpeg", source=url)


async def failed(rig: Rig, url: str) -> SendError:
    with pytest.raises(SendError) as found:
        await rig.channel.fetch(photo(url))
    return found.value


async def test_a_picture_is_fetched_and_made_fit_to_keep(rig: Rig) -> None:
    rig.stand.media["ME1"] = web.Response(body=jpeg(), content_type="image/jpeg")
    found = await rig.channel.fetch(photo(rig.stand.media_url("ME1")))
    assert found.content_type == "image/jpeg"
    assert Image.open(io.BytesIO(found.data)).size == (30, 20)
    assert b"SECRET" not in found.data
    assert rig.stand.shown[0][1] is not None


async def test_an_address_is_asked_for_as_it_was_given(rig: Rig) -> None:
    """A store signs its addresses: escapes that are spelt otherwise are another address to it."""
    seen: list[str] = []

    async def store(request: web.Request) -> web.Response:
        seen.append(request.raw_path)
        return web.Response(body=jpeg(), content_type="image/jpeg")

    async with served([web.get("/{path:.*}", store)]) as url, rigged(twilio_api_url=url) as own:
        await own.channel.fetch(photo(url + "/a%7Eb%2Fc?X-Signature=%2b%7E"))
    assert seen == ["/a%7Eb%2Fc?X-Signature=%2b%7E"]


async def test_what_twilio_sends_on_is_followed(rig: Rig) -> None:
    rig.stand.media |= {
        "ME1": "/elsewhere/ME2",
        "ME2": web.Response(body=jpeg(), content_type="image/jpeg"),
    }
    assert (await rig.channel.fetch(photo(rig.stand.media_url("ME1")))).data


async def test_nobody_else_is_shown_our_credentials(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[str | None] = []

    async def store(request: web.Request) -> web.Response:
        shown.append(request.headers.get("Authorization"))
        return web.Response(body=jpeg(), content_type="image/jpeg")

    async with served([web.get("/picture", store)]) as url:
        rig.stand.media["ME1"] = url + "/picture"
        assert type(await failed(rig, rig.stand.media_url("ME1"))) is Refused
        assert shown == []
        # The same with a store that is allowed; a stand-in cannot have a certificate of Amazon's.
        monkeypatch.setattr(
            rig.channel._media,
            "_at",
            lambda found, hosts: (found.startswith(url) and len(hosts) > 1) or found.startswith(rig.stand.url),
        )
        assert (await rig.channel.fetch(photo(rig.stand.media_url("ME1")))).data
        assert shown == [None]


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.test/x",
        "http://169.254.169.254/latest/meta-data",
        "https://api.twilio.com.evil.test/x",
        "file:///etc/passwd",
        "//evil.test/x",
        "https://api.twilio.com@evil.test/",
        "https://[/",
        "https://api.twilio.com/a b",
        "https://api.twilio.com/ä",
        "",
    ],
)
async def test_only_twilios_own_addresses_are_asked(rig: Rig, url: str) -> None:
    assert type(await failed(rig, url)) is Refused
    rig.stand.media["ME1"] = url
    assert type(await failed(rig, rig.stand.media_url("ME1"))) is Refused


async def test_going_round_in_circles_ends(rig: Rig) -> None:
    rig.stand.media["ME1"] = rig.stand.media_url("ME1")
    assert type(await failed(rig, rig.stand.media_url("ME1"))) is Refused
    assert len(rig.stand.shown) == module.MOST_STEPS


@pytest.mark.parametrize("body", [b"", b"no picture", b"<svg/>", b"\0" * (LONGEST_FILE + 1)])
async def test_what_is_no_picture_is_refused(rig: Rig, body: bytes) -> None:
    rig.stand.media["ME1"] = web.Response(body=body, content_type="image/jpeg")
    assert type(await failed(rig, rig.stand.media_url("ME1"))) is Refused


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (404, Refused),
        (410, Refused),
        (400, Refused),
        (401, RetryAfter),
        (429, RetryAfter),
        (500, RetryAfter),
        (503, RetryAfter),
    ],
)
async def test_a_picture_that_may_be_had_later_is_asked_for_later(rig: Rig, status: int, kind: type[SendError]) -> None:
    rig.stand.media["ME1"] = web.Response(status=status)
    assert type(await failed(rig, rig.stand.media_url("ME1"))) is kind


async def test_no_answer_is_asked_for_later(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SECONDS", 0.2)
    rig.stand.delay = 5
    assert type(await failed(rig, rig.stand.media_url("ME1"))) is RetryAfter


async def test_a_twilio_that_is_gone_is_asked_later() -> None:
    async with rigged(twilio_api_url="http://127.0.0.1:9") as rig:
        assert type(await failed(rig, "http://127.0.0.1:9/picture")) is RetryAfter
