"""The journal of a run: what was answered, looked up, done and said, in order, as JSON.

A replay takes the entries one by one. Entries that this very code made must be met in their order: anything else is
``Diverged``. Entries that other code made are met by name, so that a release in mid-dialog can insert, rename or drop
a question; an effect that was done is never passed by.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from bot.messages import JSON
from dialogs.errors import Diverged, EffectPassed, NotJson

ANSWER, READ, EFFECT, SAID, CLOCK, CHANCE, GIVEN = "a", "r", "e", "s", "n", "x", "g"


@dataclass(slots=True)
class Entry:
    """One step taken. ``code`` made it, ``bound`` is what its value holds for, ``opening`` the entity that gave it."""

    kind: str
    path: str
    value: JSON
    code: str
    bound: str | None = None
    opening: int | None = None

    def dump(self) -> JSON:
        """As JSON, with what is absent left out."""
        row = {"k": self.kind, "p": self.path, "v": self.value, "c": self.code}
        if self.bound is not None:
            row["b"] = self.bound
        if self.opening is not None:
            row["o"] = self.opening
        return row

    @classmethod
    def load(cls, row: JSON) -> Entry:
        """The reverse of ``dump``."""
        return cls(row["k"], row["p"], row["v"], row["c"], row.get("b"), row.get("o"))


class Journal:
    """The entries of one run; ``code`` is that of the dialog that runs now."""

    def __init__(self, rows: Iterable[JSON], code: str) -> None:
        self.code = code
        self.done: list[Entry] = []
        self.rest = [Entry.load(row) for row in rows]
        self._made_by = code

    def dump(self) -> list[JSON]:
        """All entries, those not met by this replay last."""
        return [entry.dump() for entry in (*self.done, *self.rest)]

    def take(self, kind: str, path: str, aliases: Iterable[str] = ()) -> Entry | None:
        """The entry of a step, or ``None`` where the step is new. Raises ``Diverged`` or ``EffectPassed``."""
        if self.rest and self.rest[0].path == path and self.rest[0].kind == kind:
            return self._met(0, path)
        place = self._find(kind, path) if not aliases else self._find_any(kind, (path, *aliases))
        ours = next((i for i, entry in enumerate(self.rest) if entry.code == self.code), None)
        if ours is not None and place != ours:
            raise Diverged(f"step {path!r} comes where {self.rest[ours].path!r} was taken by the same code")
        passed = self.rest if kind == EFFECT and place is None else self.rest[: place or 0]
        for entry in passed:
            if entry.kind == EFFECT:
                raise EffectPassed(f"step {path!r} would pass by the effect {entry.path!r}")
        return None if place is None else self._met(place, path)

    def add(self, entry: Entry) -> None:
        """A step that was taken now."""
        self.done.append(entry)

    def reject(self, entry: Entry) -> None:
        """Take back the answer met last; what the same code went on to from there goes with it."""
        self.done.remove(entry)
        if self._made_by == self.code:
            if any(later.kind == EFFECT for later in self.rest):
                raise EffectPassed(f"the answer {entry.path!r} no longer holds, and an effect followed it")
            self.rest.clear()

    def back(self) -> Entry | None:
        """Cut the last answer, with what came after it. ``None`` where there is none, or an effect came after it."""
        for place in range(len(self.done) - 1, -1, -1):
            entry = self.done[place]
            if entry.kind == EFFECT:
                return None
            if entry.kind == ANSWER:
                del self.done[place:]
                return entry
        return None

    @property
    def pending(self) -> Entry | None:
        """The effect whose result is awaited."""
        entries = (*self.done, *self.rest)
        return next((entry for entry in entries if entry.kind == EFFECT and not entry.value.get("done")), None)

    @property
    def acted(self) -> bool:
        """Whether an effect was asked for in this run."""
        return any(entry.kind == EFFECT for entry in (*self.done, *self.rest))

    def finish(self) -> None:
        """The dialog has ended: nothing that was done may be left over."""
        for entry in self.rest:
            if entry.kind == EFFECT:
                raise EffectPassed(f"the dialog ended without its effect {entry.path!r}")
            if entry.code == self.code:
                raise Diverged(f"the dialog ended before {entry.path!r}, taken by the same code")

    def _met(self, place: int, path: str) -> Entry:
        entry = self.rest.pop(place)
        self._made_by = entry.code
        entry.path, entry.code = path, self.code
        self.done.append(entry)
        return entry

    def _find(self, kind: str, path: str) -> int | None:
        return next((i for i, entry in enumerate(self.rest) if entry.path == path and entry.kind == kind), None)

    def _find_any(self, kind: str, paths: tuple[str, ...]) -> int | None:
        return next((place for path in paths if (place := self._find(kind, path)) is not None), None)


def plain(value: Any) -> JSON:
    """The value as a restart would give it back: tuples are lists, keys are texts. Raises ``NotJson``."""
    if value is None or isinstance(value, (str, bool, int)):
        return value
    try:
        return json.loads(json.dumps(value, allow_nan=False))
    except (TypeError, ValueError, RecursionError) as error:
        raise NotJson(f"a value of type {type(value).__name__} is not JSON") from error


def fresh(value: JSON) -> JSON:
    """A copy of a JSON value, so that a dialog which changes its answer does not change the journal."""
    if isinstance(value, list):
        return [fresh(item) for item in value]
    if isinstance(value, dict):
        return {key: fresh(item) for key, item in value.items()}
    return value


def fingerprint(value: JSON) -> str:
    """Eight letters that stand for a JSON value."""
    data = json.dumps(value, sort_keys=True, ensure_ascii=False).encode("utf-8", "surrogatepass")
    return hashlib.blake2s(data, digest_size=4).hexdigest()
