"""Robots that answer robots: a sender who writes the same again and again gets no more answers for a while."""

from __future__ import annotations

import re
import time
import unicodedata
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass

from rapidfuzz import fuzz


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """When it is a robot: so many texts that are alike within ``window`` seconds.

    People answer questions with the same short words (``joo``, ``1``), so that these may be repeated more often.
    """

    window: float = 600.0
    alike: float = 90.0
    """Percent of likeness (Indel), digits aside."""
    most: int = 5
    short: int = 12
    """Characters below which a text is short."""
    most_short: int = 20


@dataclass(frozen=True, slots=True)
class _Heard:
    at: float
    message_id: str
    text: str


class Robots:
    """What each sender wrote lately, in the memory of this process alone.

    Several processes see a part each, so that a loop is broken after so many more messages; and it is broken in each.
    Nothing is stored of it. It holds at most ``senders`` senders, the last ones.
    """

    def __init__(
        self, patience: Patience | None = None, *, senders: int = 10_000, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._patience = patience or Patience()
        self._senders = senders
        self._clock = clock
        self._heard: OrderedDict[str, deque[_Heard]] = OrderedDict()

    def repeats(self, sender: str, message_id: str, text: str) -> bool:
        """Whether the sender has written this so often that no person does. A message that comes again counts once."""
        now = self._clock()
        seen = self._heard.setdefault(sender, deque(maxlen=2 * self._patience.most_short))
        self._heard.move_to_end(sender)
        while len(self._heard) > self._senders:
            self._heard.popitem(last=False)
        while seen and seen[0].at <= now - self._patience.window:
            seen.popleft()
        known = _bare(text)
        others = [each for each in seen if each.message_id != message_id]
        if len(others) == len(seen):
            seen.append(_Heard(now, message_id, known))
        most = self._patience.most_short if len(known) < self._patience.short else self._patience.most
        return sum(fuzz.ratio(each.text, known) >= self._patience.alike for each in others) >= most


def _bare(text: str) -> str:
    """The words in which robots do not differ from one message to the next: times and counters are one."""
    words = unicodedata.normalize("NFKC", text[:1600]).casefold().split()
    return re.sub(r"\d+", "0", " ".join(words))
