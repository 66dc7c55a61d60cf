"""A stand-in for the Bot API: a real server that is as strict as Telegram, and can be as troublesome.

It takes what the bot sends and refuses what Telegram refuses. ``Stand.faults`` makes the next calls fail. The functions
at the end build the updates that Telegram sends.
"""

from __future__ import annotations

import asyncio
import html.parser
import itertools
import json
import re
import time
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp import web

TOKEN = "4242:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"
SECRET = "s3cret_of-the-webhook"
BOT = {"id": 4242, "is_bot": True, "first_name": "Neuvo", "username": "HelsinkiBot"}
HEADER = "X-Telegram-Bot-Api-Secret-Token"
CITIZEN = 700_100_200
WORDS = ("text", "caption", "title", "address")
TAGS = frozenset({"b", "strong", "i", "em", "u", "s", "a", "code", "pre", "blockquote"})

_numbers = itertools.count(1000)


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


class BadRequest(Exception):
    """What Telegram answers with 400."""


@dataclass
class Fault:
    """How one call goes wrong. ``body`` that is no string is sent as JSON; ``hang`` waits first, then goes on."""

    status: int = 200
    body: Any = None
    hang: float = 0.0
    cut: bool = False

    @classmethod
    def of(cls, status: int, description: str, **parameters: int) -> Fault:
        more = {"parameters": parameters} if parameters else {}
        return cls(status, {"ok": False, "error_code": status, "description": description, **more})


@dataclass
class Call:
    """One call of a method, with its parameters read."""

    method: str
    values: dict[str, Any]
    at: float


@dataclass
class Stand:
    """What the Bot API knows and was told."""

    url: str = ""
    token: str = TOKEN
    calls: list[Call] = field(default_factory=list)
    messages: list[dict[str, Any]] = field(default_factory=list)
    answered: list[str] = field(default_factory=list)
    webhook: dict[str, Any] | None = None
    commands: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    updates: list[dict[str, Any]] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    faults: defaultdict[str, deque[Fault]] = field(default_factory=lambda: defaultdict(deque))
    blocked: set[int] = field(default_factory=set)
    moved: dict[int, int] = field(default_factory=dict)

    def count(self, method: str) -> int:
        return sum(call.method == method for call in self.calls)

    def texts(self, chat: int = CITIZEN) -> list[str]:
        """What a chat shows, without its markup."""
        return [str(m.get("text", m.get("caption", ""))) for m in self.messages if m["chat"]["id"] == chat]

    def key(self, label: str) -> str:
        """What the newest button of that label carries."""
        for message in reversed(self.messages):
            for row in message.get("reply_markup", {}).get("inline_keyboard", []):
                for button in row:
                    if button["text"] == label:
                        return str(button["callback_data"])
        raise AssertionError(f"no button {label!r}")

    async def handle(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        if request.match_info["token"] != self.token:
            return _refusal(401, "Unauthorized")
        form = await request.post()
        values = {name: _value(name, str(value)) for name, value in form.items()}
        self.calls.append(Call(method, values, time.monotonic()))
        if self.faults[method]:
            fault = self.faults[method].popleft()
            await asyncio.sleep(fault.hang)
            if fault.cut:
                assert request.transport is not None
                request.transport.abort()
                return web.Response()
            if fault.body is not None:
                body = fault.body if isinstance(fault.body, str) else json.dumps(fault.body)
                return web.Response(status=fault.status, text=body)
        return await self._obey(method, values)

    async def _obey(self, method: str, values: dict[str, Any]) -> web.Response:
        act = getattr(self, f"on_{method}", None)
        if act is None:
            return _refusal(404, "Not Found")
        chat = values.get("chat_id")
        if chat in self.blocked:
            return _refusal(403, "Forbidden: bot was blocked by the user")
        if chat in self.moved:
            new = {"migrate_to_chat_id": self.moved[chat]}
            return _refusal(400, "Bad Request: group chat was upgraded to a supergroup chat", new)
        try:
            found = act(values)
            if asyncio.iscoroutine(found):
                found = await found
        except BadRequest as error:
            return _refusal(400, f"Bad Request: {error}")
        return web.json_response({"ok": True, "result": found})

    def on_getMe(self, _values: dict[str, Any]) -> Any:
        return {**BOT, "can_join_groups": True, "can_read_all_group_messages": False, "supports_inline_queries": False}

    def on_setWebhook(self, values: dict[str, Any]) -> Any:
        if not str(values["url"]).startswith("https://"):
            raise BadRequest("bad webhook: HTTPS url must be provided for webhook")
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", values.get("secret_token", "")):
            raise BadRequest("bad webhook: secret token is not valid")
        self.webhook = values
        return True

    def on_deleteWebhook(self, _values: dict[str, Any]) -> Any:
        self.webhook = None
        return True

    def on_setMyCommands(self, values: dict[str, Any]) -> Any:
        for command in values["commands"]:
            if not re.fullmatch(r"[a-z0-9_]{1,32}", command["command"]) or not 1 <= len(command["description"]) <= 256:
                raise BadRequest("BOT_COMMAND_INVALID")
        self.commands[values.get("language_code", "")] = values["commands"]
        return True

    async def on_getUpdates(self, values: dict[str, Any]) -> Any:
        if self.webhook is not None:
            raise BadRequest("can't use getUpdates method while webhook is active")
        offset = int(values.get("offset", 0))
        self.updates[:] = [update for update in self.updates if update["update_id"] >= offset]
        if not self.updates:
            await asyncio.sleep(0.02)
        return self.updates[:]

    def on_sendMessage(self, values: dict[str, Any]) -> Any:
        text = str(values.get("text", ""))
        reader = Reader(text) if values.get("parse_mode") == "HTML" else None
        shown = text if reader is None else reader.text
        if not shown.strip():
            raise BadRequest("message text is empty")
        if units(text) > 4096:
            raise BadRequest("message is too long")
        return self._show(values, text=shown, **({"entities": reader.links} if reader and reader.links else {}))

    def on_sendPhoto(self, values: dict[str, Any]) -> Any:
        if not str(values["photo"]).startswith("https://"):
            raise BadRequest("wrong file identifier/HTTP URL specified")
        if units(values.get("caption", "")) > 1024:
            raise BadRequest("message caption is too long")
        return self._show(values, caption=values.get("caption", ""), photo=[_size("sent", 90)])

    def on_sendVenue(self, values: dict[str, Any]) -> Any:
        if not values.get("title") or not values.get("address"):
            raise BadRequest("VENUE_ADDRESS_INVALID")
        place = {"latitude": float(values["latitude"]), "longitude": float(values["longitude"])}
        return self._show(values, venue={"location": place, "title": values["title"], "address": values["address"]})

    def on_answerCallbackQuery(self, values: dict[str, Any]) -> Any:
        if values["callback_query_id"] in self.answered:
            raise BadRequest("query is too old and response timeout expired or query ID is invalid")
        self.answered.append(values["callback_query_id"])
        return True

    def on_editMessageReplyMarkup(self, values: dict[str, Any]) -> Any:
        for message in self.messages:
            if message["message_id"] == values["message_id"] and message["chat"]["id"] == values["chat_id"]:
                _check_keyboard(values.get("reply_markup"))
                message["reply_markup"] = values.get("reply_markup", {})
                return message
        raise BadRequest("message to edit not found")

    def on_getFile(self, values: dict[str, Any]) -> Any:
        if values["file_id"] not in self.files:
            raise BadRequest("wrong file_id or the file is temporarily unavailable")
        data = self.files[values["file_id"]]
        if len(data) > 20 * 1024 * 1024:
            raise BadRequest("file is too big")
        size = {"file_size": len(data), "file_path": f"photos/{values['file_id']}.jpg"}
        return {"file_id": values["file_id"], "file_unique_id": "u", **size}

    async def download(self, request: web.Request) -> web.Response:
        if self.faults["file"]:
            await asyncio.sleep(self.faults["file"].popleft().hang)
        data = self.files.get(request.match_info["name"].removesuffix(".jpg"))
        return web.Response(body=data) if data is not None else web.Response(status=404)

    def _show(self, values: dict[str, Any], **content: Any) -> dict[str, Any]:
        _check_keyboard(values.get("reply_markup"))
        chat = int(values["chat_id"])
        if chat == 404:
            raise BadRequest("chat not found")
        kind = {"id": chat, "type": "private" if chat > 0 else "supergroup"}
        message = {"message_id": next(_numbers), "date": int(time.time()), "chat": kind, "from": BOT, **content}
        if "reply_markup" in values:
            message["reply_markup"] = values["reply_markup"]
        self.messages.append(message)
        return message


def readable(text: str) -> str:
    """What a text in Telegram's HTML shows. Raises ``BadRequest`` for what Telegram cannot read."""
    return Reader(text).text


class Reader(html.parser.HTMLParser):
    """Telegram's HTML, read as strictly as Telegram does: its text, and its links as Telegram's entities."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        if found := re.search(r"&(?!(?:amp|lt|gt|quot|#\d+|#x[0-9a-fA-F]+);)", text):
            raise BadRequest(f"can't parse entities: bare ampersand at byte offset {found.start()}")
        if found := re.search(r"<(?!/?[a-z]+(?: href=\"[^\"<>]*\")?>)", text):
            raise BadRequest(f"can't parse entities: Unsupported start tag at byte offset {found.start()}")
        self.text = ""
        self.links: list[dict[str, Any]] = []
        self._open: list[tuple[str, str, int]] = []
        self.feed(text)
        self.close()
        if self._open:
            raise BadRequest(f"can't parse entities: Can't find end tag corresponding to start tag {self._open[-1][0]}")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in TAGS or (attrs and tag != "a"):
            raise BadRequest(f'can\'t parse entities: Unsupported start tag "{tag}"')
        self._open.append((tag, dict(attrs).get("href") or "", units(self.text)))

    def handle_endtag(self, tag: str) -> None:
        opened, url, offset = self._open.pop() if self._open else ("", "", 0)
        if opened != tag:
            raise BadRequest("can't parse entities: Unexpected end tag")
        if url:
            length = units(self.text) - offset
            self.links.append({"type": "text_link", "offset": offset, "length": length, "url": url})

    def handle_data(self, data: str) -> None:
        self.text += data


def _check_keyboard(markup: Any) -> None:
    if markup is None:
        return
    rows = markup["inline_keyboard"]
    if sum(map(len, rows)) > 100:
        raise BadRequest("reply markup is too long")
    for button in itertools.chain(*rows):
        data, url = button.get("callback_data"), button.get("url")
        if not button.get("text") or (data is None) == (url is None):
            raise BadRequest("inline keyboard button is invalid")
        if data is not None and not 1 <= len(data.encode()) <= 64:
            raise BadRequest("BUTTON_DATA_INVALID")
        if url is not None and not re.match(r"https?://[^/]+\.[^/]+", url):
            raise BadRequest("BUTTON_URL_INVALID")


def _value(name: str, value: str) -> Any:
    """A parameter of a form: numbers and objects are JSON in it."""
    numbers = ("chat_id", "message_id", "offset", "latitude", "longitude")
    return json.loads(value) if name in numbers or (value[:1] in ("[", "{") and name not in WORDS) else value


def _refusal(status: int, description: str, parameters: dict[str, int] | None = None) -> web.Response:
    more = {"parameters": parameters} if parameters else {}
    return web.json_response({"ok": False, "error_code": status, "description": description, **more}, status=status)


@asynccontextmanager
async def standing(stand: Stand | None = None) -> AsyncIterator[Stand]:
    """The Bot API at ``Stand.url`` until the block ends."""
    stand = stand or Stand()
    site = web.Application(client_max_size=50 * 1024 * 1024)
    site.router.add_post("/bot{token}/{method}", stand.handle)
    site.router.add_get("/file/bot{token}/photos/{name}", stand.download)
    runner = web.AppRunner(site, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    tcp = web.TCPSite(runner, "127.0.0.1", 0)
    await tcp.start()
    stand.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield stand
    finally:
        await runner.cleanup()


async def deliver(http: aiohttp.ClientSession, url: str, update: Any, secret: str | None = SECRET) -> int:
    """Send an update to a webhook as Telegram does; gives the status of the answer."""
    headers = {} if secret is None else {HEADER: secret}
    async with http.post(url, json=update, headers=headers) as response:
        await response.read()
        return response.status


# Updates, as the Bot API documents them.


def person(id_: int = CITIZEN, language: str | None = "fi", **more: Any) -> dict[str, Any]:
    return {"id": id_, "is_bot": False, "first_name": "<Matti />", "language_code": language, **more}


def private(id_: int = CITIZEN) -> dict[str, Any]:
    return {"id": id_, "first_name": "<Matti />", "type": "private"}


def group(id_: int = -1001) -> dict[str, Any]:
    return {"id": id_, "title": "Talotoimikunta", "type": "supergroup" if id_ <= -1000 else "group"}


def update(kind: str, content: dict[str, Any]) -> dict[str, Any]:
    return {"update_id": next(_numbers), kind: content}


def message(chat: dict[str, Any] | None = None, **content: Any) -> dict[str, Any]:
    """A message of a citizen: ``text=…``, or any other content."""
    made = {"message_id": next(_numbers), "date": int(time.time()), "chat": chat or private(), "from": person()}
    entities = _entities(content.get("text", ""))
    return {**made, **({"entities": entities} if entities else {}), **content}


def said(text: str, chat: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """The update of a text."""
    return update("message", message(chat, text=text, **more))


def photo(file_id: str = "photo", **more: Any) -> dict[str, Any]:
    return update("message", message(photo=[_size(f"{file_id}-s", 90), _size(file_id, 1280)], **more))


def pressed(key: str | None, under: dict[str, Any] | None, query: str | None = None) -> dict[str, Any]:
    """A press of a button under a message of ours (``None``: too old for Telegram to tell of)."""
    more = {} if under is None else {"message": under}
    data = {} if key is None else {"data": key}
    query = query or str(next(_numbers))
    return update("callback_query", {"id": query, "from": person(), "chat_instance": "1", **more, **data})


def member(status: str, chat: dict[str, Any] | None = None) -> dict[str, Any]:
    """The bot is blocked (``kicked``) or let in again (``member``)."""
    change = {"chat": chat or private(), "from": person(), "date": int(time.time())}
    until = {"until_date": 0} if status == "kicked" else {}
    old = {"user": BOT, "status": "member" if status in ("kicked", "left") else "left"}
    return update(
        "my_chat_member",
        {**change, "old_chat_member": old, "new_chat_member": {"user": BOT, "status": status, **until}},
    )


def genuine() -> Sequence[dict[str, Any]]:
    """One update of each kind."""
    file = {"file_id": "f", "file_unique_id": "u", "file_size": 100}
    place = {"latitude": 60.1699, "longitude": 24.9384}
    return [
        said("kirjasto"),
        said("/start kirjasto"),
        said("@HelsinkiBot hei", group()),
        update("edited_message", message(text="kirjastokortti", edit_date=int(time.time()))),
        update(
            "channel_post", {**message({"id": -100, "title": "Kanava", "type": "channel"}, text="hei"), "from": None}
        ),
        update("message", message(location=place)),
        update("message", message(venue={"location": place, "title": "Oodi", "address": "Töölönlahdenkatu 4"})),
        photo(caption="kuoppa"),
        update("message", message(document={**file, "mime_type": "image/png", "file_name": "kuva.png"})),
        update(
            "message",
            message(
                sticker={
                    **file,
                    "type": "regular",
                    "width": 1,
                    "height": 1,
                    "is_animated": False,
                    "is_video": False,
                    "emoji": "👍",
                }
            ),
        ),
        update("message", message(voice={**file, "duration": 3})),
        update("message", message(contact={"phone_number": "+358401234567", "first_name": "Matti"})),
        update("message", message(group(), new_chat_members=[person(5)])),
        update("message", message(group(-77), migrate_to_chat_id=-1001)),
        update("message", message(group(-1001), migrate_from_chat_id=-77)),
        pressed("key", message()),
        pressed("key", {"message_id": 1, "date": 0, "chat": private()}),
        pressed("key", None),
        member("kicked"),
        member("member"),
    ]


def _entities(text: str) -> list[dict[str, Any]]:
    kinds = (("bot_command", r"^/\w+(?:@\w+)?"), ("mention", r"(?<!\S)@\w+"))
    return [
        {"type": kind, "offset": units(text[: found.start()]), "length": units(found[0])}
        for kind, pattern in kinds
        for found in re.finditer(pattern, text)
    ]


def _size(file_id: str, width: int) -> dict[str, Any]:
    return {"file_id": file_id, "file_unique_id": "u", "width": width, "height": width, "file_size": width * 100}
