"""Values as people write them in a language: days, times, sums."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

import phonenumbers
from babel.dates import format_date, format_datetime, format_time
from babel.numbers import format_currency, format_decimal

from bot.messages import JSON
from proactive.placeholder import Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class _Style:
    """Babel's name of a language as it is written here, and its patterns (Unicode TR 35)."""

    locale: str
    date: str
    time: str
    at: str

    @property
    def moment(self) -> str:
        return f"{self.date} '{self.at}' {self.time}"


_ENGLISH = _Style(locale="en_GB", date="ccc d MMM", time="H:mm", at="at")
_STYLES = {
    "fi": _Style(locale="fi", date="ccc d.M.", time="H.mm", at="klo"),
    "sv": _Style(locale="sv_FI", date="ccc d.M", time="H.mm", at="kl."),
    "en": _ENGLISH,
}


def written(kind: Kind, value: JSON, *, language: str, zone: ZoneInfo) -> str:
    """A value that ``placeholder.fault`` has nothing against, in words; moments by the clock of the zone."""
    if isinstance(value, Mapping):
        value = value.get(language) or next(iter(value.values()))
    write = _WRITERS.get(kind)
    return str(value) if write is None else write(str(value), _STYLES.get(language, _ENGLISH), zone)


@lru_cache(maxsize=1024)
def _date(value: str, style: _Style, _: ZoneInfo) -> str:
    return format_date(date.fromisoformat(value), style.date, locale=style.locale)


def _time(value: str, style: _Style, _: ZoneInfo) -> str:
    return format_time(time.fromisoformat(value), style.time, locale=style.locale)


@lru_cache(maxsize=1024)  # a campaign says the same moment to many
def _moment(value: str, style: _Style, zone: ZoneInfo) -> str:
    local = datetime.fromisoformat(value).astimezone(zone)
    return format_datetime(local, style.moment, locale=style.locale)


def _number(value: str, style: _Style, _: ZoneInfo) -> str:
    return format_decimal(Decimal(value), locale=style.locale)


def _money(value: str, style: _Style, _: ZoneInfo) -> str:
    amount, currency = value.split(" ")
    return format_currency(Decimal(amount), currency, locale=style.locale)


def _phone(value: str, _: _Style, __: ZoneInfo) -> str:
    return phonenumbers.format_number(phonenumbers.parse(value), phonenumbers.PhoneNumberFormat.INTERNATIONAL)


_WRITERS: Mapping[Kind, Callable[[str, _Style, ZoneInfo], str]] = {
    "date": _date,
    "time": _time,
    "moment": _moment,
    "number": _number,
    "money": _money,
    "phone": _phone,
}
