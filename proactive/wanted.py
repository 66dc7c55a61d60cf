"""What somebody wants written to a person, and whether it can be taken as it is."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from proactive.phones import NoMobile, mobile
from proactive.template import Template, Templates, UnknownTemplate, check_values

Mode = Literal["live", "team", "test"]
Ending = Literal["delivered", "permanent-failure", "temporary-failure", "technical-failure"]


@dataclass(frozen=True, slots=True)
class ToPerson:
    """Somebody who is known, on the channels that suit them."""

    id: UUID


@dataclass(frozen=True, slots=True)
class ToPhone:
    """A mobile number as people write it: nobody need have written from it before."""

    number: str


@dataclass(frozen=True, slots=True)
class ToAddress:
    """A conversation that there is: a channel's name and the channel's own key."""

    channel: str
    key: str


To = ToPerson | ToPhone | ToAddress


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """One nudge. ``values`` are by placeholder; ``channels`` in the order to try them.

    ``due_at`` is now where it is ``None``, ``expires_at`` what the template says, ``version`` the newest. ``dedupe`` is
    the maker's own name of it: the same one makes no second nudge. ``ends_as`` is for the mode ``test`` alone.
    """

    template: str
    to: To
    values: Mapping[str, Any]
    version: int | None = None
    language: str | None = None
    channels: Sequence[str] | None = None
    due_at: datetime | None = None
    expires_at: datetime | None = None
    dedupe: str | None = None
    mode: Mode = "live"
    ends_as: Ending | None = None
    key_id: UUID | None = None
    campaign_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Why one is not taken: a code, the field in question as a path, and what to do, in English for programmers.

    Nothing that was sent is in it.
    """

    code: str
    field: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What is taken: ``rows`` at once, times from ``behind`` now to ``ahead``, the channels and languages there are."""

    channels: Collection[str]
    languages: Sequence[str]
    rows: int = 10_000
    ahead: timedelta = timedelta(days=366)
    behind: timedelta = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """One that is right in itself: its template, its address as it is found by, and its times."""

    wanted: Wanted
    template: Template
    to: To
    due_at: datetime
    expires_at: datetime


def drafted(
    wanted: Wanted, templates: Templates, limits: Limits, now: datetime, *, decided: bool = False
) -> Draft | Fault:
    """Check all that can be checked without asking who it is for. ``decided``: a person has, on this very message."""
    try:
        template = templates.get(wanted.template, wanted.version)
    except UnknownTemplate:
        return Fault(code="unknown_template", field="template", message="There is no such template or version of it.")
    if template.reviewed and not decided:
        message = "Take another template: of this purpose nothing is sent before a person has decided on it."
        return Fault(code="review", field="template", message=message)
    fault = _values(wanted, template, limits) or _times(wanted, limits, now) or _where(wanted, limits) or _mode(wanted)
    if fault is not None:
        return fault
    due_at = wanted.due_at or now
    expires_at = wanted.expires_at or due_at + template.expires_after
    if expires_at <= max(due_at, now):
        return Fault(code="expired", field="expires_at", message="Give a time after due_at that has not passed.")
    to = wanted.to
    if isinstance(to, ToPhone):
        try:
            to = ToPhone(mobile(to.number))
        except NoMobile as error:
            return Fault(code="phone", field="to.phone", message=f"Give another number: {error}.")
    return Draft(wanted=wanted, template=template, to=to, due_at=due_at, expires_at=expires_at)


def _values(wanted: Wanted, template: Template, limits: Limits) -> Fault | None:
    languages = limits.languages if wanted.language is None else (wanted.language,)
    faults = check_values(template, wanted.values, tuple(languages))
    if not faults:
        return None
    message = "; ".join(f"{fault.name} {fault.message}" for fault in faults[:10])
    return Fault(code="values", field=f"values.{faults[0].name}", message=f"{message}.")


def _times(wanted: Wanted, limits: Limits, now: datetime) -> Fault | None:
    for field, at in (("due_at", wanted.due_at), ("expires_at", wanted.expires_at)):
        if at is None:
            continue
        if at.utcoffset() is None:
            return Fault(code="times", field=field, message="Give times with their offset from UTC.")
        if at > now + limits.ahead:
            return Fault(code="too_far_ahead", field=field, message=f"Give a time within {limits.ahead.days} days.")
        if at < now - limits.behind:
            return Fault(code="passed", field=field, message="Give a time that has not passed, or leave it out.")
    return None


def _where(wanted: Wanted, limits: Limits) -> Fault | None:
    if wanted.language is not None and wanted.language not in limits.languages:
        return Fault(code="language", field="language", message=f"Give one of {', '.join(sorted(limits.languages))}.")
    if wanted.channels is None:
        return None
    if not isinstance(wanted.to, ToPerson):
        return Fault(code="channels", field="channels", message="Leave channels out: an address has one already.")
    if not wanted.channels or len(set(wanted.channels)) < len(wanted.channels):
        return Fault(code="channels", field="channels", message="Name each channel once, or leave channels out.")
    if not set(wanted.channels) <= set(limits.channels):
        return Fault(code="channels", field="channels", message=f"Name some of {', '.join(sorted(limits.channels))}.")
    return None


def _mode(wanted: Wanted) -> Fault | None:
    if wanted.ends_as is not None and wanted.mode != "test":
        return Fault(code="ends_as", field="ends_as", message="Leave ends_as out: it is for test keys.")
    return None
