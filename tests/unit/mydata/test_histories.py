"""Random histories of people: each comes along whole, and of each nothing at all is left, in the database or a dump.

``NEUVO_HISTORIES=500 pytest tests/unit/mydata/test_histories.py`` holds as many of them.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from bot.codec import KeyDestroyed, Message
from bot.embedded_binaries import programs
from bot.handoff import Handoffs
from bot.messages import (
    Address,
    Delivery,
    DeliveryState,
    Effect,
    Incoming,
    Outcome,
    Photo,
    Reach,
    Turn,
)
from channels.teams.references import Reference, References
from channels.telegram.buttons import Buttons
from channels.webchat.store import Store
from mydata.accesses import Accesses, Actor
from mydata.ledger import Ledger
from mydata.people import People
from tests.sentences import LANGUAGES, TEXTS
from tests.unit.mydata.ledgers import MAC_KEY, PURPOSES, wish
from tests.unit.mydata.office import Office, office
from tests.unit.mydata.test_export import SCHEMA, exports
from tests.unit.turn.house import Wire, answer

MANY = int(os.environ.get("NEUVO_HISTORIES", "25"))
CHANNELS = ("webchat", "telegram", "teams")
ACTS = (
    *("say", "say", "say", "photo", "report", "run", "keep", "handoff", "agent", "note", "close"),
    *("link", "opt_out", "delivered", "copy", "read", "hold", "move", "allow", "end"),
)
acts = st.lists(st.tuples(st.sampled_from(ACTS), st.integers(0, 2)), min_size=1, max_size=14)


class Named(Wire):
    """A wire of the name of a channel with tables of its own."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name


class Desk:
    """Takes reports; every third of them later."""

    async def report(self, _key: str, words: str) -> str:
        return f"ticket for {words}"


class Always:
    """Staff who are there."""

    def open(self, _language: str, _now: datetime) -> bool:
        return True

    def words(self, _language: str) -> str:
        return "always"


async def respond(turn: Turn) -> Outcome:
    """Repeats, and asks the desk where it is told to report."""
    text = turn.incoming.text
    if turn.incoming.result is not None:
        return answer(f"done: {turn.incoming.result.value}", state=turn.state)
    asked = (Effect(id=f"e-{turn.incoming.message_id}", name="desk.report", arguments=(text,)),)
    return answer(f"heard {text}", state={"last": text}, effects=asked if "report" in text else ())


@dataclass
class History:
    """What was said by whom. ``secret`` must not be found afterwards; ``shown`` must be found before."""

    found: Office
    channel: str
    addresses: list[str]
    subject: str = field(default_factory=lambda: uuid4().hex)
    secret: set[str] = field(default_factory=set)
    shown: set[str] = field(default_factory=set)
    hidden: set[bytes] = field(default_factory=set)
    decided: dict[str, bytes] = field(default_factory=dict)
    """Receipts, and the pseudonyms under which they stand."""

    def token(self, what: str, *, shown: bool = True) -> str:
        """Words of a citizen or of staff."""
        made = f"{what}-{uuid4().hex}"
        self.secret.add(made)
        if shown:
            self.shown.add(made)
        return made

    async def play(self, act: str, who: int) -> None:
        """One act at the address of that number."""
        key = self.addresses[who % len(self.addresses)]
        await getattr(self, f"_{act}")(key)

    async def _incoming(self, key: str, text: str, **more: Any) -> Incoming:
        id_ = self.token("m", shown=False)
        return Incoming(
            address=Address(self.channel, key), message_id=id_, received_at=datetime.now(UTC), text=text, **more
        )

    async def _hear(self, key: str, text: str, **more: Any) -> None:
        await self.found.house.engine.handle(await self._incoming(key, text, **more))
        await self.found.house.engine.idle()

    async def _say(self, key: str) -> None:
        await self._hear(key, self.token("said"))

    async def _photo(self, key: str) -> None:
        data = uuid4().bytes * 2
        self.hidden.add(data)
        await self._hear(key, self.token("with"), photos=(Photo(content_type="image/png", data=data),))

    async def _report(self, key: str) -> None:
        await self._hear(key, self.token("report"))

    async def _run(self, _key: str) -> None:
        await self.found.house.run_effects()

    async def _keep(self, key: str) -> None:
        message = Message(incoming=await self._incoming(key, self.token("waits")))
        await self.found.house.engine.inbox.accept(message, ready=lambda _: False)

    def _people(self) -> Handoffs:
        house = self.found.house
        return Handoffs(house.database, house.engine, TEXTS, Always())

    async def _conversation(self, key: str) -> UUID:
        if not await self.found.house.rows("SELECT FROM conversations WHERE address_lookup = $1", self._lookup(key)):
            await self._say(key)
        return await self.found.conversation(key)

    def _lookup(self, key: str) -> bytes:
        return self.found.keys.lookup(key)

    async def _handoff(self, key: str) -> None:
        conversation = await self._conversation(key)
        await self._people().request(uuid4().hex, str(conversation), "wish", "en")
        await self._people().claim(conversation, "agent-7", "Aino")

    async def _agent(self, key: str) -> None:
        await self._handoff(key)
        text = self.token("agent")
        if not await self._people().say(await self._conversation(key), "agent-7", text, uuid4()):
            self.shown.discard(text)

    async def _note(self, key: str) -> None:
        await self._handoff(key)
        await self._people().note(await self._conversation(key), "Aino", self.token("note"))

    async def _close(self, key: str) -> None:
        await self._people().close(await self._conversation(key), "agent-7", "Aino", "solved")

    async def _link(self, key: str) -> None:
        """The citizen logs in strongly, and shows that the conversation is theirs."""
        conversation = await self._conversation(key)
        pool = self.found.house.database.pool
        people = People(lambda: pool, self.found.house.engine.sealer)
        person = await people.identified("https://login.example", self.subject, "substantial")
        await people.linked(conversation, person)

    def _ledger(self) -> Ledger:
        pool = self.found.house.database.pool
        return Ledger(lambda: pool, MAC_KEY, PURPOSES)

    async def allowed(self, person: UUID) -> list[dict[str, Any]]:
        """What a person has decided, as the export takes it."""
        pseudonym = (await self.found.keys.own(str(person))).pseudonym("consents")
        entries = await self._ledger().history(pseudonym)
        return [{"at": one.at, "purpose": one.purpose, "kind": one.kind, "receipt": one.receipt} for one in entries]

    async def _allow(self, key: str) -> None:
        await self._conversation(key)
        person = await self.found.person(key)
        pseudonym = (await self.found.keys.own(str(person))).pseudonym("consents")
        change = await self._ledger().give(pseudonym, wish())
        self.decided[change.entry.receipt] = pseudonym

    async def _end(self, key: str) -> None:
        await self._allow(key)
        person = await self.found.person(key)
        pseudonym = (await self.found.keys.own(str(person))).pseudonym("consents")
        change = await self._ledger().withdraw(pseudonym, wish())
        self.decided[change.entry.receipt] = pseudonym

    async def _opt_out(self, key: str) -> None:
        await self._conversation(key)
        await self.found.house.engine.handle(Reach(address=Address(self.channel, key), opted_out=True))

    async def _move(self, key: str) -> None:
        """The channel goes on under another address, as Telegram does when a group grows."""
        if self.channel != "telegram":
            return
        await self._conversation(key)
        to = self.token("moved")
        await self.found.house.engine.handle(Reach(address=Address(self.channel, key), moved_to=to))
        self.addresses[self.addresses.index(key)] = to
        self.shown.discard(key)

    async def _delivered(self, key: str) -> None:
        conversation = await self._conversation(key)
        for (provider_id,) in await self.found.house.rows(
            "SELECT provider_id FROM outbox WHERE conversation_id = $1 AND provider_id IS NOT NULL", conversation
        ):
            delivery = Delivery(channel=self.channel, provider_id=provider_id, state=DeliveryState.DELIVERED)
            await self.found.house.engine.handle(delivery)

    async def _copy(self, key: str) -> None:
        """What the channel itself keeps."""
        await self._conversation(key)
        pool, keys = self.found.house.database.pool, self.found.keys
        words = self.token("copy", shown=False)
        if self.channel == "webchat":
            await Store(lambda: pool, keys).append(key, words, {"text": words}, inbound=True)
        elif self.channel == "telegram":
            await Buttons(lambda: pool, keys).keep(key, words, [words])
        else:
            reference = Reference(service_url=words, conversation=words, bot=words)
            await References(lambda: pool, keys).keep(key, reference)

    async def _read(self, key: str) -> None:
        pool = self.found.house.database.pool
        accesses = Accesses(lambda: pool, TEXTS, LANGUAGES)
        actor = Actor(kind="staff", name="agent-7")
        await accesses.note_conversation(await self._conversation(key), actor, purpose="desk")

    async def _hold(self, key: str) -> None:
        await self._conversation(key)
        number = await self.found.holds.place(await self.found.person(key), "claim", by="clerk")
        assert number is not None
        await self.found.holds.release(number)

    async def persons(self) -> list[UUID]:
        """All of them."""
        return [row[0] for row in await self.found.house.rows("SELECT id FROM persons WHERE merged_into IS NULL")]

    async def ids(self) -> set[str]:
        """Every id that stands for somebody or something of theirs."""
        rows = await self.found.house.rows(
            "SELECT id::text FROM persons UNION SELECT id::text FROM conversations UNION SELECT id::text FROM handoffs "
            "UNION SELECT id::text FROM attachments UNION SELECT provider_id FROM outbox WHERE provider_id <> '' "
            "UNION SELECT encode(c.address_lookup, 'hex') FROM conversations c LEFT JOIN reach r "
            "ON r.channel = c.channel AND r.address_lookup = c.address_lookup WHERE NOT coalesce(r.opted_out, false)"
        )
        return {row[0] for row in rows}


def dump(url: str) -> bytes:
    """A backup of the database as one is made: without the store of keys."""
    command = [str(programs(os.geteuid()) / "pg_dump"), "--exclude-schema=keys", "--inserts", "--dbname", url]
    return subprocess.run(command, capture_output=True, check=True, timeout=60).stdout


def found_in(whole: bytes, secrets: set[bytes]) -> list[bytes]:
    """Which of them are there, as text or as the bytes of a column."""
    return [secret for secret in secrets if secret in whole or secret.hex().encode() in whole]


@settings(
    max_examples=MANY,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # a history is too slow to be tried a hundred times smaller
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(played=acts, channel=st.sampled_from(CHANNELS), told=st.booleans())
async def test_each_history_comes_along_and_goes_whole(
    database_url: str, played: list[tuple[str, int]], channel: str, told: bool
) -> None:
    services: dict[str, object] = {"desk": Desk()}
    async with office(database_url, respond=respond, wire=Named(channel), services=services) as found:
        history = History(found, channel, [f"address-{uuid4().hex}" for _ in range(3)])
        history.secret.update(history.addresses)
        await history.play("say", 0)
        for act, who in played:
            note(f"{act} {who}")
            await history.play(act, who)
        await found.house.engine.idle()
        persons = await history.persons()
        await _comes_along(history, persons)
        secrets = {one.encode() for one in history.secret | await history.ids()} | history.hidden
        told_in = 0
        for person in persons:
            said_in = await found.house.value("SELECT id FROM conversations WHERE person_id = $1 LIMIT 1", person)
            told_in += said_in is not None
            await found.erasures.ask(person, "dialog", conversation_id=said_in if told else None)
        await found.finish()
        for person in persons:
            assert await found.left(person) == {}
        assert found_in(dump(database_url), secrets) == []
        assert await found.house.rows("SELECT id FROM persons") == []
        for person in persons:
            with pytest.raises(KeyDestroyed):
                await found.keys.own(str(person))
        sent = [text for text in _sent(found) if text == "Your data is erased."]
        assert len(sent) == (told_in if told else 0)


async def _comes_along(history: History, persons: list[UUID]) -> None:
    whole = b""
    validate: Callable[[Any], None] = partial(Draft202012Validator(SCHEMA).validate)
    for person in persons:
        pieces = exports(history.found, consents=history.allowed).document(person)
        document = b"".join([piece async for piece in pieces])
        validate(json.loads(document))
        whole += document
        for conversation in json.loads(document)["conversations"]:
            for picture in conversation["pictures"]:
                data = await exports(history.found).picture(UUID(picture["id"]))
                assert data is not None and data in history.hidden
    assert [one for one in history.shown if one.encode() not in whole] == []
    mine = {(await history.found.keys.own(str(person))).pseudonym("consents") for person in persons}
    assert [one for one, whose in history.decided.items() if whose in mine and one.encode() not in whole] == []


def _sent(found: Office) -> list[str]:
    return found.house.wire.sent


async def test_the_search_finds_what_is_there(database_url: str) -> None:
    async with office(database_url, respond=respond) as found:
        await found.house.say("moi", message_id="a-message-of-somebody")
        await found.house.engine.idle()
        person = await found.person()
        secrets = {str(person).encode(), b"a-message-of-somebody", found.keys.lookup("citizen"), b"moi"}
        hidden = {b"moi", b"a-message-of-somebody"}  # the one is sealed, the other a keyed hash
        assert set(found_in(dump(database_url), secrets)) == secrets - hidden
