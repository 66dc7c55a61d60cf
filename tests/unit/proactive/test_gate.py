"""The gate: each rule with its reason, and what must hold at every moment of two years."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proactive.gate import Case, Route, Verdict, decide
from proactive.quiet import Calendar
from proactive.rules import Cap, Rules
from proactive.template import Urgency

HELSINKI = Calendar(ZoneInfo("Europe/Helsinki"), "FI")
RULES = Rules(caps={"default": Cap(count=2, days=7), "checkins": Cap(count=1, days=1)})
NOON = datetime(2027, 2, 3, 10, tzinfo=UTC)
"""A Wednesday, 12:00 in Helsinki."""
SMS = Route(channel="sms", conversation_id=UUID(int=1), standing="given")
WEB = Route(channel="webchat", conversation_id=UUID(int=2), standing="by_law")
CASE = Case(now=NOON, purpose="waste", urgency="routine", expires_at=NOON + timedelta(days=400), routes=(SMS, WEB))


def judged(case: Case) -> Verdict:
    return decide(case, RULES, HELSINKI)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=HELSINKI.zone).astimezone(UTC)


def test_what_nothing_holds_goes_out_on_the_first_way() -> None:
    assert judged(CASE) == Verdict(action="send", reason="passed", route=SMS)


@pytest.mark.parametrize(
    ("case", "status", "reason"),
    [
        (replace(CASE, cancelled=True, expires_at=NOON), "cancelled", "cancelled"),
        (replace(CASE, expires_at=NOON, attempts=9), "expired", "expired"),
        (replace(CASE, attempts=5, routes=()), "temporary-failure", "attempts_used"),
        (replace(CASE, routes=()), "cancelled", "no_route"),
        (replace(CASE, routes=(replace(SMS, suppressed="wrong_number"),)), "cancelled", "wrong_number"),
        (replace(CASE, routes=(replace(SMS, standing="no_consent"),)), "cancelled", "no_consent"),
        (replace(CASE, routes=(replace(SMS, opted_out=True),)), "cancelled", "opted_out"),
        (replace(CASE, routes=(replace(SMS, reachable=False),)), "permanent-failure", "unreachable"),
        (replace(CASE, routes=(replace(SMS, stale=True),)), "cancelled", "stale_address"),
        (replace(CASE, tried=("sms", "webchat")), "permanent-failure", "undelivered"),
    ],
)
def test_what_ends_a_nudge(case: Case, status: str, reason: str) -> None:
    verdict = judged(case)
    assert (verdict.action, verdict.status, verdict.reason) == ("drop", status, reason)
    assert (verdict.route, verdict.until) == (None, None)


@pytest.mark.parametrize(
    ("closed", "why"),
    [
        ({"suppressed": "complaint", "standing": "withdrawn"}, "complaint"),
        ({"standing": "withdrawn", "opted_out": True}, "withdrawn"),
        ({"standing": "level"}, "level"),
        ({"opted_out": True, "reachable": False}, "opted_out"),
        ({"reachable": False, "stale": True}, "unreachable"),
        ({"stale": True}, "stale_address"),
    ],
)
def test_a_closed_way_is_passed_over_with_its_reason(closed: dict[str, object], why: str) -> None:
    first = Route(**{"channel": "sms", "conversation_id": UUID(int=1), "standing": "given", **closed})  # type: ignore[arg-type]
    verdict = judged(replace(CASE, routes=(first, WEB)))
    assert (verdict.action, verdict.route, verdict.skipped) == ("send", WEB, (("sms", why),))


def test_a_channel_that_was_tried_is_not_tried_again() -> None:
    verdict = judged(replace(CASE, tried=("sms",)))
    assert (verdict.route, verdict.skipped) == (WEB, (("sms", "undelivered"),))


@pytest.mark.parametrize(
    ("case", "reason", "until"),
    [
        (replace(CASE, paused=True), "paused", NOON + timedelta(hours=1)),
        (replace(CASE, owned=True), "human", NOON + timedelta(hours=1)),
        (
            replace(CASE, crisis_at=NOON - timedelta(hours=20)),
            "crisis",
            NOON + timedelta(hours=4),
        ),
        (
            replace(CASE, routes=(replace(SMS, dialog_at=NOON - timedelta(minutes=10)), WEB)),
            "dialog_open",
            NOON + timedelta(minutes=20),
        ),
        (replace(CASE, routes=(replace(SMS, busy=True), WEB)), "busy", NOON + timedelta(seconds=15)),
    ],
)
def test_what_holds_a_nudge_and_until_when(case: Case, reason: str, until: datetime) -> None:
    verdict = judged(case)
    assert (verdict.action, verdict.reason, verdict.until, verdict.route) == ("defer", reason, until, None)


def test_an_open_dialog_on_another_channel_holds_nothing() -> None:
    busy = replace(WEB, busy=True, dialog_at=NOON)
    assert judged(replace(CASE, routes=(SMS, busy))).route == SMS
    assert judged(replace(CASE, routes=(replace(SMS, dialog_at=NOON - timedelta(minutes=30)),))).action == "send"
    assert judged(replace(CASE, crisis_at=NOON - timedelta(hours=24))).action == "send"


def test_the_oldest_sending_must_leave_the_window() -> None:
    days = [NOON - timedelta(days=ago) for ago in (6, 1, 3)]
    verdict = judged(replace(CASE, recent=tuple(days)))
    assert (verdict.action, verdict.reason, verdict.until) == ("defer", "too_many", NOON + timedelta(days=4))
    assert judged(replace(CASE, recent=tuple(days[:1]))).action == "send"
    assert judged(replace(CASE, recent=(NOON - timedelta(days=7), NOON - timedelta(days=1)))).action == "send"
    assert judged(replace(CASE, purpose="checkins", recent=(NOON - timedelta(hours=25),))).action == "send"


def test_what_could_go_out_only_after_its_expiry_ends_now_with_the_reason() -> None:
    soon = NOON + timedelta(hours=2)
    many = judged(replace(CASE, expires_at=soon, recent=(NOON, NOON)))
    assert (many.action, many.status, many.reason) == ("drop", "cancelled", "too_many")
    evening = local("2027-02-03T22:00")
    for hours in (9, 10):
        night = judged(replace(CASE, now=evening, expires_at=evening + timedelta(hours=hours)))
        assert (night.action, night.status, night.reason) == ("drop", "expired", "quiet_hours")
    just = judged(replace(CASE, now=evening, expires_at=evening + timedelta(hours=10, seconds=1)))
    assert (just.action, just.until) == ("defer", local("2027-02-04T08:00"))


def test_what_may_be_over_sooner_is_looked_at_until_the_expiry() -> None:
    soon = NOON + timedelta(minutes=5)
    verdict = judged(replace(CASE, expires_at=soon, owned=True))
    assert (verdict.action, verdict.reason, verdict.until) == ("defer", "human", soon)


@pytest.mark.parametrize(
    ("now", "urgency", "action", "reason", "until"),
    [
        ("2027-02-03T20:59:59", "routine", "send", "passed", None),
        ("2027-02-03T21:00", "timely", "defer", "quiet_hours", "2027-02-04T08:00"),
        ("2027-02-03T21:00", "urgent", "send", "urgent_in_quiet_hours", None),
        ("2027-12-06T12:00", "routine", "defer", "public_holiday", "2027-12-07T08:00"),
        ("2027-12-06T12:00", "timely", "send", "passed", None),
        ("2027-12-06T12:00", "urgent", "send", "passed", None),
        # Easter: the Saturday is no holiday, and in the night after it the clocks are changed.
        ("2027-03-25T22:00", "routine", "defer", "quiet_hours", "2027-03-27T08:00"),
        ("2027-03-27T21:30", "routine", "defer", "quiet_hours", "2027-03-30T08:00"),
        ("2027-03-27T21:30", "timely", "defer", "quiet_hours", "2027-03-28T08:00"),
        ("2027-10-30T23:30", "routine", "defer", "quiet_hours", "2027-10-31T08:00"),
        ("2027-12-23T21:00", "routine", "defer", "quiet_hours", "2027-12-27T08:00"),
        ("2028-02-28T23:00", "routine", "defer", "quiet_hours", "2028-02-29T08:00"),
    ],
)
def test_quiet_hours_and_holidays_by_urgency(
    now: str, urgency: Urgency, action: str, reason: str, until: str | None
) -> None:
    moment = local(now)
    verdict = judged(replace(CASE, now=moment, urgency=urgency, expires_at=moment + timedelta(days=30)))
    assert (verdict.action, verdict.reason) == (action, reason)
    assert verdict.until == (None if until is None else local(until))


def test_a_dialog_that_runs_into_the_night_waits_for_the_morning() -> None:
    evening = local("2027-02-03T20:45")
    verdict = judged(replace(CASE, now=evening, routes=(replace(SMS, dialog_at=evening),)))
    assert (verdict.reason, verdict.until) == ("dialog_open", local("2027-02-04T08:00"))


EDGES = [
    local(f"{day}T{clock}")
    for day in ("2027-03-28", "2027-10-31", "2028-02-29", "2027-12-31", "2027-12-24", "2027-06-25", "2028-03-26")
    for clock in ("00:00", "02:59:59", "03:00", "03:30", "04:00", "07:59:59", "08:00", "20:59:59", "21:00", "23:59:59")
]
MOMENTS = st.one_of(
    st.datetimes(datetime(2027, 1, 1), datetime(2028, 12, 31), timezones=st.just(UTC)),  # noqa: DTZ001
    st.sampled_from(EDGES),
    st.builds(
        lambda edge, seconds: edge + timedelta(seconds=seconds), st.sampled_from(EDGES), st.integers(-7200, 7200)
    ),
)
AGO = st.integers(0, 10 * 86400).map(lambda seconds: timedelta(seconds=seconds))
URGENCIES: st.SearchStrategy[Urgency] = st.sampled_from(("routine", "timely", "urgent"))


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """A case that only time holds, and not for ever."""
    now = draw(MOMENTS)
    route = replace(
        SMS,
        dialog_at=draw(st.none() | AGO.map(lambda ago: now - ago)),
    )
    recent = tuple(now - ago for ago in draw(st.lists(AGO, max_size=4)))
    return replace(
        CASE,
        now=now,
        urgency=draw(URGENCIES),
        expires_at=now + timedelta(days=60),
        routes=(route,),
        crisis_at=draw(st.none() | AGO.map(lambda ago: now - ago)),
        recent=recent,
    )


@settings(max_examples=400)
@given(cases())
def test_nothing_goes_out_when_it_may_not_and_nothing_is_lost(case: Case) -> None:
    verdict = judged(case)
    assert verdict.action != "drop"
    if verdict.action == "send":
        shown = HELSINKI.local(case.now)
        assert case.urgency == "urgent" or 8 <= shown.hour < 21
        assert case.urgency != "routine" or not HELSINKI.holiday(shown.date())
        return
    assert verdict.until is not None
    assert verdict.until > case.now
    then = judged(replace(case, now=verdict.until))
    assert then.action == "send"


@settings(max_examples=400)
@given(cases(), st.integers(0, 9999))
def test_whenever_the_clock_jumps_a_held_nudge_stays_held_until_the_same_moment(case: Case, part: int) -> None:
    first = judged(case)
    if first.until is None:
        return
    between = case.now + (first.until - case.now) * part // 10_000
    again = judged(replace(case, now=between))
    assert (again.action, again.until) == ("defer", first.until)


@given(cases())
def test_the_zone_that_a_moment_is_told_in_changes_nothing(case: Case) -> None:
    assert judged(replace(case, now=case.now.astimezone(ZoneInfo("Pacific/Kiritimati")))) == judged(case)


@given(cases(), st.integers(0, 20 * 86400))
def test_nothing_goes_out_or_is_looked_at_after_its_expiry(case: Case, seconds: int) -> None:
    expires = case.now + timedelta(seconds=seconds)
    verdict = judged(replace(case, expires_at=expires))
    if verdict.action == "send":
        assert case.now < expires
    elif verdict.action == "defer":
        assert verdict.until is not None
        assert case.now < verdict.until <= expires
    else:
        held = judged(case)
        assert seconds == 0 or (held.until is not None and held.until >= expires)


def test_a_daily_time_on_the_days_of_the_changed_clocks_is_sent_once() -> None:
    """Held overnight on both nights, each is let go at one moment only, whatever moments it is looked at."""
    for evening, morning in (("2027-03-27T21:30", "2027-03-28T08:00"), ("2027-10-30T21:30", "2027-10-31T08:00")):
        at, sent = local(evening), []
        while at < local(morning) + timedelta(hours=1):
            verdict = judged(replace(CASE, now=at, urgency="timely"))
            if verdict.action == "send":
                sent.append(at)
                break
            assert verdict.until is not None
            at = min(verdict.until, at + timedelta(minutes=7))
        assert sent == [local(morning)]
