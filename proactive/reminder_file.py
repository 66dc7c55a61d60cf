"""What citizens can order, as an editor writes it: the shape of ``reminders.yaml``, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, RootModel

from proactive import schedule
from proactive.around import Finding
from proactive.reminders import Ask, Kind, Occasion, Reminders
from proactive.rules import Clock, Count, Model, Span, YesNo, fault
from proactive.template import Templates
from proactive.template_file import Name, Text
from proactive.upcoming import when

_DAYS = frozenset(("YEARLY", "MONTHLY", "WEEKLY", "DAILY"))


def _rule(value: str) -> str:
    parts = dict(part.partition("=")[::2] for part in value.upper().split(";"))
    clock = {"BYHOUR", "BYMINUTE", "BYSECOND", "COUNT", "DTSTART"} & parts.keys()
    try:
        schedule.read(value, datetime(2027, 1, 1))  # noqa: DTZ001  a rule of days has no zone
    except schedule.NoRule:
        parts = {}
    if parts.get("FREQ") not in _DAYS or clock or len(value) > 200:
        raise fault(f"“{value}” is no rule of days", "Write it as FREQ=DAILY or FREQ=WEEKLY;BYDAY=MO (RFC 5545)")
    return value.upper()


def _when(value: Any) -> Any:
    if not isinstance(value, str | date):
        return value
    try:
        return when(value if isinstance(value, str) else value.isoformat())
    except ValueError:
        raise fault(f"“{value}” is no date", "Write 2027-01-22, or a moment such as 2027-01-22T09:00+02:00") from None


class DateFile(Model):
    """One of the city's own dates."""

    at: Annotated[date | datetime, BeforeValidator(_when)]
    values: Mapping[Name, Any] = Field(default_factory=dict)


class KindFile(Model):
    """One kind."""

    title: Mapping[str, Text]
    template: Name
    asks: tuple[Ask, ...] = ()
    feed: Name | None = None
    by_number: YesNo = False
    rule: Annotated[str, AfterValidator(_rule)] | None = None
    days_before: Annotated[int, Field(ge=0, le=60)] = 1
    at: Clock = time(18)
    date: Name | None = None
    take: Mapping[Name, Text] = Field(default_factory=dict)
    say: Mapping[Name, Any] = Field(default_factory=dict)
    dates: tuple[DateFile, ...] = ()
    every: Span = timedelta(hours=6)
    ahead_days: Count = 14

    def kind(self, kind_id: str) -> Kind:
        """The kind."""
        plain = {name: getattr(self, name) for name in KindFile.model_fields if name not in {"dates", "ahead_days"}}
        dates = tuple(
            Occasion(id=f"own {number}", at=one.at, values=one.values) for number, one in enumerate(self.dates, 1)
        )
        return Kind(**{**plain, "id": kind_id, "dates": dates, "ahead": timedelta(days=self.ahead_days)})


class ReminderFile(RootModel[Mapping[Name, KindFile]]):
    """The file."""

    def reminders(self) -> Reminders:
        """All kinds, in its order."""
        return Reminders(body.kind(name) for name, body in self.root.items())


def findings(kinds: Reminders, templates: Templates, languages: Sequence[str]) -> Iterator[Finding]:
    """What is wrong with kinds whose fields are right one by one."""
    for kind in kinds:
        for language in languages:
            if language not in kind.title:
                yield (kind.id, "title"), f"has no {language}", "Write it in each language of the city"
        if kind.template not in templates:
            yield (kind.id, "template"), f"there is no template “{kind.template}”", "Name a file of nudges/"
            continue
        if templates.get(kind.template).reviewed:
            yield (kind.id, "template"), f"a person decides on each “{kind.template}”", "Name another file of nudges/"
        if kind.rule is None and kind.feed is None and not kind.dates:
            yield (kind.id,), "has neither a rule, a feed nor dates", "Say when it comes"
        if "day" in kind.asks and (kind.rule is None or "BYDAY" in kind.rule or "FREQ=WEEKLY" not in kind.rule):
            yield (kind.id, "asks"), "asks for a day, but comes by no week", "Write “rule: FREQ=WEEKLY”"
        yield from _values(kind, templates)


def _values(kind: Kind, templates: Templates) -> Iterator[Finding]:
    wanted = templates.get(kind.template).values.keys()
    given = {*kind.take, *kind.say, *({kind.date} if kind.date is not None else ())}
    for name in sorted(wanted - given):
        yield (kind.id,), f"does not say where the template's value “{name}” comes from", "Write it under take or say"
    for name in sorted(given - wanted):
        yield (kind.id,), f"has a value “{name}”, which the template does not have", "Take it out"
