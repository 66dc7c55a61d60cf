"""Days as FHIR R4 writes them, and faults of what it says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

Resource = Mapping[str, Any]


class Faulty(Exception):
    """A resource cannot be used; ``code`` says why in a word (docs/health.md has the table), and never a value."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Calendar:
    """The days of a city, and which of them it is."""

    zone: ZoneInfo
    today: date

    def day(self, said: str) -> date:
        """The day that was written, as it was where it was written; a moment in UTC is one of the city's days.

        Raises ``Faulty``, inexact_date, where it is a month or a year, or no day of the calendar.
        """
        try:
            if len(said) > 10:
                moment = datetime.fromisoformat(said.replace(":60", ":59"))
                return (moment.astimezone(self.zone) if moment.utcoffset() == timedelta() else moment).date()
            return date.fromisoformat(said)
        except ValueError:
            raise Faulty("inexact_date") from None

    def first(self, resource: Resource, *names: str) -> date:
        """The day of the first of some elements that is there. Raises ``Faulty``: missing_date or inexact_date."""
        for name in names:
            said = resource.get(name)
            if isinstance(said, Mapping):
                said = said.get("start")
            if said is not None:
                return self.day(said)
        raise Faulty("missing_date")

    def by(self, said: str | None) -> date:
        """A day, or today where it is not told to the day: what has happened had happened by then."""
        if said is None:
            return self.today
        try:
            return self.day(said)
        except Faulty:
            return self.today
