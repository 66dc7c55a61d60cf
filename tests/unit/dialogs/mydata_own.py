"""A person's own ledger, data and login as doubles; what is changed is never changed by a dialog itself."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from bot.messages import Entity, Match, Session
from dialogs import DIALOGS
from dialogs.services import ServiceUnavailable
from tests.unit.dialogs.talker import City, Talker, understand

WORDS = {
    "luvat": "my_consents", "lov": "my_consents", "permissions": "my_consents", "muistuta": "consent_give",
    "remind": "consent_give", "påminn": "consent_give", "lopettakaa": "consent_withdraw", "drop": "consent_withdraw",
    "kuka": "data_uses", "miksi": "message_reason", "kanavat": "my_channels", "tietoni": "data_export",
    "poista": "data_delete",
}  # fmt: skip
PHONE = "+358401234567"
PAGE = "https://neuvo.example/my/link/abc?language=fi"


def heard(text: str, session: Session) -> Match:
    """The words of the tests, and phone numbers."""
    found = understand(text, session)
    intents = [WORDS[word] for word in text.lower().replace("?", " ").split() if word in WORDS]
    phones = [Entity(kind="phone", value=PHONE, text="040 1234567", start=0, end=11)] if "040 1234567" in text else []
    intent = intents[-1] if intents else found.intent
    return replace(found, intent=intent, entities=(*found.entities, *phones))


def consent(name: str, title: str, **more: Any) -> dict[str, Any]:
    return {
        "id": name, "version": 1, "basis": "consent", "state": "never", "at": None, "needs": "", "age": 13,
        "guardian": True, "title": title, "ask": f"Saako {title}?", "for_me": "hyötyä", "for_city": "säästöä",
        "data": "numero", "retention": "30 päivää", "words": [f"lopeta {name}"],
    } | more  # fmt: skip


def held(**more: Any) -> dict[str, Any]:
    return {
        "channel": "webchat", "level": "claimed", "fresh": False, "linked": False,
        "since": "2026-11-20T08:00:00+00:00", "messages": 3, "answers": 4, "pictures": 1, "services": 2, "notes": 0,
        "pages": "https://neuvo.example/my/data",
    } | more  # fmt: skip


@dataclass
class Own:
    """Ledger, data and login in one; what is changed is never changed by a dialog itself."""

    known: list[dict[str, Any]] = field(
        default_factory=lambda: [
            consent("waste_reminders", "Jätteet"),
            consent("library_reminders", "Lainat", state="given", at="2026-11-01T10:00:00+00:00"),
            consent("health_outreach", "Rokotukset", needs="strong", age=18, guardian=False),
        ]
    )
    holding: dict[str, Any] = field(default_factory=held)
    here: bool = True
    down: bool = False
    used: list[dict[str, Any]] = field(default_factory=list)
    nudge: dict[str, Any] | None = None
    against: list[str] = field(default_factory=list)
    channels: list[dict[str, Any]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def _ask(self, conversation: str) -> None:
        self.asked.append(conversation)
        if self.down:
            raise ServiceUnavailable("down")

    async def standings(self, conversation: str, language: str) -> list[dict[str, Any]]:
        self._ask(conversation)
        return self.known

    async def private(self, conversation: str) -> bool:
        self._ask(conversation)
        return self.here

    async def held(self, conversation: str) -> dict[str, Any]:
        return self.holding

    async def uses(self, conversation: str, language: str, limit: int) -> list[dict[str, Any]]:
        return self.used[:limit]

    async def last_nudge(self, conversation: str, language: str) -> dict[str, Any] | None:
        return self.nudge

    async def obstacles(self, conversation: str, language: str) -> list[str]:
        return self.against

    async def links(self, conversation: str) -> list[dict[str, Any]]:
        return self.channels

    async def erase(self, *_: Any) -> Any:
        raise AssertionError("an effect is never run by a dialog")

    async def unlink(self, *_: Any) -> Any:
        raise AssertionError("an effect is never run by a dialog")


class Ledger:
    """The consents of an ``Own``."""

    def __init__(self, own: Own) -> None:
        self.standings = own.standings

    async def give(self, *_: Any) -> Any:
        raise AssertionError("an effect is never run by a dialog")

    async def withdraw(self, *_: Any) -> Any:
        raise AssertionError("an effect is never run by a dialog")


class Login:
    """Nobody logs in here."""

    async def begin(self, *_: Any) -> Any:
        raise AssertionError("an effect is never run by a dialog")

    async def finish(self, *_: Any) -> Any:
        raise AssertionError("an effect is never run by a dialog")

    async def send(self, *_: Any) -> Any:
        raise AssertionError("an effect is never run by a dialog")

    async def check(self, *_: Any) -> Any:
        raise AssertionError("an effect is never run by a dialog")


def citizen(own: Own, **options: Any) -> Talker:
    names = ("directory", "hours", "feedback", "events", "search", "masking", "topics")
    services: dict[str, object] = dict.fromkeys(names, City())
    services |= {"consents": Ledger(own), "mydata": own, "login": Login()}
    return Talker(DIALOGS, services, understand=heard, **options)
