"""Proportion of days covered (PDC), as the Pharmacy Quality Alliance measures it. Intervals hold both their ends."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fill:
    """``days`` (1 or more) of a ``drug`` handed out ``at`` a day."""

    drug: str
    at: date
    days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Supply:
    """The days that a fill covers, ``begins`` to ``ends``; it begins later than the fill where the last one lasted."""

    fill: Fill
    begins: date
    ends: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Covered:
    """``covered`` days of the ``period``'s, which goes from the first fill (``begins``) to ``ends``."""

    begins: date
    ends: date
    supplies: tuple[Supply, ...]
    covered: int

    @property
    def period(self) -> int:
        """Days from the first fill to the end, both included."""
        return (self.ends - self.begins).days + 1


def cover(fills: Iterable[Fill], *, ends: date) -> Covered:
    """What the fills, all on or before ``ends``, cover. Raises ``ValueError`` where there are none."""
    known = sorted(fills, key=lambda fill: (fill.at, fill.drug, fill.days))
    if not known:
        raise ValueError("no fills")
    supplies = tuple(_supplies(known, ends))
    return Covered(begins=known[0].at, ends=ends, supplies=supplies, covered=_union(supplies))


def _supplies(fills: Iterable[Fill], ends: date) -> Iterable[Supply]:
    """In the order of the fills; one that would begin after the end covers nothing."""
    free_from: defaultdict[str, date] = defaultdict(lambda: date.min)
    for fill in fills:
        begins = max(fill.at, free_from[fill.drug])
        free_from[fill.drug] = begins + fill.days * _DAY
        if begins <= ends:
            yield Supply(fill=fill, begins=begins, ends=min(free_from[fill.drug] - _DAY, ends))


def _union(supplies: Iterable[Supply]) -> int:
    """Days that one supply or more covers."""
    total, counted_to = 0, date.min
    for supply in sorted(supplies, key=lambda supply: supply.begins):
        begins = max(supply.begins, counted_to + _DAY)
        if begins <= supply.ends:
            total += (supply.ends - begins).days + 1
            counted_to = supply.ends
    return total
