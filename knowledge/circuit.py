"""A breaker for a source that fails again and again: for a while nobody asks it, so that no answer waits for it.

Of our own: the kept libraries for asyncio (``circuitbreaker``, ``purgatory``) neither honour a ``Retry-After`` nor let
one call alone try a source that may be well again.
"""

from __future__ import annotations

import time
from collections.abc import Callable


class Circuit:
    """Lets calls pass until ``failures`` in a row have failed; then none for ``rest`` seconds, and then one that tries.

    ``clock`` is monotonic, in seconds.
    """

    def __init__(self, *, failures: int = 5, rest: float = 30.0, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit = failures
        self._rest = rest
        self._clock = clock
        self._failures = 0
        self._quiet_until = 0.0

    def may_pass(self) -> bool:
        """Whether a call may go out now. The one call that tries an open circuit keeps it open for the others."""
        if self._clock() < self._quiet_until:
            return False
        if self._failures >= self._limit:
            self._quiet_until = self._clock() + self._rest
        return True

    def passed(self) -> None:
        """The source answered."""
        self._failures = 0
        self._quiet_until = 0.0

    def failed(self, retry_after: float | None = None) -> None:
        """The source did not answer well; ``retry_after`` is for how many seconds it wants to be left alone."""
        self._failures += 1
        rest = self._rest if self._failures >= self._limit else 0.0
        self._quiet_until = self._clock() + max(rest, retry_after or 0.0)
