"""What the programmes ask for: no other fact is kept (GDPR 5(1)(c)), and each only of who gave a ground for it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import lru_cache

from health.facts import FINDRISC, SYSTEMS
from health.findrisc import ITEMS
from health.programme import DiabetesRisk, Programme, ValueSets


class Needs:
    """Codes by the grounds on which they may be used. A ground is the purpose that a programme names.

    Several grounds are one number, a bit each, so that who allows what is asked for is told by ``&``.
    """

    def __init__(self, programmes: Iterable[Programme], sets: ValueSets) -> None:
        """Every value set of the programmes is in ``sets``."""
        known = tuple(programmes)
        self.grounds = tuple(sorted({programme.ground for programme in known}))
        used: dict[str, int] = {}
        self._answers = 0
        for programme in known:
            bit = self.bits([programme.ground])
            for name in programme.value_sets():
                used[name] = used.get(name, 0) | bit
            if isinstance(programme.measure, DiabetesRisk):
                self._answers |= bit
        self._used = tuple((sets[name], bits) for name, bits in used.items())
        self.of = lru_cache(maxsize=100_000)(self._of)

    def bits(self, grounds: Collection[str]) -> int:
        """The number of some grounds; those that no programme names count for nothing."""
        return sum(1 << place for place, ground in enumerate(self.grounds) if ground in grounds)

    def _of(self, uri: str, code: str) -> tuple[str, int] | None:
        """Our name of a code system, and the grounds that ask for a code of it; ``None`` for unknown systems."""
        system = SYSTEMS.get(uri)
        if system is None:
            return None
        if system == FINDRISC:
            return system, self._answers if code in ITEMS else 0
        bits = 0
        for value_set, grounds in self._used:
            if value_set.has(system, code):
                bits |= grounds
        return system, bits
