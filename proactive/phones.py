"""Telephone numbers, as a text message can be sent to them."""

from __future__ import annotations

import phonenumbers
from phonenumbers import PhoneNumberFormat, PhoneNumberType

MOBILE = (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE)
REGION = "FI"
"""Where a number belongs that is written without a country code."""


class NoMobile(ValueError):
    """Not a number that takes text messages; the words say why, without the number."""


def mobile(text: str) -> str:
    """A number in E.164, however people write it: ``040 1234567``, ``+358 (0)40…`` and ``0035840…`` are one.

    Raises ``NoMobile``.
    """
    if any(sign.isalpha() for sign in text):
        raise NoMobile("it is not a telephone number")
    try:
        number = phonenumbers.parse(text, REGION)
    except phonenumbers.NumberParseException:
        raise NoMobile("it is not a telephone number") from None
    if not phonenumbers.is_valid_number(number):
        raise NoMobile("there is no such telephone number")
    if phonenumbers.number_type(number) not in MOBILE:
        raise NoMobile("it is not a mobile number")
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)
