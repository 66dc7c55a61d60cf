"""Facts and steps of a finding as JSON, to be kept with it and said in words later."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal

from bot.messages import JSON
from health.assessment import Step
from health.facts import Fact, Kind


def facts_json(facts: Iterable[Fact]) -> list[dict[str, JSON]]:
    """One object a fact; what a fact does not have is left out. Days are ISO 8601, values decimal texts."""
    return [
        {name: _plain(getattr(fact, name)) for name in Fact.__slots__ if getattr(fact, name) is not None}
        for fact in facts
    ]


def _plain(value: JSON) -> JSON:
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def facts_of(stored: Iterable[Mapping[str, JSON]]) -> tuple[Fact, ...]:
    """The facts again. Raises ``KeyError`` or ``ValueError`` where these are none."""
    return tuple(
        Fact(
            kind=Kind(one["kind"]),
            system=one["system"],
            code=one["code"],
            at=date.fromisoformat(one["at"]),
            until=date.fromisoformat(one["until"]) if "until" in one else None,
            value=Decimal(one["value"]) if "value" in one else None,
            unit=one.get("unit"),
            days=one.get("days"),
        )
        for one in stored
    )


def steps_json(steps: Iterable[Step]) -> list[dict[str, JSON]]:
    """One object a step: its id and values."""
    return [{"id": step.id, "values": dict(step.values)} for step in steps]


def steps_of(stored: Iterable[Mapping[str, JSON]]) -> tuple[Step, ...]:
    """The steps again. Raises ``KeyError`` where these are none."""
    return tuple(Step(one["id"], one["values"]) for one in stored)
