"""Whether a nudge may go out now, on which channel, and if not, why and until when. Pure: a table of rules in order.

It is asked in the transaction that claims a nudge, with the facts as they are then, at every sending.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from proactive.quiet import Calendar, holiday_end, in_quiet_hours, quiet_end
from proactive.rules import Rules
from proactive.template import Urgency

GROUNDS = frozenset(("given", "by_law"))
"""The standings with which a person may be written to."""
PASSED = "passed"
URGENT = "urgent_in_quiet_hours"
"""The reasons of what is sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One way to the person: a conversation on a channel, and what is known of it.

    ``standing`` is ``given`` or ``by_law``, else the reason why there is no ground. ``suppressed`` is the reason of our
    own list; ``opted_out`` is what the provider says. ``dialog_at`` is the last word of an open dialog; ``busy``: a
    turn is being answered, or a message is not sent yet.
    """

    channel: str
    conversation_id: UUID
    standing: str
    suppressed: str | None = None
    opted_out: bool = False
    reachable: bool = True
    stale: bool = False
    dialog_at: datetime | None = None
    busy: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One nudge at one moment. All times are aware.

    ``routes`` are in the order of preference, ``tried`` the channels that could not reach, ``recent`` the sendings of
    the same purpose to the same person; ``paused`` is its campaign's state; ``attempts`` counts its own sendings.
    ``owned``: a member of staff answers the person, wherever; ``crisis_at``: when they were last in distress.
    """

    now: datetime
    purpose: str
    urgency: Urgency
    expires_at: datetime
    routes: tuple[Route, ...]
    owned: bool = False
    crisis_at: datetime | None = None
    tried: tuple[str, ...] = ()
    recent: tuple[datetime, ...] = ()
    paused: bool = False
    cancelled: bool = False
    attempts: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What to do with the nudge, and why.

    ``route`` is set to send; ``until`` to defer, always later than the case's ``now``; ``status`` to drop.
    ``skipped`` are channels with the reason why not there.
    """

    action: Literal["send", "defer", "drop"]
    reason: str
    status: str = ""
    route: Route | None = None
    until: datetime | None = None
    skipped: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scene:
    """What a rule looks at: the case at a moment that may be later than now, and the way that was chosen."""

    case: Case
    route: Route
    at: datetime
    rules: Rules
    calendar: Calendar


def decide(case: Case, rules: Rules, calendar: Calendar) -> Verdict:
    """The verdict on a nudge."""
    if (ended := _ended(case, rules)) is not None:
        return ended
    ways = [(route, _closed(route, case)) for route in case.routes]
    skipped = tuple((route.channel, why) for route, why in ways if why is not None)
    route = next((route for route, why in ways if why is None), None)
    if route is None:
        return _nowhere(skipped)
    scene = _Scene(case=case, route=route, at=case.now, rules=rules, calendar=calendar)
    held = _held(scene)
    if held is not None:
        return _deferred(case, *held, skipped)
    return Verdict(action="send", reason=_passed(scene), route=route, skipped=skipped)


def _ended(case: Case, rules: Rules) -> Verdict | None:
    """What ends it wherever it would go."""
    if case.cancelled:
        return Verdict(action="drop", reason="cancelled", status="cancelled")
    if case.now >= case.expires_at:
        return Verdict(action="drop", reason="expired", status="expired")
    if case.attempts >= rules.retry.attempts:
        return Verdict(action="drop", reason="attempts_used", status="temporary-failure")
    return None


_CLOSED: tuple[Callable[[Route], str | None], ...] = (
    lambda route: route.suppressed,
    lambda route: None if route.standing in GROUNDS else route.standing,
    lambda route: "opted_out" if route.opted_out else None,
    lambda route: None if route.reachable else "unreachable",
    lambda route: "stale_address" if route.stale else None,
)


def _closed(route: Route, case: Case) -> str | None:
    """Why a nudge cannot go this way."""
    why = next((why for rule in _CLOSED if (why := rule(route)) is not None), None)
    return why or ("undelivered" if route.channel in case.tried else None)


def _nowhere(skipped: tuple[tuple[str, str], ...]) -> Verdict:
    reason = skipped[0][1] if skipped else "no_route"
    status = "permanent-failure" if reason in {"unreachable", "undelivered"} else "cancelled"
    return Verdict(action="drop", reason=reason, status=status, skipped=skipped)


def _paused(scene: _Scene) -> datetime | None:
    return scene.case.now + scene.rules.busy.paused if scene.case.paused else None


def _too_many(scene: _Scene) -> datetime | None:
    """When the oldest of too many sendings leaves the window."""
    cap = scene.rules.cap(scene.case.purpose)
    if cap is None or len(scene.case.recent) < cap.count:
        return None
    return sorted(scene.case.recent)[-cap.count] + timedelta(days=cap.days)


def _human(scene: _Scene) -> datetime | None:
    return scene.case.now + scene.rules.busy.human if scene.case.owned else None


def _crisis(scene: _Scene) -> datetime | None:
    """Who is in distress on one channel is left in peace on all."""
    last = scene.case.crisis_at
    return None if last is None else last + scene.rules.busy.crisis


def _dialog(scene: _Scene) -> datetime | None:
    last = scene.route.dialog_at
    return None if last is None else last + scene.rules.busy.dialog


def _busy(scene: _Scene) -> datetime | None:
    return scene.case.now + scene.rules.busy.turn if scene.route.busy else None


def _quiet(scene: _Scene) -> datetime | None:
    if not scene.rules.held(scene.case.urgency).quiet_hours:
        return None
    quiet = scene.rules.quiet
    return quiet_end(scene.at, quiet.begins, quiet.ends, scene.calendar)


def _holiday(scene: _Scene) -> datetime | None:
    held = scene.rules.held(scene.case.urgency).public_holidays
    return holiday_end(scene.at, scene.calendar) if held else None


@dataclass(frozen=True, slots=True)
class _Hold:
    """A rule that holds a nudge until a moment. A ``loose`` end may come sooner, so that it is worth to look again."""

    reason: str
    until: Callable[[_Scene], datetime | None]
    loose: bool = False
    status: str = "expired"


_HOLDS = (
    _Hold("paused", _paused, loose=True),
    _Hold("too_many", _too_many, status="cancelled"),
    _Hold("human", _human, loose=True),
    _Hold("crisis", _crisis),
    _Hold("dialog_open", _dialog, loose=True),
    _Hold("busy", _busy, loose=True),
    _Hold("quiet_hours", _quiet),
    _Hold("public_holiday", _holiday),
)


def _held(scene: _Scene) -> tuple[_Hold, datetime] | None:
    """The first rule that holds it now, and the first moment at which none does."""
    first, at = None, scene.at
    while (found := _next_hold(scene, at)) is not None:
        first, at = first or found[0], found[1]
    return None if first is None else (first, at)


def _next_hold(scene: _Scene, at: datetime) -> tuple[_Hold, datetime] | None:
    then = _Scene(case=scene.case, route=scene.route, at=at, rules=scene.rules, calendar=scene.calendar)
    ends = ((hold, hold.until(then)) for hold in _HOLDS)
    return next(((hold, end) for hold, end in ends if end is not None and end > at), None)


def _deferred(case: Case, hold: _Hold, until: datetime, skipped: tuple[tuple[str, str], ...]) -> Verdict:
    """Until then, if it is still of use then."""
    if until < case.expires_at:
        return Verdict(action="defer", reason=hold.reason, until=until, skipped=skipped)
    if hold.loose:
        return Verdict(action="defer", reason=hold.reason, until=case.expires_at, skipped=skipped)
    return Verdict(action="drop", reason=hold.reason, status=hold.status, skipped=skipped)


def _passed(scene: _Scene) -> str:
    quiet = scene.rules.quiet
    return URGENT if in_quiet_hours(scene.at, quiet.begins, quiet.ends, scene.calendar) else PASSED
