"""The ladder of a check-in, step by step: pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proactive.checkins import LOOK_AGAIN, Step, skill_of, step
from proactive.template import Ladder, Templates
from tests.unit.proactive.store import template

LADDER = Ladder(again="again", again_after=timedelta(hours=2), handoff_after=timedelta(hours=4), skill="social")
DUE = datetime(2027, 8, 2, 6, tzinfo=UTC)
SENT = DUE + timedelta(minutes=5)


@pytest.mark.parametrize(
    ("status", "sent", "after", "expected"),
    [
        ("sent", True, timedelta(hours=2), Step("again", SENT + timedelta(hours=4))),
        ("delivered", True, timedelta(hours=3, minutes=59), Step("again", SENT + timedelta(hours=4))),
        ("sent", True, timedelta(hours=1, minutes=59), Step(None, SENT + timedelta(hours=2))),
        ("sent", True, timedelta(hours=4), Step("people", None)),
        ("sent", True, timedelta(days=3), Step("people", None)),
        ("technical-failure", True, timedelta(hours=2), Step("again", SENT + timedelta(hours=4))),  # in doubt
        ("technical-failure", False, timedelta(hours=2), Step("people", None)),
        ("permanent-failure", True, timedelta(hours=2), Step("people", None)),
        ("temporary-failure", False, timedelta(hours=2), Step("people", None)),
        ("expired", False, timedelta(hours=2), Step("people", None)),
        ("cancelled", False, timedelta(hours=2), Step(None, None)),
        ("held", False, timedelta(hours=2), Step(None, SENT + timedelta(hours=2) + LOOK_AGAIN)),
        ("created", False, timedelta(hours=2), Step(None, SENT + timedelta(hours=2) + LOOK_AGAIN)),
        ("sending", True, timedelta(hours=2), Step(None, SENT + timedelta(hours=2) + LOOK_AGAIN)),
    ],
)
def test_each_step(status: str, sent: bool, after: timedelta, expected: Step) -> None:
    sent_at = SENT if sent else None
    found = step(status=status, reason=None, sent_at=sent_at, due_at=DUE, ladder=LADDER, now=SENT + after)
    assert found == expected


@pytest.mark.parametrize(
    ("reason", "act"),
    [
        *((reason, "people") for reason in ("too_many", "stale_address", "no_route", "level")),
        *((reason, None) for reason in ("cancelled", "withdrawn", "opted_out", "wrong_number", "no_consent")),
    ],
)
def test_what_nobody_wished_to_end_is_told_to_people(reason: str, act: str | None) -> None:
    found = step(status="cancelled", reason=reason, sent_at=None, due_at=DUE, ladder=LADDER, now=DUE)
    assert found == Step(act, None)


@given(looks=st.lists(st.timedeltas(timedelta(seconds=1), timedelta(hours=5)), min_size=1, max_size=30))
def test_however_late_one_looks_people_are_told_once_and_never_before_their_time(looks: list[timedelta]) -> None:
    now, told = SENT, list[str]()
    at: datetime | None = SENT + LADDER.again_after
    for gap in looks:
        now += gap
        if at is not None and at <= now:
            act, at = step(status="sent", reason=None, sent_at=SENT, due_at=DUE, ladder=LADDER, now=now)
            told += [act] if act else []
            assert at is None or at > now
            assert act != "people" or now >= SENT + LADDER.handoff_after
    assert told.count("people") <= 1
    assert told.count("again") <= 1
    assert ("people" in told) == (now >= SENT + LADDER.handoff_after)


def test_the_question_that_asks_again_is_answered_by_the_same_people() -> None:
    first, again, other = template(id="first", ladder=LADDER), template(id="again"), template(id="other")
    templates = Templates((other, again, first))
    assert [skill_of(templates, one) for one in (first, again, other)] == ["social", "social", None]
