"""When what comes again is due: by the clock on the wall, once, on every day of two years."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proactive.reminders import Kind, Occasion
from proactive.schedule import NoRule, between, following, moment, read
from proactive.upcoming import Order, by_feed, by_rule, dumped, loaded, when

ZONE = ZoneInfo("Europe/Helsinki")
BEGINS = date(2027, 1, 1)
CLOCKS = st.builds(time, st.integers(0, 23), st.sampled_from((0, 1, 29, 30, 59)))
MINUTES = st.integers(0, 730 * 24 * 60)
MOMENTS = MINUTES.map(lambda minutes: datetime(2027, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes))
SPANS = st.timedeltas(timedelta(seconds=1), timedelta(days=40))
RULES = st.sampled_from(
    ("FREQ=DAILY", "FREQ=DAILY;INTERVAL=3", "FREQ=WEEKLY;BYDAY=SU", "FREQ=WEEKLY;BYDAY=MO,TH", "FREQ=MONTHLY")
)
SPRING, AUTUMN = date(2027, 3, 28), date(2027, 10, 31)
SPRINGS = (SPRING, date(2028, 3, 26))
NAIVE = datetime(2027, 1, 1)  # noqa: DTZ001  rules are read without a zone


def local(at: datetime) -> datetime:
    return at.astimezone(ZONE)


def kind(**changes: object) -> Kind:
    parts: dict[str, object] = {"id": "k", "title": {}, "template": "t", "feed": "f", "date": "day"}
    return Kind(**{**parts, **changes})  # type: ignore[arg-type]


@given(rule=RULES, clock=CLOCKS, start=MOMENTS, span=SPANS, cuts=st.lists(st.floats(0, 1), max_size=6))
def test_however_often_one_looks_each_moment_comes_once(
    rule: str, clock: time, start: datetime, span: timedelta, cuts: list[float]
) -> None:
    end = start + span
    whole = between(rule, BEGINS, clock, ZONE, after=start, until=end)
    edges = [start, *sorted(start + span * cut for cut in cuts), end]
    parts = [at for a, b in pairwise(edges) for at in between(rule, BEGINS, clock, ZONE, after=a, until=b)]
    assert parts == whole
    assert len({local(at).date() for at in whole}) == len(whole)


@given(rule=RULES, clock=CLOCKS, start=MOMENTS)
def test_the_next_one_is_the_first_of_those_to_come(rule: str, clock: time, start: datetime) -> None:
    found = following(rule, BEGINS, clock, ZONE, after=start)
    to_come = between(rule, BEGINS, clock, ZONE, after=start, until=start + timedelta(days=63))
    assert found == to_come[0]
    assert found > start


@given(clock=CLOCKS)
def test_a_daily_time_stays_what_the_clock_shows_on_every_day(clock: time) -> None:
    found = between(
        "FREQ=DAILY", BEGINS, clock, ZONE, after=moment(BEGINS, time(), ZONE), until=datetime(2029, 1, 1, tzinfo=UTC)
    )
    days = [local(at).date() for at in found]
    skipped = clock.hour == 3
    assert {local(at).time() for at in found if local(at).date() not in SPRINGS or not skipped} == {clock}
    assert all(later - earlier == timedelta(days=1) for earlier, later in pairwise(days))
    assert date(2028, 2, 29) in days


@pytest.mark.parametrize(
    ("day", "clock", "utc"),
    [
        (SPRING, time(2, 59), "00:59"),
        (SPRING, time(3, 30), "01:30"),  # there is no 03:30: shown as 04:30
        (SPRING, time(9), "06:00"),
        (AUTUMN, time(3, 30), "00:30"),  # the first of the two
        (AUTUMN, time(9), "07:00"),
        (date(2027, 7, 1), time(9), "06:00"),
        (date(2027, 1, 1), time(9), "07:00"),
    ],
)
def test_on_the_days_on_which_clocks_change(day: date, clock: time, utc: str) -> None:
    assert moment(day, clock, ZONE) == datetime.combine(day, time.fromisoformat(utc), UTC)
    found = between(
        "FREQ=DAILY", BEGINS, clock, ZONE, after=moment(day, time(), ZONE), until=moment(day, time(23, 59), ZONE)
    )
    assert found == [moment(day, clock, ZONE)]


def test_a_leap_day_comes_in_leap_years_alone() -> None:
    found = between(
        "FREQ=YEARLY",
        date(2024, 2, 29),
        time(9),
        ZONE,
        after=datetime(2024, 1, 1, tzinfo=UTC),
        until=datetime(2033, 1, 1, tzinfo=UTC),
    )
    assert [local(at).date() for at in found] == [date(2024, 2, 29), date(2028, 2, 29), date(2032, 2, 29)]


@pytest.mark.parametrize("rule", ["", "FREQ=NEVER", "BYDAY=MO", "FREQ=DAILY;BYDAY=XX", "every day"])
def test_what_is_no_rule_is_none(rule: str) -> None:
    with pytest.raises(NoRule):
        read(rule, NAIVE)


def test_a_rule_that_has_ended_has_no_next() -> None:
    after = datetime(2027, 2, 1, tzinfo=UTC)
    assert following("FREQ=DAILY;UNTIL=20270115", BEGINS, time(9), ZONE, after=after) is None


@given(
    clock=CLOCKS, done=MOMENTS, looks=st.lists(st.timedeltas(timedelta(minutes=1), timedelta(hours=30)), max_size=40)
)
def test_an_order_is_written_of_at_each_moment_that_is_not_too_old_and_never_twice(
    clock: time, done: datetime, looks: list[timedelta]
) -> None:
    order = Order(kind=kind(rule="FREQ=DAILY", feed=None), time=clock, begins=BEGINS)
    within, now, made = timedelta(hours=3), done, list[datetime]()
    expected = list[datetime]()
    for gap in looks:
        before, now = now, now + gap
        made += [due.at for due in by_rule(order, done_until=before, now=now, within=within, zone=ZONE).due]
        passed = between("FREQ=DAILY", BEGINS, clock, ZONE, after=max(before, now - within), until=now)
        expected += passed[-1:]
    assert made == expected
    assert len(set(made)) == len(made)


def test_a_weekday_that_was_asked_for_is_in_the_rule() -> None:
    order = Order(kind=kind(rule="FREQ=WEEKLY"), day=7, begins=BEGINS)
    found = order.following(datetime(2027, 3, 27, 12, tzinfo=UTC), ZONE)
    assert found == datetime(2027, 3, 28, 15, tzinfo=UTC)


def test_things_are_told_of_the_evening_before_and_late_ones_as_long_as_they_have_not_begun() -> None:
    order = Order(kind=kind(), begins=BEGINS)
    things = [
        Occasion(id="today", at=date(2027, 3, 27)),
        Occasion(id="tomorrow", at=date(2027, 3, 28)),
        Occasion(id="later", at=date(2027, 3, 30)),
        Occasion(id="soon", at=datetime(2027, 3, 27, 20, tzinfo=UTC)),
    ]
    noon = datetime(2027, 3, 27, 10, tzinfo=UTC)
    plan = by_feed(order, things, now=noon, zone=ZONE)
    assert [due.name for due in plan.due] == ["soon 2027-03-27T20:00:00+00:00"]
    assert plan.next == datetime(2027, 3, 27, 16, tzinfo=UTC)
    assert [due.about for due in by_feed(order, things, now=plan.next, zone=ZONE).due] == [things[1], things[3]]
    night = datetime(2027, 3, 27, 22, tzinfo=UTC)  # midnight in Helsinki: it has begun
    after = by_feed(order, things, now=night, zone=ZONE)
    assert after.due == ()
    assert after.next == datetime(2027, 3, 29, 15, tzinfo=UTC)


def test_what_a_feed_told_is_kept_as_it_was() -> None:
    things = [
        Occasion(id="a", at=date(2027, 3, 28), values={"kind": {"fi": "bio"}}),
        Occasion(id="b", at=datetime(2027, 3, 28, 5, tzinfo=UTC)),
    ]
    assert loaded(dumped(things)) == things
    with pytest.raises(ValueError, match="offset"):
        when("2027-03-28T05:00:00")
