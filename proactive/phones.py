"""Telephone numbers, as a text message can be sent to them."""

from __future__ import annotations

import phonenumbers
from phonenumbers import PhoneNumberFormat, PhoneNumberType

MOBILE = (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE)
REGION = "FI"
"""Where a number belongs that is written without a country code."""


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
    if any(sign.isalpha() for sign in text):
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
