"""A citizen and a city for the tests of dialogs: everything but the dialogs and their engine is a small double.

Each turn's state goes through JSON and a fresh ``Conversation``, as if the process had been started anew.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bot.messages import (
    Address,
    Choice,
    Effect,
    EffectResult,
    Entity,
    Incoming,
    Match,
    Outcome,
    Reply,
    Safety,
    Session,
    Turn,
)
from bot.texts import Texts
from dialogs import DIALOGS
from dialogs.conversation import Conversation
from dialogs.dialog import Dialog
from dialogs.errors import RunFailed
from dialogs.house import Understand
from dialogs.services import ServiceUnavailable
from dialogs.words import Words

ROOT = Path(__file__).parents[3]
LANGUAGES = ("fi", "sv", "en")
WORDS = Words.load(ROOT / "knowledge" / "commands.yaml")
TEXTS = Texts.load(ROOT / "knowledge" / "texts", LANGUAGES)
KEYS = TEXTS.keys()
BEGINNING = datetime(2026, 11, 26, 10, 0, tzinfo=UTC)

INTENTS = {
    "lähin": "find_place", "missä": "find_place", "where": "find_place", "närmaste": "find_place",
    "auki": "opening_hours", "öppet": "opening_hours", "open": "opening_hours",
    "kuoppa": "feedback_report", "pothole": "feedback_report", "vika": "feedback_report",
    "moi": "greeting", "hej": "greeting", "hello": "greeting", "kiitos": "thanks", "robotti": "bot_identity",
    "ihmisen": "human_handoff", "ruotsia": "language_switch", "svenska": "language_switch",
    "kirjastokortti": "library_card", "koirapuistoa": "dog_park", "texting": "opt_out",
    "tapahtumia": "event_search", "evenemang": "event_search", "events": "event_search",
    "ilmoitukselleni": "feedback_status",
}  # fmt: skip
PLACES = {
    "kallio": ("district", "kallio"), "kalliossa": ("district", "kallio"), "hämeentie": ("street", "hameentie"),
    "hämeentiellä": ("street", "hameentie"), "oodi": ("unit", "1"), "kirjasto": ("service", "library"),
    "kirjastoa": ("service", "library"), "library": ("service", "library"), "huomenna": ("date", "2026-11-27"),
    "biblioteket": ("service", "library"),
}  # fmt: skip


def understand(text: str, session: Session) -> Match:
    """Keywords alone: the words of the tests, by the contract of the real one."""
    words = text.lower().replace("?", " ").replace("!", " ").replace(",", " ").split()
    entities, at = [], 0
    for word in text.split():
        start = text.index(word, at)
        at = start + len(word)
        kind = PLACES.get(word.strip("?!,.").lower())
        if kind is not None:
            entities.append(Entity(kind=kind[0], value=kind[1], text=word.strip("?!,."), start=start, end=at))
    intents = [INTENTS[word] for word in words if word in INTENTS]
    language = "en" if {"where", "the", "hello", "is", "please"} & set(words) else session.language or "fi"
    safety = Safety.CRISIS if "jaksa enää elää" in text else Safety.EMERGENCY if "hengitä" in text else None
    close = ("library_card", "dog_park") if "epäselvä" in words else ()
    intent = intents[0] if intents and not close else "OUT_OF_SCOPE"
    return Match(
        text=text, language=language, intent=intent, confidence=0.9, entities=tuple(entities), safety=safety,
        suggestions=close,
    )  # fmt: skip


class Topics:
    """A few answers."""

    def answer(self, intent: str, language: str) -> Reply | None:
        if intent not in {"library_card", "dog_park", "health_booking", "health_booking_cancel", "data_export"}:
            return None
        return Reply(text=f"answer {intent} {language}", short=f"{intent} {language}", language=language)

    def source(self, intent: str, language: str) -> str:
        return f"source {intent} {language}"

    def title(self, intent: str, language: str) -> str | None:
        return f"title {intent} {language}"

    def service(self, intent: str) -> str | None:
        return "dog_park" if intent == "dog_park" else None

    def opens(self, intent: str) -> str | None:
        return None


@dataclass
class City:
    """Places, hours and a desk of faults; each can be down."""

    down: set[str] = field(default_factory=set)
    asked: list[tuple[Any, ...]] = field(default_factory=list)
    known: bool = True
    demonstration: bool = True
    state: str = "self_service"
    ids: tuple[str, ...] = ("1", "2")
    events: int = 4
    stage: str = "received"
    found: list[Any] = field(default_factory=list)

    def _ask(self, *call: Any) -> None:
        self.asked.append(call)
        if call[0] in self.down:
            raise ServiceUnavailable("down")

    async def nearest(self, service: str, place: Any, limit: int) -> list[Any]:
        self._ask("nearest", service, place, limit)
        return [self._unit(unit, service) for unit in self.ids][:limit]

    async def unit(self, unit_id: str) -> Any:
        self._ask("unit", unit_id)
        return self._unit(unit_id, "library")

    def place(self, kind: str, place_id: str, text: str) -> Any:
        placed = kind != "street"
        where = (60.18, 24.95) if placed else (None, None)
        return {"kind": kind, "id": place_id, "text": text, "latitude": where[0], "longitude": where[1]}

    def mask(self, text: str) -> str:
        return text.replace("040 1234567", "‹phone›")

    async def search(self, wish: Any) -> list[Any]:
        self._ask("search", wish)
        return [self._event(number) for number in range(1, 1 + self.events)][: wish["limit"]]

    async def find(self, text: str, language: str, limit: int = 3) -> list[Any]:
        self._ask("find", text, language, limit)
        return self.found[:limit]

    def answer(self, intent: str, language: str) -> Reply | None:
        return Topics().answer(intent, language)

    def source(self, intent: str, language: str) -> str:
        return f"source {intent} {language}"

    def _report(self, number: str) -> Any:
        self._ask("report", number)
        return {"number": number, "known": self.known, "stage": self.stage, "kind": "Kuoppa", "notes": "Korjataan",
                "reported": "2026-11-20T08:00:00Z", "updated": None, "demonstration": self.demonstration}  # fmt: skip

    def _event(self, number: int) -> Any:
        return {"id": f"e{number}", "names": {"fi": f"Juhla {number}"}, "summaries": {}, "urls": {}, "unit_id": None,
                "starts": "2026-11-28T18:00:00+02:00", "ends": "2026-11-28T20:00:00+02:00", "has_time": True,
                "status": "scheduled", "free": True, "children": False, "languages": ["fi"],
                "place_names": {"fi": "Oodi"}, "latitude": None, "longitude": None, "distance_m": None, "as_of": None,
                "demonstration": self.demonstration}  # fmt: skip

    def services(self) -> tuple[str, ...]:
        return ("library", "dog_park", "swimming_hall")

    def name(self, kind: str, item_id: str, language: str) -> str:
        return f"{item_id}-{language}"

    async def on(self, unit_id: str, date: str) -> Any:
        self._ask("on", unit_id, date)
        periods = [{"start": "09:00", "end": "20:00", "ends_next_day": False, "state": "open"},
                   {"start": "20:00", "end": "22:00", "ends_next_day": False, "state": self.state}]  # fmt: skip
        return {"date": date, "known": self.known, "periods": periods if self.known else [],
                "demonstration": self.demonstration}  # fmt: skip

    async def status(self, unit_id: str, now: str | None = None) -> Any:
        """Of a unit at a moment; of a report where there is none (the two services are one double here)."""
        if now is None:
            return self._report(unit_id)
        self._ask("status", unit_id, now)
        return {"known": self.known, "open": True, "state": "open", "until": None,
                "closes": f"{now[:10]}T20:00:00+02:00", "next_opening": None, "next_state": None,
                "demonstration": self.demonstration, "as_of": None}  # fmt: skip

    def holiday(self, date: str, language: str) -> str | None:
        return None

    async def kinds(self, language: str) -> list[Any]:
        self._ask("kinds", language)
        return [{"code": "p1", "name": f"Kuoppa {language}", "group": "g", "words": ["monttu"]},
                {"code": "p2", "name": f"Katuvalot {language}", "group": "g", "words": ["lamppu"]}]  # fmt: skip

    async def submit(self, key: str, kind: str, place: Any, details: str) -> Any:
        raise AssertionError("an effect is never run by a dialog")

    def _unit(self, unit_id: str, service: str) -> Any:
        return {"id": unit_id, "service": service, "names": {"fi": f"Talo {unit_id}", "sv": f"Hus {unit_id}"},
                "addresses": {"fi": "Katu 1"}, "urls": {"fi": f"https://example.org/{unit_id}"}, "phone": "+358 9 1",
                "latitude": 60.1, "longitude": 24.9, "distance_m": 420}  # fmt: skip


def open_texts(key: str, language: str, **values: object) -> str:
    """The real sentences, and for dialogs of the tests the key itself with its values."""
    if key in KEYS:
        return TEXTS(key, language, **values)
    if key.startswith("t") and not key.endswith(("_short", "_again", "_yes", "_no", ".submit")):
        shown = ",".join(f"{name}={value}" for name, value in sorted(values.items()))
        return f"<{key}|{language}|{shown}>"
    raise KeyError(key)


@dataclass
class Talker:
    """One citizen talking to the city."""

    dialogs: Mapping[str, Dialog]
    services: Mapping[str, object] = field(default_factory=dict)
    channel: str = "webchat"
    options: dict[str, Any] = field(default_factory=dict)
    state: Any = None
    now: datetime = BEGINNING
    last: Outcome | None = None
    effects: list[Effect] = field(default_factory=list)
    failures: list[RunFailed] = field(default_factory=list)
    understand: Understand = understand
    words: Words = WORDS
    beside: list[Any] = field(default_factory=list)
    count: int = 0

    @classmethod
    def of(cls, *dialogs: Dialog, **options: Any) -> Talker:
        """With dialogs of the test's own, opened by pressing their names."""
        return cls({dialog.name: dialog for dialog in dialogs}, **options)

    async def turn(self, **changes: Any) -> str:
        """One turn; what was said in it."""
        self.count += 1
        safety, owned = changes.pop("safety_answered", False), changes.pop("owned", False)
        beside, self.beside = self.beside, []
        incoming = Incoming(
            address=Address(self.channel, "c"), message_id=f"m{self.count}", received_at=self.now, **changes
        )
        turn = Turn(
            conversation_id="c1", person_id="p", channel=self.channel, incoming=incoming, now=self.now,
            state=self.state, beside=beside, safety_answered=safety, owned=owned,
        )  # fmt: skip
        before = json.dumps(self.state)
        conversation = Conversation(
            dialogs=self.dialogs, topics=Topics(), texts=open_texts, words=self.words, understand=self.understand,
            services=self.services, zone=ZoneInfo("Europe/Helsinki"), languages=LANGUAGES,
            report=self.failures.append, **self.options,
        )  # fmt: skip
        self.last = await conversation.respond(turn)
        assert json.dumps(self.state) == before, "a turn must not change the state that it was given"
        self.state = json.loads(json.dumps(self.last.state))
        assert self.state == self.last.state, "a state must survive a restart unchanged"
        self.effects += self.last.effects
        self.now += timedelta(seconds=30)
        return self.said

    async def say(self, text: str, **changes: Any) -> str:
        """The citizen writes."""
        return await self.turn(text=text, **changes)

    async def open(self, name: str) -> str:
        """The citizen presses the button of an intent."""
        return await self.turn(payload=f"i|{name}")

    async def press(self, label: str) -> str:
        """The citizen presses a button of the last turn."""
        return await self.turn(payload=self.button(label).payload)

    async def result(self, value: Any = None, error: str | None = None, effect: Effect | None = None) -> str:
        """An effect ends."""
        effect = effect or self.effects[-1]
        return await self.turn(result=EffectResult(effect_id=effect.id, value=value, error=error))

    def button(self, label: str) -> Choice:
        """A button of the last turn, by the beginning of its label."""
        choices = [choice for reply in self.replies for choice in reply.choices]
        return next(choice for choice in choices if choice.label.startswith(label))

    @property
    def replies(self) -> tuple[Reply, ...]:
        return self.last.replies if self.last is not None else ()

    @property
    def said(self) -> str:
        """All that the citizen reads of the last turn."""
        lines = []
        for reply in self.replies:
            cards = [line for card in reply.cards for line in (card.title, *card.lines, card.url or "")]
            lines += [reply.text, *cards, *(choice.label for choice in reply.choices)]
        return "\n".join(lines)

    @property
    def open_runs(self) -> list[Any]:
        return [run for run in self.state.get("runs", []) if not run.get("parked")]


def city_talker(city: City | None = None, **options: Any) -> Talker:
    """With the real dialogs and a city."""
    city = city or City()
    names = ("directory", "hours", "feedback", "events", "search", "masking", "topics")
    services = dict.fromkeys(names, city)
    return Talker(DIALOGS, services, **options)


def changed(dialog: Dialog, run: Callable[..., Any]) -> Dialog:
    """The same dialog after a release with other code."""
    return replace(dialog, run=run, code=f"{dialog.code}+")
