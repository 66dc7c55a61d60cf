"""Any clock, any jump of it: never a message in quiet hours, never one lost, never one sent twice."""

from __future__ import annotations

import asyncio
from datetime import datetime, time, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from proactive.rules import Rules
from tests.unit.proactive.office import HELSINKI, Clock, Office, office

DAYS = (
    datetime(2027, 3, 27, 12, tzinfo=HELSINKI),  # the night in which an hour is left out
    datetime(2027, 10, 30, 12, tzinfo=HELSINKI),  # the night in which an hour comes twice
    datetime(2027, 12, 23, 12, tzinfo=HELSINKI),  # Christmas
    datetime(2028, 2, 28, 12, tzinfo=HELSINKI),  # a leap day
    datetime(2027, 12, 31, 12, tzinfo=HELSINKI),  # another year
    datetime(2027, 6, 24, 12, tzinfo=HELSINKI),  # midsummer
)
JUMPS = st.lists(
    st.one_of(
        st.integers(-180, 180).map(lambda minutes: timedelta(minutes=minutes)),
        st.integers(-6, 30).map(lambda hours: timedelta(hours=hours)),
        st.sampled_from((timedelta(), timedelta(seconds=1), timedelta(days=-1), timedelta(days=2))),
    ),
    min_size=3,
    max_size=12,
)


def quiet(moment: datetime) -> bool:
    """Written out again, so that the code's own words are not its judge."""
    clock = moment.astimezone(HELSINKI).time()
    return clock >= time(21) or clock < time(8)


async def _one(here: Office, begins: datetime, jumps: list[timedelta], number: int) -> None:
    here.clock.at = begins
    here.sms.sent.clear()
    here.sms.tried.clear()
    people = [await here.citizen(f"+3585{number:04}{each:03}") for each in range(3)]
    names = ("pickup", "routine", "urgent")
    nudges = [
        await here.nudge(person, name, f"w{number}x{each}", due_at=here.clock() + timedelta(hours=each * 5))
        for each, (person, name) in enumerate(zip(people, names, strict=True))
    ]
    for jump in jumps:
        here.clock.at = here.clock() + jump
        before = len(here.sms.sent)
        await here.deliver()
        for text in here.sms.sent[before:]:
            assert not quiet(here.clock()) or text.endswith("x2."), f"{text} at {here.clock.at.astimezone(HELSINKI)}"
    here.clock.at = here.clock() + timedelta(days=4)
    await here.deliver()
    fates = [await here.fate(nudge) for nudge in nudges]
    assert {status for status, _ in fates} <= {"sent", "expired"}, fates
    assert len(here.sms.sent) == [status for status, _ in fates].count("sent")
    assert len(here.sms.sent) == len(set(here.sms.sent))


def test_whatever_the_clock_does(database_url: str) -> None:
    numbers = iter(range(10_000))
    loop = asyncio.new_event_loop()
    manager = office(database_url, rules=Rules(caps={}, stale_after={}), clock=Clock())
    here = loop.run_until_complete(manager.__aenter__())

    @settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(st.sampled_from(DAYS), st.integers(0, 23), JUMPS)
    def holds(day: datetime, hour: int, jumps: list[timedelta]) -> None:
        loop.run_until_complete(_one(here, day + timedelta(hours=hour), jumps, next(numbers)))

    try:
        holds()
    finally:
        loop.run_until_complete(manager.__aexit__(None, None, None))
        loop.close()
