"""From claimed nudges and facts to what is sent, what waits and what ends: the gate asked about each. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from proactive import gate
from proactive.changes import Change
from proactive.claimed import EVERYTHING, Facts, Nudge, Place
from proactive.gate import Case, Route, Verdict
from proactive.grouping import Passed
from proactive.quiet import Calendar
from proactive.rules import Rules
from proactive.template import Templates, UnknownTemplate

WAITING = ("webchat",)
"""Channels on which a message waits until its reader comes back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """What may go out, and the changes of all others."""

    passed: Sequence[Passed]
    changes: Sequence[Change]


class Decider:
    """Asks the gate, by one city's rules and templates."""

    def __init__(self, rules: Rules, calendar: Calendar, templates: Templates) -> None:
        self.rules = rules
        self._calendar = calendar
        self.templates = templates

    def decide(self, nudges: Sequence[Nudge], facts: Facts, now: datetime) -> Decided:
        """About each nudge; also whether two of the same purpose are too many together."""
        passed: list[Passed] = []
        changes: list[Change] = []
        for nudge in nudges:
            places = places_of(nudge, facts)
            counted = [one.nudge.owner for one in passed if one.nudge.purpose == nudge.purpose]
            verdict = self._verdict(nudge, places, facts, now, sent_now=counted.count(nudge.owner))
            if verdict.action != "send" or verdict.route is None:
                changes.append(_change(nudge, verdict))
                continue
            try:
                template = self.templates.get(nudge.template, nudge.version)
            except UnknownTemplate:
                changes.append(Change(id=nudge.id, status="technical-failure", reason="unknown_template"))
                continue
            place = next(place for place in places if place.id == verdict.route.conversation_id)
            passed.append(Passed(nudge=nudge, template=template, place=place, verdict=verdict))
        return Decided(passed=passed, changes=changes)

    def _verdict(self, nudge: Nudge, places: Sequence[Place], facts: Facts, now: datetime, *, sent_now: int) -> Verdict:
        recent = (*facts.recent.get((nudge.owner, nudge.purpose), ()), *[now] * sent_now)
        everywhere = facts.places.get(nudge.owner, ())
        case = Case(
            now=now,
            purpose=nudge.purpose,
            urgency=nudge.urgency,
            expires_at=nudge.expires_at,
            routes=tuple(self._route(place, nudge, facts, now) for place in places),
            owned=any(place.owned for place in everywhere),
            crisis_at=max((place.crisis_at for place in everywhere if place.crisis_at is not None), default=None),
            tried=tuple(nudge.tried),
            recent=tuple(recent),
            paused=nudge.campaign == "paused",
            cancelled=nudge.campaign == "cancelled",
            attempts=nudge.attempts,
        )
        return gate.decide(case, self.rules, self._calendar)

    def _route(self, place: Place, nudge: Nudge, facts: Facts, now: datetime) -> Route:
        stale = self.rules.stale_after.get(place.address.channel)
        return Route(
            channel=place.address.channel,
            conversation_id=place.id,
            standing=facts.standings.get((nudge.owner, nudge.purpose, place.id), "no_purpose"),
            suppressed=place.suppressed.get(EVERYTHING) or place.suppressed.get(nudge.purpose),
            opted_out=place.opted_out,
            reachable=place.reachable,
            stale=stale is not None and place.used_at is not None and _old(place.used_at, stale, now),
            dialog_at=place.dialog_at,
            busy=place.busy,
        )


def later(nudge: Nudge, until: datetime, reason: str, *, paced: bool = False) -> Change:
    """Held for a while."""
    return Change(
        id=nudge.id, status="held", reason=reason, due_at=until, paced=paced, noted=_new(nudge, "held", reason)
    )


def places_of(nudge: Nudge, facts: Facts) -> Sequence[Place]:
    """Where it may go, in the order to try: as it was asked, else where the person wrote last and sees it at once."""
    places = sorted(facts.places.get(nudge.owner, ()), key=lambda place: place.address.channel in WAITING)
    if nudge.conversation_id is not None:
        return [place for place in places if place.id == nudge.conversation_id]
    if nudge.channels is None:
        return places
    wanted = list(nudge.channels)
    chosen = [place for place in places if place.address.channel in wanted]
    return sorted(chosen, key=lambda place: wanted.index(place.address.channel))


def _old(used_at: datetime, stale: timedelta, now: datetime) -> bool:
    return now - used_at > stale


def _change(nudge: Nudge, verdict: Verdict) -> Change:
    if verdict.action == "drop":
        return Change(id=nudge.id, status=verdict.status, reason=verdict.reason, skipped=verdict.skipped)
    return Change(
        id=nudge.id,
        status="held",
        reason=verdict.reason,
        due_at=verdict.until,
        noted=_new(nudge, "held", verdict.reason),
        skipped=verdict.skipped,
    )


def _new(nudge: Nudge, status: str, reason: str) -> bool:
    """Whether it is worth an event: it was not held for the same reason before."""
    return (nudge.status, nudge.reason) != (status, reason)
