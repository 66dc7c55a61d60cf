"""The row of Microsoft Teams."""

from __future__ import annotations

import json
import zlib
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, ClassVar

import aiohttp

from channels.base import Refused, RetryAfter, SendError, UnknownOutcome, Unreachable
from channels.teams.kind import KIND, PATH
from tests.contract import teams_stand as stand
from tests.contract.provider import Post, Row, Trouble, strings

ABROAD = "https://evil.example/"


class Teams:
    """Microsoft's authority and connector, and citizens in personal chats."""

    public_url = "https://chat.example.fi"
    long_text = 50_000
    expected: ClassVar[Mapping[Trouble, tuple[type[SendError], ...]]] = {
        Trouble.BUSY: (RetryAfter,),
        Trouble.FAILING: (RetryAfter, UnknownOutcome),
        Trouble.NONSENSE: (UnknownOutcome,),
        Trouble.BLOCKED: (Unreachable,),
        Trouble.REFUSED: (Refused,),
    }

    def __init__(self, microsoft: stand.Stand) -> None:
        self._microsoft = microsoft
        self.settings = {
            "app_id": stand.APP_ID,
            "app_password": stand.PASSWORD,
            "tenant_id": stand.TENANT,
            "openid_url": microsoft.openid_url,
            "login_url": microsoft.url,
            "service_hosts": ("127.0.0.1",),
        }

    async def begin(self, http: aiohttp.ClientSession, base: str) -> None:
        """Nothing: the chat opens with the first message."""

    def says(self, text: str, *, by: int = 0, message_id: str = "") -> Post:
        """A message in a personal chat."""
        changes: dict[str, Any] = {"conversation": _chat(by), "text": text}
        changes["from"] = {"id": f"{stand.PERSON}-{by}", "name": "Maija Meikäläinen"}
        if message_id:
            changes["id"] = str(zlib.crc32(message_id.encode()))
        return self._post(self._microsoft.activity(**changes))

    def shows(self) -> Post:
        """A picture in the words' place."""
        url = f"{self._microsoft.service_url}v3/attachments/a/views/original"
        changes: dict[str, Any] = {"conversation": _chat(0), "text": "kuoppa"}
        changes["from"] = {"id": f"{stand.PERSON}-0", "name": "Maija Meikäläinen"}
        changes["attachments"] = [{"contentType": "image/png", "contentUrl": url}]
        return self._post(self._microsoft.activity(**changes))

    def asked_for_pictures(self) -> int:
        """How often a file was asked for."""
        return len(self._microsoft.file_authorizations)

    def presses(self, label: str) -> Post:
        """A press of an action of the newest card."""
        for activity in reversed(self._microsoft.sent):
            for action in _actions(activity):
                if action.get("title") == label:
                    payload = action["data"].get("payload") or action["data"]["msteams"]["value"]["payload"]
                    return self._post(self._microsoft.pressed(payload, label, conversation=_chat(0)))
        raise AssertionError(f"no action {label!r}")

    def forged(self) -> Sequence[Post]:
        """No token, garbage, expired, another's, an emulator's, not signed at all, and one to answer elsewhere."""
        activity = self._microsoft.activity()
        make = self._microsoft.token
        tokens = [
            "garbage",
            make(exp=1),
            make(signed_by="stranger"),
            make(signed_by="stranger", kid="first"),
            make(aud="another app"),
            make(iss="https://evil.example"),
            make(iss=stand.EMULATOR, ver="1.0", appid=stand.APP_ID),
            make(algorithm="none"),
            make(algorithm="HS256"),
            make(serviceurl=ABROAD),
        ]
        headers = [{}, {"Authorization": "Basic eDp5"}, *({"Authorization": f"Bearer {token}"} for token in tokens)]
        body = json.dumps(activity).encode()
        abroad = json.dumps(self._microsoft.activity(serviceUrl=ABROAD)).encode()
        signed = {**stand.HEADERS, "Authorization": f"Bearer {make(serviceurl=ABROAD)}"}
        return [
            *(Post(path=PATH, body=body, headers={**stand.HEADERS, **more}) for more in headers),
            Post(path=PATH, body=abroad, headers=signed),
        ]

    def malformed(self) -> Sequence[Post]:
        """With a genuine token, and no JSON, no object, or an activity with holes."""
        holes = [
            self._microsoft.activity(conversation=None),
            self._microsoft.activity(conversation={"id": 7}),
            {"serviceUrl": self._microsoft.service_url},
        ]
        bodies = [b"", b"{", b"[]", b"null", b"\xff", *(json.dumps(hole).encode() for hole in holes)]
        return [self._genuine(body) for body in bodies]

    async def shown(self, by: int = 0) -> list[str]:
        """The words of each activity and of its card."""
        mine = [each for each in self._microsoft.sent if each["conversation"]["id"] == _chat(by)["id"]]
        return ["\n".join(strings(activity)) for activity in mine]

    def trouble(self, kind: Trouble) -> None:
        """Meet the next activity so."""
        answers = {
            Trouble.BUSY: stand.Answer(status=429, headers={"Retry-After": "7"}),
            Trouble.FAILING: stand.Answer(status=502),
            Trouble.NONSENSE: stand.Answer(status=200, body=b"<html>hei</html>"),
            Trouble.BLOCKED: stand.Answer(status=403),
            Trouble.REFUSED: stand.Answer(status=400),
        }
        self._microsoft.answers.append(answers[kind])

    def hang(self, *, hanging: bool) -> None:
        """Wait for a minute before the next answer."""
        self._microsoft.answers[:] = [stand.Answer(delay=60.0)] if hanging else []
        self._microsoft.files_delay = 60.0 if hanging else 0.0

    def _post(self, activity: dict[str, Any]) -> Post:
        return self._genuine(json.dumps(activity).encode())

    def _genuine(self, body: bytes) -> Post:
        headers = {**stand.HEADERS, "Authorization": f"Bearer {self._microsoft.token()}"}
        return Post(path=PATH, body=body, headers=headers)


def _chat(by: int) -> dict[str, Any]:
    return {"conversationType": "personal", "tenantId": stand.TENANT, "id": f"{stand.CHAT}-{by}"}


def _actions(value: Any) -> list[dict[str, Any]]:
    """All actions of a card, in order."""
    if isinstance(value, dict):
        here = [value] if str(value.get("type", "")).startswith("Action.") and "data" in value else []
        return here + [action for item in value.values() for action in _actions(item)]
    return [action for item in value for action in _actions(item)] if isinstance(value, list) else []


@asynccontextmanager
async def standing() -> AsyncIterator[Teams]:
    """Microsoft on this machine."""
    async with stand.standing() as microsoft:
        yield Teams(microsoft)


TEAMS = Row(kind=KIND, standing=standing)
