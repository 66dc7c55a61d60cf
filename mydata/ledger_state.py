"""What follows from the entries of a chain: never stored, always derived. Pure."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from mydata.ledger_chain import Entry
from mydata.purposes import Purpose

State = Literal["never", "given", "withdrawn", "outdated", "expired", "by_law", "gone"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Whether a purpose may be served on a channel, and the entry that says so.

    ``outdated``: agreed to, but the text has changed since, so it is asked again. ``expired``: agreed to too long ago.
    ``by_law``: needs no consent, and nobody can end it. ``gone``: the city has no such purpose (any more).
    """

    purpose: str
    channel: str
    state: State
    allowed: bool
    entry: Entry | None = None


def standing(
    name: str, channel: str, purpose: Purpose | None, entry: Entry | None, *, now: datetime, current: bool = True
) -> Standing:
    """From the last entry of the purpose that is for the channel or for all channels.

    ``current=False`` leaves the version out of account: of a moment in the past nobody can say which text was the
    newest then.
    """
    state = _state(channel, purpose, entry, now=now, current=current)
    allowed = state in {"given", "by_law"} or (
        state == "never" and purpose is not None and purpose.basis == "public_task" and channel in purpose.channels
    )
    return Standing(purpose=name, channel=channel, state=state, allowed=allowed, entry=entry)


def _state(channel: str, purpose: Purpose | None, entry: Entry | None, *, now: datetime, current: bool) -> State:
    if purpose is None or channel not in purpose.channels:
        return "gone"
    if not purpose.refusable:
        return "by_law"
    if entry is None or entry.kind == "withdrawn":
        return "never" if entry is None else "withdrawn"
    if current and entry.version != purpose.version and purpose.basis == "consent":
        return "outdated"
    ends = expires(entry, purpose)
    return "expired" if ends is not None and now >= ends else "given"


def expires(entry: Entry, purpose: Purpose) -> datetime | None:
    """When an agreement has to be asked for again."""
    return None if purpose.valid_months is None else months_after(entry.at, purpose.valid_months)


def months_after(moment: datetime, months: int) -> datetime:
    """The same day of a later month, or that month's last one."""
    year, month = divmod(moment.year * 12 + moment.month - 1 + months, 12)
    return moment.replace(year=year, month=month + 1, day=min(moment.day, monthrange(year, month + 1)[1]))


def last_of(entries: Iterable[Entry], purpose: str, channel: str) -> Entry | None:
    """The last entry of a purpose that is for the channel or for all channels; entries in their order."""
    found = None
    for entry in entries:
        if entry.purpose == purpose and entry.channel in {channel, None}:
            found = entry
    return found
