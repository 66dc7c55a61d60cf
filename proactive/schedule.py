"""When something that comes again and again is due, by the clock on the city's walls. Pure.

A daily 09:00 stays 09:00 on both days of a change of clocks. A time that the clock skips in spring is as long after
midnight as on any other day (03:30 is then shown as 04:30); one that comes twice in autumn is the first of the two.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulebase, rrulestr

_DAY = timedelta(days=1)


class NoRule(ValueError):
    """It is no recurrence rule of days (RFC 5545)."""


def read(rule: str, begins: datetime) -> rrulebase:
    """A rule such as ``FREQ=WEEKLY;BYDAY=MO``, from a local time without a zone on. Raises ``NoRule``."""
    try:
        return rrulestr(rule, dtstart=begins)
    except (ValueError, KeyError, AttributeError, TypeError) as error:
        raise NoRule(type(error).__name__) from None


def moment(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """When a clock of the zone shows a time on a day, in UTC."""
    return datetime.combine(day, clock, zone).astimezone(UTC)


def between(
    rule: str, begins: date, clock: time, zone: ZoneInfo, *, after: datetime, until: datetime
) -> list[datetime]:
    """The moments of a rule after one moment and until another, in UTC and in order. Raises ``NoRule``."""
    # A day more at each end: what the clock shows may be some hours away from where it would be by the offset.
    first, last = (at.astimezone(zone).replace(tzinfo=None) for at in (after, until))
    found = read(rule, datetime.combine(begins, clock)).between(first - _DAY, last + _DAY, inc=True)
    moments = {moment(one.date(), one.time(), zone) for one in found}
    return sorted(one for one in moments if after < one <= until)


def following(rule: str, begins: date, clock: time, zone: ZoneInfo, *, after: datetime) -> datetime | None:
    """The next moment of a rule, or nothing where it has ended. Raises ``NoRule``."""
    local = after.astimezone(zone).replace(tzinfo=None) - _DAY
    found = read(rule, datetime.combine(begins, clock))
    for _ in range(9):  # the days around a change of clocks may bring a moment that is not after it
        one = found.after(local, inc=True)
        if one is None:
            return None
        at = moment(one.date(), one.time(), zone)
        if at > after:
            return at
        local = one + timedelta(microseconds=1)
    return None
