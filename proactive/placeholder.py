"""The named values of a template: their kinds, and whether a value is of its kind."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from urllib.parse import urlsplit

import phonenumbers

from bot.messages import JSON

Kind = Literal["text", "date", "time", "moment", "number", "money", "code", "link", "phone"]
LONGEST_LINK = 300

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,39}", re.ASCII)
_MONEY = re.compile(r"-?[0-9]{1,9}(\.[0-9]{2})? [A-Z]{3}", re.ASCII)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}[:+Z-]")
_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]", re.ASCII)
_NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,6})?", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Placeholder:
    """One value that a template is filled with, and an example of it.

    As JSON: ``text`` is one line of at most ``max`` characters; ``date``, ``time`` and ``moment`` are ISO 8601, a
    moment with its offset; ``number`` is a number, or a text of digits; ``money`` is ``"12.50 EUR"``; ``code`` is
    letters, digits and hyphens; ``link`` is an https address, on one of ``hosts`` or below it where any is named;
    ``phone`` is E.164. A text or a link may also be a mapping by language.
    """

    kind: Kind
    example: JSON
    max: int = 100
    hosts: tuple[str, ...] = ()


def fault(placeholder: Placeholder, value: JSON, languages: Sequence[str]) -> str | None:
    """What is wrong with a value, without the value itself; ``None`` for nothing."""
    if not isinstance(value, Mapping):
        return _fault(placeholder, value)
    if placeholder.kind not in {"text", "link"}:
        return "is by language, which only a text or a link can be"
    if set(value) != set(languages):
        return f"is by language, but not in exactly {', '.join(languages)}"
    return next((found for part in value.values() if (found := _fault(placeholder, part)) is not None), None)


def _fault(placeholder: Placeholder, value: JSON) -> str | None:
    if placeholder.kind == "number" and isinstance(value, int | float) and not isinstance(value, bool):
        return None if math.isfinite(value) else "is not a number"
    return _CHECKS[placeholder.kind](placeholder, value) if isinstance(value, str) else "is not a text"


def _text(placeholder: Placeholder, value: str) -> str | None:
    if not value.strip():
        return "is empty"
    if any(unicodedata.category(character)[0] == "C" or character in "\u2028\u2029" for character in value):
        return "has a line break or another character that cannot be seen"
    return None if len(value) <= placeholder.max else f"is longer than {placeholder.max} characters"


def _date(_: Placeholder, value: str) -> str | None:
    return None if _reads(date.fromisoformat, value, _DAY) else "is not a date such as 2027-08-03"


def _moment(_: Placeholder, value: str) -> str | None:
    aware = _reads(datetime.fromisoformat, value, _MOMENT) and datetime.fromisoformat(value).tzinfo is not None
    # On the first and the last day of the calendar another zone's clock shows nothing that can be written.
    kept = aware and date.min < datetime.fromisoformat(value).date() < date.max
    return None if kept else "is not a moment with its offset, such as 2027-08-03T14:30:00+03:00"


def _reads(read: Callable[[str], object], value: str, shape: re.Pattern[str]) -> bool:
    """Whether a text is read, and not otherwise than it looks: Python takes 14.30 for a part of an hour."""
    try:
        read(value)
    except ValueError:
        return False
    return shape.match(value) is not None


def _like(pattern: re.Pattern[str], words: str) -> Callable[[Placeholder, str], str | None]:
    return lambda _, value: None if pattern.fullmatch(value) else words


def _link(placeholder: Placeholder, value: str) -> str | None:
    try:
        parts = urlsplit(value)
        host = parts.hostname or ""
    except ValueError:
        return "is not an address"
    odd = any(character.isspace() or character in '<>"()[]\\' or not character.isprintable() for character in value)
    if parts.scheme != "https" or "." not in host or odd or parts.username is not None or len(value) > LONGEST_LINK:
        return "is not an address that begins with https://"
    if placeholder.hosts and not any(host == name or host.endswith(f".{name}") for name in placeholder.hosts):
        return f"is not on {' or '.join(placeholder.hosts)}"
    return None


def _phone(_: Placeholder, value: str) -> str | None:
    try:
        number = phonenumbers.parse(value)
    except phonenumbers.NumberParseException:
        return "is not a telephone number such as +358401234567"
    plain = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    right = plain == value and phonenumbers.is_possible_number(number)
    return None if right else "is not a telephone number such as +358401234567"


_CHECKS: Mapping[Kind, Callable[[Placeholder, str], str | None]] = {
    "text": _text,
    "date": _date,
    "time": _like(_TIME, "is not a time such as 14:30"),
    "moment": _moment,
    "number": _like(_NUMBER, "is not a number"),
    "money": _like(_MONEY, "is not a sum such as 12.50 EUR"),
    "code": _like(_CODE, "is not a code of letters, digits and hyphens"),
    "link": _link,
    "phone": _phone,
}
