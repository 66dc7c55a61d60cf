"""A conversation's state: versioned JSON. An older version is brought up to date, a newer one is left alone."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, fields
from typing import Any

from bot.messages import JSON, EffectResult, Match
from dialogs.errors import NewerState, StateTooLarge
from dialogs.journal import plain

VERSION = 1
STATE_LIMIT = 64 * 1024
"""Bytes of JSON that a conversation may keep."""
DEPTH = 4
"""How many dialogs may be open inside one another."""


@dataclass(slots=True, kw_only=True)
class Run:
    """One run of a dialog. Times are ISO 8601 in UTC.

    ``serial`` counts the questions shown, so that a button knows which of them it belongs to; ``waiting`` is the path
    and signature of the question shown last. ``parked`` runs have been left, and only wait for an effect's result.
    ``photos`` are the ids of the pictures that the citizen sent for it.
    """

    id: str
    dialog: str
    at: str
    serial: int = 0
    waiting: list[str] | None = None
    misses: int = 0
    failures: int = 0
    parked: bool = False
    photos: list[str] = field(default_factory=list)
    opening: JSON = None
    skip: list[str] = field(default_factory=list)
    journal: list[JSON] = field(default_factory=list)

    @property
    def pending(self) -> bool:
        """Whether an effect's result is awaited."""
        return any(row["k"] == "e" and not row["v"].get("done") for row in self.journal)

    @property
    def acted(self) -> bool:
        """Whether something was done elsewhere."""
        return any(row["k"] == "e" for row in self.journal)

    def settle(self, result: EffectResult) -> bool:
        """Write an effect's result into the journal; false where it is not this run's, or was there already."""
        for row in self.journal:
            if row["k"] == "e" and row["v"].get("id") == result.effect_id and not row["v"].get("done"):
                outcome = {"error": result.error} if result.error is not None else {"value": plain(result.value)}
                row["v"] = {"id": result.effect_id, "done": True, **outcome}
                return True
        return False


@dataclass(slots=True, kw_only=True)
class State:
    """All that a conversation remembers.

    ``chosen`` tells that the citizen asked for the language. ``crisis``, ``concerned``, ``opted_out`` and ``human`` are
    the times of a crisis message, of a line said out of doubt, of "no more messages", and of a wish for a human.
    ``failed`` counts turns in a row that were not understood. ``offered`` are the buttons of the last reply,
    ``[label, payload]``, so that "2" means the second.
    ``photos`` are the ids of pictures that came with the last message, for a dialog that is opened next. ``recent``
    is what the last dialogs ended with, such as the ``unit`` that was shown: ``[value, time, dialog]`` by name.
    ``doubted`` is what was asked about with "did you mean": ``[text, language, intent, confidence]``, for one turn.
    ``answers`` are the last topics' answers that can be rated: ``[key, intent, language, whether it was]``.
    ``nudges`` are the last ones that the city wrote first, the newest first (``dialogs/nudged.py``).
    """

    language: str | None = None
    chosen: bool = False
    introduced: bool = False
    failed: int = 0
    crisis: str | None = None
    concerned: str | None = None
    opted_out: str | None = None
    human: str | None = None
    offered: list[list[str]] = field(default_factory=list)
    photos: list[str] = field(default_factory=list)
    recent: dict[str, list[JSON]] = field(default_factory=dict)
    doubted: list[JSON] = field(default_factory=list)
    answers: list[list[JSON]] = field(default_factory=list)
    nudges: list[dict[str, JSON]] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)

    @property
    def top(self) -> Run | None:
        """The run that the citizen is in."""
        return next((run for run in reversed(self.runs) if not run.parked), None)

    def drop(self, run: Run) -> None:
        """End a run; one that waits for a result is parked until it comes, so that the citizen hears of it."""
        if run.pending:
            run.parked = True
        else:
            self.runs = [other for other in self.runs if other is not run]

    def dump(self) -> JSON:
        """As JSON. Raises ``StateTooLarge``."""
        data: dict[str, Any] = {"version": VERSION, **_filled(self)}
        data["runs"] = [_filled(run) for run in self.runs]
        if len(json.dumps(data, ensure_ascii=False).encode("utf-8", "surrogatepass")) > STATE_LIMIT:
            raise StateTooLarge(f"the state is larger than {STATE_LIMIT} bytes")
        return data

    @classmethod
    def load(cls, data: JSON) -> State:
        """The reverse of ``dump``; ``None`` is a new conversation. Raises ``NewerState``."""
        if data is None:
            return cls()
        if data.get("version", 0) > VERSION:
            raise NewerState(f"version {data['version']}, and this release knows {VERSION}")
        known = {f.name for f in fields(cls)} - {"runs"}
        state = cls(**{name: data[name] for name in known & data.keys()})
        names = {f.name for f in fields(Run)}
        # Copied through JSON: a turn that fails must leave the caller's state as it was.
        rows = json.loads(json.dumps(data.get("runs", [])))
        state.runs = [Run(**{name: row[name] for name in names & row.keys()}) for row in rows]
        return state


def opening_of(match: Match) -> JSON:
    """What is kept of the message that began a dialog."""
    entities = [[e.kind, e.value, e.text, e.start, e.end] for e in match.entities[:20]]
    return {"text": match.text[:2000], "language": match.language, "intent": match.intent, "entities": entities}


def _filled(item: State | Run) -> dict[str, Any]:
    """The fields that differ from their defaults, so that states stay small."""
    found = {f.name: getattr(item, f.name) for f in fields(item)}
    empty: tuple[Any, ...] = (None, False, 0, [], {})
    return {name: value for name, value in found.items() if value not in empty or name in {"id", "at"}}
