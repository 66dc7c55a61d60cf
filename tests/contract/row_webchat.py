"""The row of web chat: its provider is our own server, and its citizens are browsers."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, ClassVar

import aiohttp

from channels.base import SendError
from channels.webchat.kind import KIND
from channels.webchat.tokens import Grant, Tokens
from tests.contract.provider import Post, Row, Trouble, strings

CITIZENS = 3
DIRECT_LINE = "/v3/directline"
SECRET = "s" * 40
FOREIGN = {"Origin": "https://evil.example"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tab:
    """One citizen's conversation."""

    url: str
    headers: dict[str, str]


@dataclass
class Browsers:
    """Citizens with a tab each."""

    settings: Mapping[str, Any] = field(default_factory=lambda: {"secret": SECRET})
    public_url: str | None = None
    long_text: int | None = None
    expected: ClassVar[Mapping[Trouble, tuple[type[SendError], ...]]] = {}
    tabs: list[Tab] = field(default_factory=list)

    async def begin(self, http: aiohttp.ClientSession, base: str) -> None:
        """Take tokens and begin conversations; where that was done already, go on with another server."""
        self._http, self._base = http, base
        while len(self.tabs) < CITIZENS:
            async with http.post(f"{base}{DIRECT_LINE}/tokens/generate") as response:
                token = (await response.json())["token"]
            headers = {"Authorization": f"Bearer {token}"}
            async with http.post(f"{base}{DIRECT_LINE}/conversations", headers=headers) as response:
                opened = await response.json()
            self.tabs.append(Tab(url=f"{DIRECT_LINE}/conversations/{opened['conversationId']}", headers=headers))

    def says(self, text: str, *, by: int = 0, message_id: str = "") -> Post:
        """A message as Direct Line clients post it."""
        data = {"channelData": {"clientActivityID": message_id}} if message_id else {}
        return self._post({"type": "message", "text": text, "from": {"id": "anybody"}, **data}, by)

    def shows(self) -> None:
        """None: pictures come with their messages."""

    def asked_for_pictures(self) -> int:
        """Never."""
        return 0

    def presses(self, label: str) -> Post:
        """A press of a suggested action of the newest answer that has it."""
        for activity in reversed(self._seen):
            for action in activity.get("suggestedActions", {}).get("actions", []):
                if action["title"] == label:
                    return self._post({"type": "message", "text": label, "value": action["value"]}, 0)
        raise AssertionError(f"no button {label!r}")

    def forged(self) -> Sequence[Post]:
        """Without a token, with garbage, with tokens that are not for this, and from a page that may not have one."""
        genuine, other = self.says("moi"), self.tabs[1].headers
        grant = Grant(conversation=self.tabs[0].url.rpartition("/")[2], user="dl_anybody")
        ours, long_ago = Tokens(SECRET), Tokens(SECRET, clock=lambda: 0.0)
        tokens = [Tokens("x" * len(SECRET)).make(grant), ours.make(grant, use="stream"), long_ago.make(grant)]
        without: list[dict[str, str]] = [
            {},
            {"Authorization": "Bearer garbage"},
            {"Authorization": "Basic eDp5"},
            other,
            *({"Authorization": f"Bearer {token}"} for token in tokens),
            {**genuine.headers, **FOREIGN},
        ]
        kind = {"Content-Type": "application/json"}
        return [
            *(Post(path=genuine.path, body=genuine.body, headers={**kind, **more}) for more in without),
            Post(path=f"{DIRECT_LINE}/tokens/generate", body=b"", headers=FOREIGN),
        ]

    def malformed(self) -> Sequence[Post]:
        """No JSON, no object, no type, and values of wrong types."""
        bodies = (b"", b"{", b"[]", b"null", b"\xff", b"{}", b'{"type":"message","text":{"a":1}}', b'{"type":7}')
        genuine = self.says("moi")
        return [Post(path=genuine.path, body=body, headers=genuine.headers) for body in bodies]

    async def shown(self, by: int = 0) -> list[str]:
        """What the server shows, the citizen's own words left out."""
        tab = self.tabs[by]
        async with self._http.get(f"{self._base}{tab.url}/activities", headers=tab.headers) as response:
            activities = (await response.json())["activities"]
        self._seen = [activity for activity in activities if activity["from"]["role"] == "bot"]
        return ["\n".join(strings(activity)) for activity in self._seen]

    def trouble(self, kind: Trouble) -> None:
        """None: nobody is in between."""

    def hang(self, *, hanging: bool) -> None:
        """Never."""

    def _post(self, activity: dict[str, Any], by: int) -> Post:
        headers = {**self.tabs[by].headers, "Content-Type": "application/json"}
        return Post(path=f"{self.tabs[by].url}/activities", body=json.dumps(activity).encode(), headers=headers)


@asynccontextmanager
async def standing() -> AsyncIterator[Browsers]:
    """Browsers that have not been opened yet."""
    yield Browsers()


WEBCHAT = Row(kind=KIND, standing=standing)
