"""Open now, until when, and when again: from the periods of days, over midnight and over the change of clocks."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from knowledge.opening import OPEN_STATES, STATES, OpenPeriod, OpenStatus, status

ZONE = ZoneInfo("Europe/Helsinki")
THURSDAY = date(2026, 11, 26)


def period(start: str | None, end: str | None, state: str = "open", *, over: bool = False) -> OpenPeriod:
    return OpenPeriod(start=start, end=end, ends_next_day=over, state=state)


def at(clock: str, *, day: date = THURSDAY) -> datetime:
    return datetime.combine(day, datetime.strptime(clock, "%H:%M").time(), ZONE)  # noqa: DTZ007


def asked(clock: str, *days: list[OpenPeriod] | None, first: date = THURSDAY) -> OpenStatus:
    known = {first + timedelta(days=number): periods for number, periods in enumerate(days)}
    return status(known, at(clock, day=first), ZONE)


def short(found: OpenStatus) -> tuple[object, ...]:
    def clock(moment: str | None) -> str | None:
        return moment[5:16] if moment else None

    return found["open"], found["state"], clock(found["until"]), clock(found["closes"]), clock(found["next_opening"])


DAY = [period("08:00", "20:00"), period("20:00", "22:00", "self_service")]


@pytest.mark.parametrize(
    ("clock", "wanted"),
    [
        ("07:59", (False, "closed", "11-26T08:00", None, "11-26T08:00")),
        ("08:00", (True, "open", "11-26T20:00", "11-26T22:00", "11-27T08:00")),
        ("19:59", (True, "open", "11-26T20:00", "11-26T22:00", "11-27T08:00")),
        ("20:00", (True, "self_service", "11-26T22:00", "11-26T22:00", "11-27T08:00")),
        ("22:00", (False, "closed", "11-27T08:00", None, "11-27T08:00")),
    ],
)
def test_a_day_with_self_service(clock: str, wanted: tuple[object, ...]) -> None:
    assert short(asked(clock, DAY, DAY)) == wanted


def test_moments_have_the_citys_offset() -> None:
    assert asked("09:00", DAY, DAY)["until"] == "2026-11-26T20:00:00+02:00"


def test_a_night_belongs_to_the_evening_before() -> None:
    bar = [period("18:00", "02:00", over=True)]
    known = {THURSDAY - timedelta(days=1): bar, THURSDAY: bar}
    found = status(known, at("01:30"), ZONE)
    assert short(found) == (True, "open", "11-26T02:00", "11-26T02:00", "11-26T18:00")
    assert not status(known, at("02:00"), ZONE)["open"]


def test_always_open_has_no_end() -> None:
    whole = [period("00:00", "00:00", over=True)]
    assert short(asked("12:00", whole, whole, whole)) == (True, "open", None, None, None)


def test_an_exception_shuts_an_ordinary_day() -> None:
    found = asked("12:30", [period("08:00", "20:00"), period("12:00", "13:00", "closed")])
    assert short(found) == (False, "closed", "11-26T13:00", None, "11-26T13:00")
    assert asked("12:30", [period("08:00", "20:00"), period("12:00", "13:00", "maintenance")])["state"] == "maintenance"


def test_a_holiday_is_skipped_for_the_next_opening() -> None:
    closed = [period(None, None, "closed")]
    assert asked("21:00", [period("08:00", "20:00")], closed, DAY)["next_opening"] == "2026-11-28T08:00:00+02:00"


def test_nothing_is_claimed_beyond_a_day_that_is_not_known() -> None:
    assert asked("21:00", [period("08:00", "20:00")], None, DAY)["next_opening"] is None
    assert asked("09:00", None, DAY) == asked("09:00")
    assert not asked("09:00", None, DAY)["known"]


def test_an_end_that_is_not_told_is_not_made_up() -> None:
    found = asked("09:00", [period("08:00", None)], [period(None, None, "closed")])
    assert (found["open"], found["until"], found["closes"]) == (True, None, None)


def test_by_appointment_is_open_in_a_state_of_its_own() -> None:
    found = asked("09:00", [period("08:00", "16:00", "by_appointment")])
    assert short(found) == (True, "by_appointment", "11-26T16:00", "11-26T16:00", None)


@pytest.mark.parametrize("state", sorted(STATES - {"undefined"}))
def test_every_state_is_open_or_shut(state: str) -> None:
    found = asked("09:00", [period("08:00", "16:00", state)])
    assert found["state"] == state or state == "no_opening_hours"
    assert found["open"] == (state in OPEN_STATES)


def test_an_undefined_period_says_nothing() -> None:
    assert not asked("09:00", [period("08:00", "16:00", "undefined"), period("17:00", "18:00")])["open"]


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25)])
def test_the_change_of_clocks(day: date, hours: int) -> None:
    whole, shut = [period("00:00", "00:00", over=True)], [period(None, None, "closed")]
    found = asked("00:00", whole, shut, first=day)
    assert found["closes"] is not None
    ends = datetime.fromisoformat(found["closes"])
    assert (ends - at("00:00", day=day)) == timedelta(hours=hours)


def test_now_in_another_zone_is_the_same_moment() -> None:
    known = {THURSDAY: DAY}
    assert status(known, at("08:00").astimezone(ZoneInfo("America/New_York")), ZONE)["open"]
