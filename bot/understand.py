"""``neuvo understand``: what was understood of each line, as one JSON object a line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING

from bot.held_out import understand
from bot.messages import Match, Session

if TYPE_CHECKING:
    from bot.city import City


def lines(city: City, texts: Iterable[str], language: str | None) -> Iterator[str]:
    """Understand each text by itself; ``language`` is that of the session, if it has one."""
    session = Session(now=datetime.now(city.zone), language=language)
    for text in texts:
        match = understand(city, text.rstrip("\r\n"), session)
        yield json.dumps(as_json(match), ensure_ascii=False)


def as_json(match: Match) -> dict[str, object]:
    """The fields of a match that the command promises; an intent under a safety finding says the same."""
    return {
        "text": match.text,
        "language": match.language,
        "intent": str(match.safety) if match.safety else match.intent,
        "confidence": round(match.confidence, 4),
        "alternatives": [asdict(alternative) for alternative in match.alternatives],
        "entities": [asdict(entity) for entity in match.entities],
        "safety": str(match.safety) if match.safety else None,
    }
