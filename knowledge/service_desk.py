"""When people answer in the conversation, from the city's ``service_desk``."""

from __future__ import annotations

from datetime import datetime, time
from zoneinfo import ZoneInfo

import holidays

from knowledge.model import City, DeskHours


class ServiceDesk:
    """The hours of the city's people. A language without hours of its own has those of the first one."""

    def __init__(self, city: City) -> None:
        self._hours = city.service_desk
        self._zone = ZoneInfo(city.time_zone)
        self._off = holidays.country_holidays(city.country)

    @property
    def staffed(self) -> bool:
        """Whether people answer at all."""
        return bool(self._hours)

    def open(self, language: str, now: datetime) -> bool:
        """Whether somebody answers in a language at a moment (aware, of any zone)."""
        hours = self._of(language)
        if hours is None:
            return False
        local = now.astimezone(self._zone)
        opens, closes = time.fromisoformat(hours.opens), time.fromisoformat(hours.closes)
        return local.isoweekday() in hours.days and local.date() not in self._off and opens <= local.time() < closes

    def words(self, language: str) -> str:
        """The hours, as they are said in that language; empty where there are none."""
        hours = self._of(language)
        return "" if hours is None else hours.words

    def _of(self, language: str) -> DeskHours | None:
        return self._hours.get(language) or next(iter(self._hours.values()), None)
