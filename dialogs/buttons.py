"""What a button carries: a run's answer, a command, or an intent. At most 64 bytes, the least that a channel takes.

``d|<run>|<serial>|<key>`` answers one question of one run; ``c|<command>``; ``i|<intent>[|<kind>|<value>]…``;
``h|<answer>|y`` or ``n`` says whether an answer helped; ``n|<nudge>|<choice>`` answers what the city wrote first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.messages import Entity

PAYLOAD_LIMIT = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """The option of a question. ``serial`` is the question's number in its run."""

    run: str
    serial: int
    key: str


@dataclass(frozen=True, slots=True)
class Commanded:
    """A command."""

    name: str


@dataclass(frozen=True, slots=True)
class Meant:
    """An intent, with entities that go with it."""

    intent: str
    entities: tuple[Entity, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rated:
    """Whether the answer of a key helped."""

    key: str
    helped: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Nudged:
    """A choice of a nudge, by their ids."""

    nudge: str
    choice: str


Press = Answered | Commanded | Meant | Rated | Nudged


def answer_payload(run: str, serial: int, key: str) -> str:
    """The button of an option."""
    return f"d|{run}|{serial}|{key}"


def command_payload(name: str) -> str:
    """The button of a command."""
    return f"c|{name}"


def rating_payload(key: str, *, helped: bool) -> str:
    """The button of an answer that helped, or did not."""
    return f"h|{key}|{'y' if helped else 'n'}"


def intent_payload(intent: str, entities: Sequence[tuple[str, str]] = ()) -> str:
    """The button of an intent; entities that do not fit are left out."""
    payload = f"i|{intent}"
    for kind, value in entities:
        longer = f"{payload}|{kind}|{value}"
        if "|" in value or len(longer.encode()) > PAYLOAD_LIMIT:
            continue
        payload = longer
    return payload


def nudge_payload(nudge: str, choice: str) -> str:
    """The button of a choice of a nudge; the nudge's id as 32 hexadecimal digits leaves 29 bytes for the choice's."""
    return f"n|{nudge}|{choice}"


def read(payload: str | None) -> Press | None:
    """What was pressed; ``None`` for what is not a button of ours."""
    parts = (payload or "").split("|")
    if parts[0] == "d" and len(parts) == 4 and parts[2].isdecimal() and len(parts[2]) < 9:
        return Answered(run=parts[1], serial=int(parts[2]), key=parts[3])
    if parts[0] == "c" and len(parts) == 2:
        return Commanded(parts[1])
    if parts[0] == "h" and len(parts) == 3 and parts[2] in {"y", "n"}:
        return Rated(key=parts[1], helped=parts[2] == "y")
    if parts[0] == "n" and len(parts) == 3:
        return Nudged(nudge=parts[1], choice=parts[2])
    if parts[0] == "i" and len(parts) >= 2 and len(parts) % 2 == 0:
        pairs = zip(parts[2::2], parts[3::2], strict=True)
        entities = tuple(Entity(kind=kind, value=value, text=value, start=0, end=0) for kind, value in pairs)
        return Meant(parts[1], entities)
    return None
