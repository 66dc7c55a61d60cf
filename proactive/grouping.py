"""Which nudges go out together: a conversation gets one message at a time, and several small ones become one. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from proactive.claimed import Nudge, Place
from proactive.gate import Verdict
from proactive.template import Template

_RANK = {"urgent": 0, "timely": 1, "routine": 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """A nudge that may go out, and where."""

    nudge: Nudge
    template: Template
    place: Place
    verdict: Verdict


def grouped(passed: Iterable[Passed]) -> tuple[list[Sequence[Passed]], list[Passed]]:
    """The messages, each of one nudge or of several that may be put together, and those whose turn is later."""
    found: dict[UUID, list[Passed]] = {}
    for one in passed:
        found.setdefault(one.place.id, []).append(one)
    messages: list[Sequence[Passed]] = []
    later: list[Passed] = []
    for mine in found.values():
        first, *others = sorted(mine, key=_rank)
        together = [one for one in others if _together(first, one)]
        messages.append((first, *together))
        later += [one for one in others if one not in together]
    return messages, later


def _rank(one: Passed) -> int:
    return _RANK[one.nudge.urgency]


def _together(first: Passed, other: Passed) -> bool:
    return first.template.digest and other.template.digest and first.nudge.urgency == other.nudge.urgency
