"""A time of day at which the city may write."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time
from typing import ClassVar

from bot.messages import JSON, Entity
from dialogs.prompt_entities import FromEntity
from dialogs.prompts import Again, Context


@dataclass(frozen=True)
class Time(FromEntity):
    """A time of day as ``HH:MM``, from ``first`` to ``last``: nobody is written to by night."""

    first: time = time(8)
    last: time = time(20, 45)
    kind: ClassVar[str] = "time"
    entity: ClassVar[str] = "time"

    def accepts(self, value: JSON) -> bool:
        """A time between the two."""
        said = _time(value)
        return said is not None and self.first <= said <= self.last

    def value(self, entity: Entity) -> JSON:
        """The time that an entity is."""
        return self.reads(entity.value)

    def reads(self, text: str) -> JSON:
        """A time that is the whole text: ``9``, ``9.30``, ``09:30``."""
        hour, _, minute = text.strip().rstrip(".").replace(".", ":").partition(":")
        said = _time(f"{hour:0>2}:{minute or '00':0>2}")
        return None if said is None else f"{said:%H:%M}"

    def problem(self, value: JSON, context: Context) -> Again | None:  # noqa: ARG002
        """By night."""
        return None if self.accepts(value) else self.again("night" if _time(value) else "again")


def _time(value: JSON) -> time | None:
    try:
        return time.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
