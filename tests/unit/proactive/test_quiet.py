"""Quiet hours and holidays by the clock on the wall, on both days on which it is changed."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proactive.quiet import Calendar, holiday_end, in_quiet_hours, quiet_end

HELSINKI = Calendar(ZoneInfo("Europe/Helsinki"), "FI")
BEGINS, ENDS = time(21), time(8)
MOMENTS = st.datetimes(datetime(2026, 12, 31), datetime(2029, 1, 2), timezones=st.just(UTC))  # noqa: DTZ001


def local(text: str, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=HELSINKI.zone, fold=fold)


@pytest.mark.parametrize(
    ("clock", "quiet"),
    [("20:59", False), ("21:00", True), ("23:59", True), ("00:00", True), ("07:59", True), ("08:00", False)],
)
def test_quiet_hours_run_over_midnight(clock: str, quiet: bool) -> None:
    assert in_quiet_hours(local(f"2027-02-03T{clock}"), BEGINS, ENDS, HELSINKI) is quiet


@pytest.mark.parametrize(("clock", "quiet"), [("11:59", False), ("12:00", True), ("13:59", True), ("14:00", False)])
def test_quiet_hours_within_a_day(clock: str, quiet: bool) -> None:
    assert in_quiet_hours(local(f"2027-02-03T{clock}"), time(12), time(14), HELSINKI) is quiet


def test_the_clock_is_the_citys_in_summer_too() -> None:
    moment = datetime(2027, 7, 14, 18, 30, tzinfo=UTC)
    assert quiet_end(moment, BEGINS, ENDS, HELSINKI) == datetime(2027, 7, 15, 5, tzinfo=UTC)
    assert quiet_end(moment - timedelta(minutes=31), BEGINS, ENDS, HELSINKI) is None


@pytest.mark.parametrize(
    ("evening", "morning", "hours"),
    [("2027-03-27", "2027-03-28", 10), ("2027-10-30", "2027-10-31", 12), ("2028-02-28", "2028-02-29", 11)],
    ids=["an hour is missing", "an hour comes twice", "a leap day"],
)
def test_quiet_hours_end_at_eight_whatever_the_night(evening: str, morning: str, hours: int) -> None:
    begins = local(f"{evening}T21:00")
    end = quiet_end(begins, BEGINS, ENDS, HELSINKI)
    assert end == local(f"{morning}T08:00")
    assert end is not None
    assert end - begins.astimezone(UTC) == timedelta(hours=hours)


@pytest.mark.parametrize(
    ("day", "ends", "end"),
    [
        ("2027-03-28", time(3, 30), datetime(2027, 3, 28, 1, 30, tzinfo=UTC)),
        ("2027-10-31", time(3, 30), datetime(2027, 10, 31, 0, 30, tzinfo=UTC)),
    ],
    ids=["03:30 is not on the clock", "03:30 comes twice"],
)
def test_an_end_within_the_changed_hour_is_never_while_the_clock_shows_quiet(
    day: str, ends: time, end: datetime
) -> None:
    assert quiet_end(local(f"{day}T01:00"), BEGINS, ends, HELSINKI) == end
    assert not in_quiet_hours(end, BEGINS, ends, HELSINKI)


def test_in_the_hour_that_comes_twice_what_is_quiet_again_waits_again() -> None:
    second = local("2027-10-31T03:10", fold=1)
    assert quiet_end(second, BEGINS, time(3, 30), HELSINKI) == datetime(2027, 10, 31, 1, 30, tzinfo=UTC)


@given(MOMENTS, st.times(), st.times())
def test_quiet_hours_end_in_the_first_moment_that_is_not_quiet(moment: datetime, begins: time, ends: time) -> None:
    end = quiet_end(moment, begins, ends, HELSINKI)
    assert (end is not None) == in_quiet_hours(moment, begins, ends, HELSINKI)
    if end is None:
        return
    assert moment < end <= moment + timedelta(hours=26)
    assert not in_quiet_hours(end, begins, ends, HELSINKI)
    just_before = end - timedelta(microseconds=1)
    gap = HELSINKI.local(end).utcoffset() != HELSINKI.local(just_before - timedelta(hours=1)).utcoffset()
    assert gap or just_before < moment or in_quiet_hours(just_before, begins, ends, HELSINKI)


@pytest.mark.parametrize(
    "day", ["2027-01-01", "2027-01-06", "2027-03-26", "2027-03-28", "2027-05-06", "2027-06-26", "2027-12-06"]
)
def test_a_public_holiday_ends_at_its_midnight(day: str) -> None:
    after = date.fromisoformat(day) + timedelta(days=1)
    assert holiday_end(local(f"{day}T12:00"), HELSINKI) == local(f"{after}T00:00")
    assert holiday_end(local(f"{day}T00:00"), HELSINKI) == local(f"{after}T00:00")
    assert holiday_end(local("2027-02-03T12:00"), HELSINKI) is None


def test_a_holiday_is_the_citys_day_not_the_days_in_utc() -> None:
    last_hour = datetime(2026, 12, 31, 22, 30, tzinfo=UTC)
    assert holiday_end(last_hour, HELSINKI) == datetime(2027, 1, 1, 22, tzinfo=UTC)
    assert holiday_end(datetime(2027, 1, 1, 22, tzinfo=UTC), HELSINKI) is None
