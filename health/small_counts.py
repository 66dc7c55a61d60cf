"""Figures of groups in which nobody can be made out: counts under five are not told."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

SMALLEST = 5
"""Of how many people at least a figure may tell."""


@dataclass(frozen=True, slots=True)
class Group:
    """How reviewers decided on a group."""

    value: str
    decided: int
    accepted: int

    @property
    def small(self) -> bool:
        """Whether so few were accepted, rejected or decided on that one could tell who."""
        counts = (self.decided, self.accepted, self.decided - self.accepted)
        return any(0 < count < SMALLEST for count in counts)


def told(groups: Iterable[Group]) -> tuple[list[Group], int]:
    """The groups of one division that may be told, and how many are not.

    One group alone is never hidden: the sum of all would tell it. The next smallest is hidden with it.
    """
    found = sorted(groups, key=lambda group: (not group.small, group.decided))
    hidden = sum(group.small for group in found)
    if hidden == 1 and len(found) > 1:
        hidden = 2
    shown = found[hidden:]
    return sorted(shown, key=lambda group: group.value), hidden
