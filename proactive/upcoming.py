"""What of an order is to be written now, and when to look again. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from datetime import time as Clock
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from bot.messages import JSON
from proactive import schedule
from proactive.reminders import Kind, Occasion

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """An order as it was made. ``day`` is an ISO weekday from 1; ``begins`` is the local day of the order."""

    kind: Kind
    place: dict[str, JSON] | None = field(default=None, repr=False)
    day: int | None = None
    time: Clock | None = None
    begins: date

    @property
    def clock(self) -> Clock:
        """The local time at which it comes."""
        return self.time or self.kind.at

    @property
    def rule(self) -> str | None:
        """The rule, with the weekday that was asked for."""
        rule = self.kind.rule
        return rule if rule is None or self.day is None else f"{rule};BYDAY={WEEKDAYS[self.day - 1]}"

    def following(self, after: datetime, zone: ZoneInfo) -> datetime | None:
        """The next moment of its rule, if it has one."""
        if self.rule is None:
            return None
        return schedule.following(self.rule, self.begins, self.clock, zone, after=after)


class Due(NamedTuple):
    """One message: its name, by which it is made once; when it was to come; the thing it tells of."""

    name: str
    at: datetime
    about: Occasion | None


class Plan(NamedTuple):
    """What is due now, and when the next one is."""

    due: tuple[Due, ...]
    next: datetime | None


def by_rule(order: Order, *, done_until: datetime, now: datetime, within: timedelta, zone: ZoneInfo) -> Plan:
    """The newest moment of the rule since ``done_until``, if it is not older than ``within``.

    What passed while nothing worked here is not made up for.
    """
    rule = order.rule
    if rule is None:
        return Plan((), None)
    since = max(done_until, now - within)
    passed = schedule.between(rule, order.begins, order.clock, zone, after=since, until=now)
    due = tuple(Due(at.isoformat(), at, None) for at in passed[-1:])
    return Plan(due, order.following(now, zone))


def by_feed(order: Order, occasions: Sequence[Occasion], *, now: datetime, zone: ZoneInfo) -> Plan:
    """All things that have not begun and whose time to be told of has come, however late that is; and the next one."""
    due, later = list[Due](), list[datetime]()
    for one in occasions:
        begins = one.at if isinstance(one.at, datetime) else schedule.moment(one.at, Clock(), zone)
        if begins <= now:
            continue
        day = begins.astimezone(zone).date() - timedelta(days=order.kind.days_before)
        planned = schedule.moment(day, order.clock, zone)
        if planned <= now:
            due.append(Due(f"{one.id} {one.at.isoformat()}", planned, one))
        else:
            later.append(planned)
    return Plan(tuple(due), min(later, default=None))


def dumped(occasions: Sequence[Occasion]) -> list[JSON]:
    """As JSON, to be kept."""
    return [{"id": one.id, "at": one.at.isoformat(), "values": dict(one.values)} for one in occasions]


def loaded(kept: Sequence[Any]) -> list[Occasion]:
    """From ``dumped``."""
    return [Occasion(id=one["id"], at=when(one["at"]), values=one["values"]) for one in kept]


def when(written: str) -> date | datetime:
    """An ISO date, or a moment with its offset. Raises ``ValueError``."""
    if len(written) == len("2027-01-05"):
        return date.fromisoformat(written)
    at = datetime.fromisoformat(written)
    if at.tzinfo is None:
        raise ValueError("a moment without its offset")
    return at.astimezone(UTC)
