"""Phone numbers, e-mail addresses and personal identity codes in a text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from bot.messages import Entity

REGION = "FI"
_DIGITS = re.compile(r"\+?\d(?:[\s()./-]{0,2}\d){5}")
_EMAIL = re.compile(r"[^\s<>(),;:\"]{1,64}@[^\s<>(),;:\"]{1,190}")
_CODE = re.compile(r"(?<![^\W_])(\d\d)(\d\d)(\d\d)([-+A-FU-Y])(\d{3})([0-9A-FHJ-NPR-Y])(?![^\W_])", re.IGNORECASE)
_CHECK = "0123456789ABCDEFHJKLMNPRSTUVWXY"
_CENTURY = {"+": 1800, **dict.fromkeys("-UVWXY", 1900), **dict.fromkeys("ABCDEF", 2000)}


def phones(text: str) -> Iterator[Entity]:
    """Numbers that exist in a numbering plan, in E.164; without a country code they are Finnish."""
    if _DIGITS.search(text) is None:
        return
    for found in phonenumbers.PhoneNumberMatcher(text, REGION):
        value = phonenumbers.format_number(found.number, phonenumbers.PhoneNumberFormat.E164)
        yield Entity(kind="phone", value=value, text=found.raw_string, start=found.start, end=found.end)


def emails(text: str) -> Iterator[Entity]:
    """Addresses that could exist, in their normal form."""
    for match in _EMAIL.finditer(text) if "@" in text else ():
        written = match.group().rstrip(".!?'")
        try:
            value = validate_email(written, check_deliverability=False).normalized
        except EmailNotValidError:
            continue
        yield Entity(kind="email", value=value, text=written, start=match.start(), end=match.start() + len(written))


def identity_codes(text: str) -> Iterator[Entity]:
    """Finnish personal identity codes whose day and check character are right: where they are, never what they are.

    Form and check: Digital and Population Data Services Agency (DVV), including the separators in use since 2023.
    """
    for match in _CODE.finditer(text):
        day, month, year, century, number, check = match.groups()
        try:
            date(_CENTURY[century.upper()] + int(year), int(month), int(day))
        except ValueError:
            continue
        if _CHECK[int(day + month + year + number) % 31] == check.upper():
            hidden = "*" * len(match.group())
            yield Entity(kind="identity_code", value=hidden, text=hidden, start=match.start(), end=match.end())
