"""The row of the fifth channel."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, ClassVar

import aiohttp
from aiohttp import web

from channels.base import Refused, RetryAfter, SendError, UnknownOutcome, Unreachable
from tests.contract.letterbox import KIND, PATH, signature
from tests.contract.provider import Post, Row, Trouble
from tests.contract.twilio_stand import served

SECRET = "the post office's secret"
ANSWERS: Mapping[Trouble, tuple[int, str, dict[str, str]]] = {
    Trouble.BUSY: (429, "", {"Retry-After": "7"}),
    Trouble.FAILING: (503, "", {}),
    Trouble.NONSENSE: (200, "<html>hei</html>", {}),
    Trouble.BLOCKED: (410, "", {}),
    Trouble.REFUSED: (400, "", {}),
}


class PostOffice:
    """Takes letters, each key once, and brings those of citizens."""

    public_url = "https://chat.example.fi"
    long_text = None
    expected: ClassVar[Mapping[Trouble, tuple[type[SendError], ...]]] = {
        Trouble.BUSY: (RetryAfter,),
        Trouble.FAILING: (RetryAfter,),
        Trouble.NONSENSE: (UnknownOutcome,),
        Trouble.BLOCKED: (Unreachable,),
        Trouble.REFUSED: (Refused,),
    }

    def __init__(self) -> None:
        self.settings: dict[str, Any] = {"secret": SECRET}
        self.letters: dict[str, dict[str, str]] = {}
        self._numbers = itertools.count(1)
        self._trouble: Trouble | None = None
        self._hanging = False

    async def begin(self, http: aiohttp.ClientSession, base: str) -> None:
        """Nothing: a letter can be sent."""

    def says(self, text: str, *, by: int = 0, message_id: str = "") -> Post:
        """A signed letter."""
        letter = {"id": message_id or f"letter {next(self._numbers)}", "sender": f"citizen {by}", "text": text}
        return _post(json.dumps(letter).encode())

    def shows(self) -> None:
        """None: letters have no pictures."""

    def asked_for_pictures(self) -> int:
        """Never."""
        return 0

    def presses(self, label: str) -> Post:
        """The number before the label."""
        for letter in reversed(self.letters.values()):
            for line in letter["text"].splitlines():
                number, _, words = line.partition(" ")
                if words == label:
                    return self.says(number)
        raise AssertionError(f"no choice {label!r}")

    def forged(self) -> Sequence[Post]:
        """Unsigned, signed with another secret, and changed."""
        genuine = self.says("moi")
        other = {"X-Signature": signature(b"another", genuine.body)}
        return [
            Post(path=PATH, body=genuine.body),
            Post(path=PATH, body=genuine.body, headers=other),
            Post(path=PATH, body=genuine.body + b" ", headers=genuine.headers),
        ]

    def malformed(self) -> Sequence[Post]:
        """Signed, and no letter."""
        return [
            _post(body) for body in (b"", b"{", b"[]", b"\xff", b'{"id":"1"}', b'{"id":"","sender":"x","text":"x"}')
        ]

    async def shown(self, by: int = 0) -> list[str]:
        """The letters."""
        return [letter["text"] for letter in self.letters.values() if letter["to"] == f"citizen {by}"]

    def trouble(self, kind: Trouble) -> None:
        """Meet the next letter so."""
        self._trouble = kind

    def hang(self, *, hanging: bool) -> None:
        """Wait for a minute before each answer."""
        self._hanging = hanging

    async def take(self, request: web.Request) -> web.Response:
        """A letter of ours."""
        letter = await request.json()
        if self._hanging:
            await asyncio.sleep(60)
        if self._trouble is not None:
            (status, body, headers), self._trouble = ANSWERS[self._trouble], None
            return web.Response(status=status, text=body, headers=headers)
        self.letters.setdefault(letter["key"], letter)
        return web.json_response({"number": len(self.letters)})


def _post(body: bytes) -> Post:
    return Post(path=PATH, body=body, headers={"X-Signature": signature(SECRET.encode(), body)})


@asynccontextmanager
async def standing() -> AsyncIterator[PostOffice]:
    """A post office on this machine."""
    office = PostOffice()
    async with served([web.post("/letters", office.take)]) as url:
        office.settings["url"] = f"{url}/letters"
        yield office


LETTERBOX = Row(kind=KIND, standing=standing)
