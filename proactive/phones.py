"""Telephone numbers, as a text message can be sent to them."""

from __future__ import annotations

import re

import phonenumbers
from phonenumbers import PhoneNumberFormat, PhoneNumberType

MOBILE = (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE)
REGION = "FI"
"""Where a number belongs that is written without a country code."""


_WRITTEN = re.compile(r"[\d\s+()./\u2010-\u2015\u2212\u200b-\u200f\u202a-\u202e\u2060\ufeff＋'-]*[,;]?", re.UNICODE)
"""The signs of a number as people write it: others, such as ``;`` and ``#``, begin an extension or a second number."""
_SPREADSHEET = re.compile(r"[.,]0+\s*\Z")
"""The end of a number that a program took for a sum: read as digits, it would be somebody else's number."""

HOME = f"+{phonenumbers.country_code_for_region(REGION)}"


class NoMobile(ValueError):
    """Not a number that takes text messages; the words say why, without the number, and so does the code.

    ``no_number``: no telephone has it; ``landline``; ``no_mobile``: a service or another kind.
    """

    def __init__(self, code: str, words: str) -> None:
        super().__init__(words)
        self.code = code


def mobile(text: str) -> str:
    """A number in E.164, however people write it: ``040 1234567``, ``+358 (0)40…`` and ``0035840…`` are one.

    Raises ``NoMobile``.
    """
    if not _WRITTEN.fullmatch(text) or _SPREADSHEET.search(text):
        raise NoMobile("no_number", "it is not a telephone number")
    try:
        number = phonenumbers.parse(text, REGION)
    except phonenumbers.NumberParseException:
        raise NoMobile("no_number", "it is not a telephone number") from None
    if not phonenumbers.is_valid_number(number):
        raise NoMobile("no_number", "there is no such telephone number")
    kind = phonenumbers.number_type(number)
    if kind not in MOBILE:
        raise NoMobile("landline" if kind == PhoneNumberType.FIXED_LINE else "no_mobile", "it is not a mobile number")
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def abroad(number: str) -> bool:
    """Whether a number in E.164 is of another country."""
    return not number.startswith(HOME)
