"""The row of Telegram."""

from __future__ import annotations

import json
import zlib
from collections import deque
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, ClassVar

import aiohttp

from channels.base import Refused, RetryAfter, SendError, UnknownOutcome, Unreachable
from channels.telegram.kind import KIND
from tests.contract import telegram_stand as stand
from tests.contract.provider import Post, Row, Trouble, strings

PATH = "/telegram/webhook"


class Telegram:
    """The Bot API, and citizens in private chats."""

    public_url = "https://chat.example.fi"
    long_text = 10_000
    expected: ClassVar[Mapping[Trouble, tuple[type[SendError], ...]]] = {
        Trouble.BUSY: (RetryAfter,),
        Trouble.FAILING: (RetryAfter, UnknownOutcome),
        Trouble.HANGS_UP: (UnknownOutcome, RetryAfter),
        Trouble.NONSENSE: (UnknownOutcome,),
        Trouble.BLOCKED: (Unreachable,),
        Trouble.REFUSED: (Refused,),
    }

    def __init__(self, api: stand.Stand) -> None:
        self._api = api
        self.settings = {"token": stand.TOKEN, "secret": stand.SECRET, "api_url": api.url}

    async def begin(self, http: aiohttp.ClientSession, base: str) -> None:
        """Nothing: a chat can be written to."""

    def says(self, text: str, *, by: int = 0, message_id: str = "") -> Post:
        """A message in a private chat."""
        chat = stand.CITIZEN + by
        update = stand.said(text, stand.private(chat))
        update["message"]["from"] = stand.person(chat)
        if message_id:
            update["message"]["message_id"] = zlib.crc32(message_id.encode())
        return _post(update)

    def shows(self) -> Post:
        """A photo with words under it."""
        return _post(stand.photo(caption="kuoppa"))

    def asked_for_pictures(self) -> int:
        """How often the address of a file was asked for."""
        return self._api.count("getFile")

    def presses(self, label: str) -> Post:
        """A press of the newest button of that label."""
        under = next(m for m in reversed(self._api.messages) if label in strings(m.get("reply_markup", {})))
        return _post(stand.pressed(self._api.key(label), under))

    def forged(self) -> Sequence[Post]:
        """Without a secret, with another one, and with one that is no ASCII."""
        genuine = self.says("moi")
        secrets: list[dict[str, str]] = [{}, {stand.HEADER: stand.SECRET[:-1]}, {stand.HEADER: "salaisuus-ä"}]
        return [Post(path=PATH, body=genuine.body, headers=secret) for secret in secrets]

    def malformed(self) -> Sequence[Post]:
        """No JSON, no object, no update, and updates with holes."""
        headers = {stand.HEADER: stand.SECRET}
        bodies = (b"", b"{", b"[]", b"null", b'{"update_id": "x"}', b"\xff\xfe", b'{"update_id":1,"message":{}}')
        holes = b'{"update_id":2,"message":{"message_id":1,"date":0,"chat":7,"text":{"a":1}}}'
        return [Post(path=PATH, body=body, headers=headers) for body in (*bodies, holes)]

    async def shown(self, by: int = 0) -> list[str]:
        """Texts, captions, buttons and places."""
        mine = [message for message in self._api.messages if message["chat"]["id"] == stand.CITIZEN + by]
        return ["\n".join([*_words(message), *_labels(message)]) for message in mine]

    def trouble(self, kind: Trouble) -> None:
        """Meet the next message so."""
        faults = {
            Trouble.BUSY: stand.Fault.of(429, "Too Many Requests: retry after 7", retry_after=7),
            Trouble.FAILING: stand.Fault.of(500, "Internal Server Error"),
            Trouble.HANGS_UP: stand.Fault(cut=True),
            Trouble.NONSENSE: stand.Fault(200, "<html>hei</html>"),
            Trouble.BLOCKED: stand.Fault.of(403, "Forbidden: bot was blocked by the user"),
            Trouble.REFUSED: stand.Fault.of(400, "Bad Request: chat not found"),
        }
        self._api.faults["sendMessage"].append(faults[kind])

    def hang(self, *, hanging: bool) -> None:
        """Wait for a minute before the next answer."""
        for method in ("sendMessage", "getFile"):
            self._api.faults[method] = deque([stand.Fault(hang=60.0)] if hanging else [])


def _post(update: dict[str, Any]) -> Post:
    headers = {stand.HEADER: stand.SECRET, "Content-Type": "application/json"}
    return Post(path=PATH, body=json.dumps(update).encode(), headers=headers)


def _words(message: Mapping[str, Any]) -> list[str]:
    return [text for name in ("text", "caption", "venue", "entities") for text in strings(message.get(name, ""))]


def _labels(message: Mapping[str, Any]) -> list[str]:
    return strings(message.get("reply_markup", {}))


@asynccontextmanager
async def standing() -> AsyncIterator[Telegram]:
    """The Bot API on this machine."""
    async with stand.standing() as api:
        yield Telegram(api)


TELEGRAM = Row(kind=KIND, standing=standing)
