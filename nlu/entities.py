"""What a text names: places, days, times, numbers, money, ages, phone numbers, addresses, identity codes, plates.

``neuvo understand`` and the dialogs read them. Each kind is found by itself; where two are over one another the kind
that is harder to find by chance stays: an identity code before a phone number, a day before a number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime

from bot.messages import Entity
from nlu.amounts import ages, money, plates
from nlu.clock import find_times
from nlu.contacts import emails, identity_codes, phones
from nlu.dates import find_days
from nlu.gazetteer import Gazetteer
from nlu.numbers import find_numbers
from nlu.text import folded

_CLOCK = re.compile(r"\b(?:klo|kello|kl|klockan|at)\.?\s*$")


class Entities:
    """Finds entities; the places are those of a gazetteer."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self._gazetteer = gazetteer

    def places(self, text: str) -> list[Entity]:
        """The places and services of a text in NFC, in their order."""
        return self._gazetteer.find(text)

    def languages(self, place: Entity) -> frozenset[str]:
        """The languages in which a place has the name that was found."""
        return self._gazetteer.languages(place)

    def all(self, text: str, now: datetime, places: Sequence[Entity]) -> tuple[Entity, ...]:
        """All entities of a text in NFC, in their order, none over another. ``now`` is local."""
        chosen: list[Entity] = []
        for found in _by_rank(text, now.date(), places):
            if all(found.end <= other.start or found.start >= other.end for other in chosen):
                chosen.append(found)
        return tuple(sorted(chosen, key=lambda entity: entity.start))


def _by_rank(text: str, today: date, places: Sequence[Entity]) -> Iterator[Entity]:
    plain = folded(text)
    yield from identity_codes(text)
    yield from emails(text)
    yield from money(text, plain)
    yield from ages(text, plain)
    days = [
        Entity(kind="date", value=day.isoformat(), text=text[start:end], start=start, end=end)
        for start, end, day in find_days(plain, today)
        if not _CLOCK.search(plain[:start])
    ]
    yield from days
    yield from places
    yield from phones(text)
    yield from plates(text)
    for start, end, time in find_times(plain):
        yield Entity(kind="time", value=f"{time:%H:%M}", text=text[start:end], start=start, end=end)
    for start, end, number in find_numbers(plain):
        yield Entity(kind="number", value=number, text=text[start:end], start=start, end=end)
