"""When and how often the city writes first: the shape of ``proactive.yaml``."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time, timedelta
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from proactive.template import Urgency


def fault(message: str, remedy: str) -> PydanticCustomError:
    """An error of a validator, with its remedy."""
    return PydanticCustomError("content", "{message}", {"message": message, "remedy": remedy})


def _yes_or_no(value: Any) -> Any:
    return getattr(value, "value", value)  # what reads YAML keeps a bare “true” beside the word that was written


def _clock(value: Any) -> Any:
    if isinstance(value, str):
        try:
            return time.fromisoformat(value)
        except ValueError:
            raise fault(f"“{value}” is not a time of day", 'Write it as "21:00"') from None
    return value


def _span(value: Any) -> Any:
    """A length of time: ``{days: 1, hours: 12}``."""
    if not isinstance(value, dict):
        return value
    if not value or not value.keys() <= {"days", "hours", "minutes", "seconds"} or not all(map(_whole, value.values())):
        raise fault("is not a length of time", "Write it as {days: 1}, {hours: 12} or {minutes: 30}")
    return timedelta(**value)


def _whole(value: Any) -> bool:
    return type(value) is int and 0 <= value <= 100_000


def _positive(value: timedelta) -> timedelta:
    if not value:
        raise fault("is no time at all", "Write how long it is")
    return value


YesNo = Annotated[bool, BeforeValidator(_yes_or_no)]
Clock = Annotated[time, BeforeValidator(_clock)]
Span = Annotated[timedelta, BeforeValidator(_span), AfterValidator(_positive)]
Count = Annotated[int, Field(ge=1)]


class Model(BaseModel):
    """Frozen, strict, and without fields that nobody knows."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Quiet(Model):
    """From when to when nothing is sent, by the city's clock; over midnight where it ends earlier than it begins."""

    begins: Clock = Field(alias="from", default=time(21))
    ends: Clock = Field(alias="to", default=time(8))


class Held(Model):
    """What holds nudges of an urgency back."""

    quiet_hours: YesNo = True
    public_holidays: YesNo = True


class Cap(Model):
    """At most ``count`` nudges in ``days`` days to one person. No sending of more than 30 days ago is looked for."""

    count: Count
    days: Annotated[int, Field(ge=1, le=30)]


class Pace(Model):
    """Messages a second that a channel takes, and the part of them that is kept for urgent ones."""

    per_second: Annotated[float, Field(gt=0, strict=False)]
    urgent_share: Annotated[float, Field(ge=0, lt=1, strict=False)] = 0.2


class Busy(Model):
    """How long a conversation is left alone.

    ``dialog``: after the last word in an open dialog; ``crisis``: after an emergency or a crisis. The others say when
    to look again: while a human answers, while a turn or a message is on its way, while a campaign is paused.
    """

    dialog: Span = timedelta(minutes=30)
    crisis: Span = timedelta(hours=24)
    human: Span = timedelta(hours=1)
    turn: Span = timedelta(seconds=15)
    paused: Span = timedelta(hours=1)


class Retry(Model):
    """How often a nudge is sent at most, and the waits after a temporary failure: doubling, from first to longest."""

    attempts: Count = 5
    first: Span = timedelta(minutes=1)
    longest: Span = timedelta(hours=1)

    def wait(self, attempts: int) -> timedelta:
        """How long to wait after so many sendings (from 1)."""
        return min(self.first * (1 << min(attempts - 1, 20)), self.longest)


class Price(Model):
    """What one part of a text message costs, in euros: to a number of this country, and of another one.

    Without the second, campaigns write to numbers of this country alone.
    """

    part: Annotated[float, Field(ge=0, strict=False)] | None = None
    part_abroad: Annotated[float, Field(ge=0, strict=False)] | None = None


_ALL = Held()


def _urgencies() -> dict[Urgency, Held]:
    return {
        "routine": Held(),
        "timely": Held(public_holidays=False),
        "urgent": Held(quiet_hours=False, public_holidays=False),
    }


class Rules(Model):
    """All of it; a city without the file has these.

    ``caps`` are by purpose, with one for all others under ``default``. A channel that is not in ``pace`` is not held
    back. ``stale_after``: an address of a channel that was silent so long may be another person's.
    """

    quiet: Quiet = Quiet()
    urgency: Mapping[Urgency, Held] = Field(default_factory=_urgencies)
    caps: Mapping[str, Cap] = Field(default_factory=lambda: {"default": Cap(count=5, days=7)})
    pace: Mapping[str, Pace] = Field(default_factory=dict)
    busy: Busy = Busy()
    retry: Retry = Retry()
    price: Price = Price()
    stale_after: Mapping[str, Span] = Field(default_factory=lambda: {"sms": timedelta(days=365)})

    def cap(self, purpose: str) -> Cap | None:
        """How often one person is written to for a purpose; ``None`` where nothing limits it."""
        return self.caps.get(purpose, self.caps.get("default"))

    def held(self, urgency: Urgency) -> Held:
        """What holds an urgency back; all of it where the file does not say."""
        return self.urgency.get(urgency, _ALL)
