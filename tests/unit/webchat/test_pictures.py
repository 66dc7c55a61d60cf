"""Pictures in messages: taken by what they are, shown to the own tabs alone, refused in words."""

from __future__ import annotations

import base64
import io
import json
from typing import Any

import aiohttp
import pytest
from PIL import Image

from channels.images import LONGEST_FILE
from channels.webchat.pictures import LONGEST_PREVIEW, MOST_FILES
from tests.unit.webchat.files import ACTIVITY, data_url, drawn, form, noise
from tests.unit.webchat.server import Server, next_texts

MESSAGE = {"type": "message", "text": "tästä kuopasta", "channelData": {"clientActivityID": "abc"}}


def _shown(activity: dict[str, Any]) -> list[Image.Image]:
    found: list[Image.Image] = []
    for attachment in activity["attachments"]:
        head, _, data = attachment["thumbnailUrl"].partition(",")
        assert (attachment["contentType"], head) == ("image/jpeg", "data:image/jpeg;base64")
        found.append(Image.open(io.BytesIO(base64.b64decode(data))))
    return found


async def test_a_form_of_files_is_one_message_with_its_pictures(server: Server) -> None:
    citizen = await server.begin()
    tabs = [await citizen.socket(), await citizen.socket()]
    status, body = await citizen.upload(form(drawn(colour="red"), drawn("PNG", colour="blue"), **MESSAGE))
    assert status == 200, body
    [incoming] = server.neighbour.kept.values()
    assert incoming.text == "tästä kuopasta"
    assert [photo.content_type for photo in incoming.photos] == ["image/jpeg", "image/jpeg"]
    assert [Image.open(io.BytesIO(photo.data)).size for photo in incoming.photos] == [(640, 480), (640, 480)]
    for tab in tabs:
        echo, _ = await next_texts(tab, 2)
        assert (echo["id"], echo["text"]) == (body["id"], "tästä kuopasta")
        assert [image.size for image in _shown(echo)] == [(360, 270), (360, 270)]
        assert "Maija" not in str(echo), "a file's name may name people"
        await tab.close()
    assert (await citizen.read())["activities"][0] == echo


async def test_a_resent_upload_is_one_message(server: Server) -> None:
    citizen = await server.begin()
    ids = {(await citizen.upload(form(drawn(), **MESSAGE)))[1]["id"] for _ in range(2)}
    await server.neighbour.settled()
    assert len(ids) == len(server.neighbour.kept) == 1


async def test_a_file_alone_is_a_message(server: Server) -> None:
    citizen = await server.begin()
    status, _ = await citizen.upload(drawn("WEBP"), **{"Content-Type": "image/webp"})
    assert status == 200
    [incoming] = server.neighbour.kept.values()
    assert (incoming.text, len(incoming.photos)) == ("", 1)


async def test_a_picture_in_an_activity_as_a_data_url(server: Server) -> None:
    citizen = await server.begin()
    attachment = {"contentType": "image/png", "contentUrl": data_url(drawn("PNG")), "name": "x"}
    status, _ = await citizen.post({**MESSAGE, "attachments": [attachment]})
    assert status == 200
    [incoming] = server.neighbour.kept.values()
    assert len(incoming.photos) == 1
    assert len(_shown((await citizen.read())["activities"][0])) == 1


async def test_a_picture_that_no_encoder_makes_small_has_a_small_copy(server: Server) -> None:
    citizen = await server.begin()
    status, _ = await citizen.upload(form(noise((1500, 1500)), **MESSAGE))
    assert status == 200
    [attachment] = (await citizen.read())["activities"][0]["attachments"]
    assert len(attachment["thumbnailUrl"]) < LONGEST_PREVIEW * 4 / 3 + 100


@pytest.mark.parametrize(
    ("sent", "status", "code"),
    [
        (form(b"<svg onload=alert(1)>", **MESSAGE), 415, "NotAPicture"),
        (form(b"%PDF-1.7 not a picture", **MESSAGE), 415, "NotAPicture"),
        (form(b"", **MESSAGE), 415, "NotAPicture"),
        (form(drawn()[:200], **MESSAGE), 415, "NotAPicture"),
        (form(b"\xff" * (LONGEST_FILE + 1), **MESSAGE), 413, "FileTooLarge"),
        (form(*[drawn(size=(9, 9))] * (MOST_FILES + 1), **MESSAGE), 413, "TooManyFiles"),
        (form(*[b"\xff" * (LONGEST_FILE - 1)] * 5, **MESSAGE), 413, "FileTooLarge"),
        (form(**MESSAGE), 400, "MissingFile"),
        (form(drawn(), type="event"), 400, "BadArgument"),
        (form(drawn(), type="message", text=5), 400, "BadArgument"),
    ],
)
async def test_what_is_no_picture_is_refused_in_words(
    server: Server, sent: aiohttp.FormData, status: int, code: str
) -> None:
    citizen = await server.begin()
    found, body = await citizen.upload(sent)
    assert (found, body["error"]["code"]) == (status, code)
    assert "Send" in body["error"]["message"]
    assert not server.neighbour.kept
    assert await server.rows() == 0
    await citizen.say("elossa")


_B = b"--b\r\nContent-Type: image/jpeg\r\n\r\n"


@pytest.mark.parametrize(
    ("data", "kind", "status"),
    [
        (b"", "image/jpeg", 415),
        (b"a=b", "application/x-www-form-urlencoded", 415),
        (b"{}", "application/json", 415),
        (b"x", "multipart/form-data", 400),
        (b"x", "multipart/form-data; boundary=b", 400),
        (b"x", 'multipart/form-data; boundary="' + "b" * 90 + '"', 400),
        (_B + b"no end", "multipart/form-data; boundary=b", 400),
        (b"--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\n\r\nx\r\n--c--\r\n--b--\r\n",
         "multipart/form-data; boundary=b", 400),
        (b"--b\r\nContent-Length: -5\r\n\r\nx\r\n--b--\r\n", "multipart/form-data; boundary=b", 415),
        (b"--b\r\nContent-Length: 500\r\n\r\nx\r\n--b--\r\n", "multipart/form-data; boundary=b", 415),
        (b"--b\r\nNo colon here\r\n\r\nx\r\n--b--\r\n", "multipart/form-data; boundary=b", 400),
        (b"--b\r\n" + b"X: y\r\n" * 5000 + b"\r\nx\r\n--b--\r\n", "multipart/form-data; boundary=b", 400),
        (f"--b\r\nContent-Type: {ACTIVITY}\r\n\r\n[1]\r\n--b--\r\n".encode(), "multipart/form-data; boundary=b", 400),
        (b"--b--\r\n", "multipart/form-data; boundary=b", 400),
    ],
)  # fmt: skip
async def test_a_form_that_is_none_is_refused_in_words(server: Server, data: bytes, kind: str, status: int) -> None:
    citizen = await server.begin()
    found, body = await citizen.upload(data, **{"Content-Type": kind})
    assert found == status, body
    assert body["error"]["message"]
    assert not server.neighbour.kept


async def test_an_upload_without_a_length_is_refused(server: Server) -> None:
    citizen = await server.begin()

    async def endless() -> Any:
        for _ in range(100):
            yield b" " * 65536

    async with server.http.post(f"{citizen.url}/upload", headers=citizen.headers, data=endless()) as response:
        assert response.status == 411


@pytest.mark.parametrize(
    ("attachments", "status"),
    [
        ([{"contentType": "image/png", "contentUrl": "https://example.org/secret.png"}], 415),
        ([{"contentType": "image/png", "contentUrl": "file:///etc/passwd"}], 415),
        ([{"contentType": "image/png", "contentUrl": "data:image/png,plain"}], 415),
        ([{"contentType": "image/png", "contentUrl": "data:image/png;base64,???"}], 400),
        ([{"contentType": "image/png", "contentUrl": data_url(b"<svg>")}], 415),
        ([{"contentType": "image/png", "contentUrl": 5}], 415),
        ([{"contentType": "application/vnd.microsoft.card.hero", "content": {}}], 415),
        ([{"contentUrl": data_url(drawn("PNG", (4, 4)))}] * 5, 413),
        ("x", 400),
        ([5], 400),
        ([], 200),
        (None, 200),
    ],
)
async def test_attachments_of_an_activity_are_pictures_in_it_or_refused(
    server: Server, attachments: Any, status: int
) -> None:
    citizen = await server.begin()
    found, body = await citizen.post({**MESSAGE, "attachments": attachments})
    assert found == status, body
    assert len(server.neighbour.kept) == (status == 200)


async def test_the_other_routes_still_take_a_mebibyte_and_no_more(server: Server) -> None:
    citizen = await server.begin()
    photo = {"contentType": "image/png", "contentUrl": data_url(noise((1200, 1200)))}
    body = io.BytesIO(json.dumps({**MESSAGE, "attachments": [photo]}).encode())
    async with server.http.post(f"{citizen.url}/activities", headers=citizen.headers, data=body) as response:
        assert (response.status, (await response.json())["error"]["code"]) == (413, "BodyTooLarge")


async def test_nobody_else_uploads_to_a_conversation_or_sees_its_pictures(server: Server) -> None:
    citizen, other = await server.begin(), await server.begin()
    assert (await citizen.upload(form(drawn(), **MESSAGE)))[0] == 200
    for method, tail in (("POST", "/upload"), ("GET", "/activities"), ("GET", "")):
        async with server.http.request(method, citizen.url + tail, headers=other.headers) as response:
            assert response.status == 403
    assert (await other.read())["activities"] == []
