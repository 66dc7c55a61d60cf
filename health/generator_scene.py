"""A synthetic patient being made: chance, the day, and the facts planted so far."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import NamedTuple, TypeVar

from health.assessment import Standing
from health.facts import Fact, Kind

_T = TypeVar("_T")


class Outcome(NamedTuple):
    """Where a patient must be found to stand in a programme, and why."""

    standing: Standing
    reason: str


@dataclass(slots=True, kw_only=True)
class Scene:
    """One patient in the making. ``age`` is in whole years, reached ``birthday_ago`` days ago."""

    chance: Random
    as_of: date
    birth_date: date
    age: int
    birthday_ago: int
    sex: str
    facts: list[Fact] = field(default_factory=list)

    def ago(self, days: int) -> date:
        """The day so many days before the one that programmes are evaluated for."""
        return self.as_of - timedelta(days=days)

    def add(
        self, kind: Kind, code: tuple[str, str], at: date, *, until: date | None = None, days: int | None = None
    ) -> None:
        """Plant a fact; ``code`` is the system and the code."""
        self.facts.append(Fact(kind=kind, system=code[0], code=code[1], at=at, until=until, days=days))

    def measured(self, code: tuple[str, str], at: date, value: Decimal, unit: str) -> None:
        """Plant a measurement."""
        observation = Kind.OBSERVATION
        self.facts.append(Fact(kind=observation, system=code[0], code=code[1], at=at, value=value, unit=unit))

    def between(self, least: int, most: int) -> int:
        """A whole number, both ends included."""
        return self.chance.randint(least, most)

    def one_of(self, options: Sequence[_T]) -> _T:
        """One of equally likely options."""
        return self.chance.choice(options)

    def happens(self, share: float) -> bool:
        """Whether something of this likelihood (0 to 1) happens."""
        return self.chance.random() < share

    def tenths(self, least: int, most: int) -> Decimal:
        """A number with one decimal between two numbers of tenths."""
        return Decimal(self.between(least, most)) / 10
