"""Cells of a table as spreadsheets write them, as the values that templates take."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import phonenumbers
from phonenumbers import PhoneNumberFormat

from bot.messages import JSON
from proactive.phones import REGION, NoMobile, mobile
from proactive.phones import abroad as is_abroad
from proactive.placeholder import Kind, Placeholder, fault

# What a spreadsheet would run if the cell were ever opened in one: the list of OWASP, with its full-width forms. A
# number may begin with a sign, and words may follow it.
_FORMULA = re.compile(r"[=@\t\r＝＠＋－]|[+-](?!\s*[\d(.][\d\s().,/-]*[\w\s.,:€%°-]*\Z)")
_SUM = re.compile(r"-?\d+(\.\d{1,2})?", re.ASCII)
_SPACES = re.compile(r"[\s\u00a0\u202f]+")
_CLOCK = re.compile(r"\b(?:klo|kl|at)\b\.?", re.IGNORECASE)

_DATES = ("%d.%m.%Y", "%Y-%m-%d", "%d/%m/%Y")
_TIMES = ("%H.%M", "%H:%M", "%H:%M:%S", "%H.%M.%S")
_MOMENTS = tuple(f"{day} {clock}" for day in _DATES for clock in _TIMES)

_LANGUAGES: Mapping[str, Sequence[str]] = {
    "fi": ("fi", "suomi", "finska", "finnish"),
    "sv": ("sv", "se", "ruotsi", "svenska", "swedish"),
    "en": ("en", "englanti", "engelska", "english"),
}
"""How people name languages in tables."""


class CellFault(ValueError):
    """A cell that cannot be used: a code, never the cell's words."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def checked(cell: str) -> str:
    """A cell without the spaces around it. Raises ``CellFault`` for a formula, which is kept nowhere."""
    if _FORMULA.match(cell.lstrip(" \u00a0")) or _FORMULA.match(cell.strip()):
        raise CellFault("formula")
    if "\n" in cell or "\r" in cell:
        raise CellFault("line_break")
    return cell.strip()


def number(cell: str, *, abroad: bool) -> tuple[str, bool]:
    """A cell as a number that takes text messages, in E.164, and whether it is of another country.

    Raises ``CellFault``; also for a number of another country, unless ``abroad`` lets it be one.
    """
    if not cell:
        raise CellFault("missing")
    try:
        found = mobile(cell)
    except NoMobile as error:
        raise CellFault(error.code) from None
    away = is_abroad(found)
    if away and not abroad:
        raise CellFault("abroad")
    return found, away


def language(cell: str, languages: Sequence[str]) -> str | None:
    """The language that a cell names; none of an empty one. Raises ``CellFault``."""
    said = cell.casefold().partition("-")[0].partition("_")[0]
    if not said:
        return None
    found = next((code for code, names in _LANGUAGES.items() if said in names), said)
    if found not in languages:
        raise CellFault("language")
    return found


def value(cell: str, placeholder: Placeholder, languages: Sequence[str], zone: ZoneInfo) -> JSON:
    """A cell as a template's value of that kind. Raises ``CellFault``."""
    if not cell:
        raise CellFault("missing")
    read = _READ.get(placeholder.kind)
    found = cell if read is None else read(cell, zone) or cell
    if fault(placeholder, found, languages) is not None:
        long = placeholder.kind == "text" and len(cell) > placeholder.max
        raise CellFault("too_long" if long else placeholder.kind)
    return found


def _parsed(cell: str, forms: Sequence[str]) -> datetime | None:
    for form in forms:
        with contextlib.suppress(ValueError):
            return datetime.strptime(cell, form)  # noqa: DTZ007  the day and the clock as they are written
    return None


def _date(cell: str, _: ZoneInfo) -> str | None:
    found = _parsed(cell, _DATES)
    return None if found is None else found.date().isoformat()


def _time(cell: str, _: ZoneInfo) -> str | None:
    found = _parsed(_CLOCK.sub("", cell).strip(), _TIMES)
    return None if found is None else found.time().isoformat("minutes")


def _moment(cell: str, zone: ZoneInfo) -> str | None:
    """The city's own time; one that is left out when the clocks go forward is no time."""
    found = _parsed(_SPACES.sub(" ", _CLOCK.sub("", cell.replace("T", " "))).strip(), _MOMENTS)
    if found is None:
        return None
    local = found.replace(tzinfo=zone)
    try:
        there = datetime.fromtimestamp(local.timestamp(), zone).replace(tzinfo=None) == found
    except (ValueError, OverflowError):  # at the ends of the calendar
        return None
    return local.isoformat() if there else None


def _number(cell: str, _: ZoneInfo) -> str:
    return _SPACES.sub("", cell).replace(",", ".")


def _money(cell: str, zone: ZoneInfo) -> str:
    bare = _number(re.sub(r"€|EUR", "", cell, flags=re.IGNORECASE), zone)
    if not _SUM.fullmatch(bare):
        return cell  # 12.345 may be a thousand times more than 12,345
    return f"{Decimal(bare):.2f} EUR" if "." in bare else f"{int(bare)} EUR"


def _phone(cell: str, _: ZoneInfo) -> str | None:
    with contextlib.suppress(phonenumbers.NumberParseException):
        return phonenumbers.format_number(phonenumbers.parse(cell, REGION), PhoneNumberFormat.E164)
    return None


_READ: Mapping[Kind, Callable[[str, ZoneInfo], str | None]] = {
    "date": _date,
    "time": _time,
    "moment": _moment,
    "number": _number,
    "money": _money,
    "phone": _phone,
}
"""By kind; texts, links and codes are taken as they are."""
