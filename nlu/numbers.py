"""Numbers in digits and in words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from nlu.day_words import any_of

_WORDS: Mapping[str, int] = {
    "nolla": 0, "kaksi": 2, "kaks": 2, "kahta": 2, "kolme": 3, "kolmea": 3, "nelja": 4, "viisi": 5, "viis": 5,
    "kuusi": 6, "seitseman": 7, "kahdeksan": 8, "yhdeksan": 9, "kymmenen": 10,
    "noll": 0, "tva": 2, "tre": 3, "fyra": 4, "fem": 5, "sex": 6, "sju": 7, "atta": 8, "nio": 9, "tio": 10,
    "zero": 0, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
}  # fmt: skip
_ALONE: Mapping[str, int] = {"yksi": 1, "yks": 1, "en": 1, "ett": 1, "one": 1}
"""Words that are an article or a pronoun within a sentence, and a number as an answer."""
_DIGITS = re.compile(r"(?<![\w.,:-])-?\d{1,12}(?:[.,]\d{1,6})?(?![\w])(?![.,:]\d)")
_SPELT = re.compile(rf"\b(?:{any_of(_WORDS)})\b")


class Number(NamedTuple):
    """A number as ``value`` writes it (``2.5``), and where the text says it."""

    start: int
    end: int
    value: str


def find_numbers(text: str) -> Iterator[Number]:
    """The numbers of a folded text."""
    for match in _DIGITS.finditer(text):
        yield Number(*match.span(), match.group().replace(",", "."))
    for match in _SPELT.finditer(text):
        yield Number(*match.span(), str(_WORDS[match.group()]))
    whole = text.strip(" .!?")
    if whole in _ALONE:
        start = text.index(whole)
        yield Number(start, start + len(whole), str(_ALONE[whole]))
