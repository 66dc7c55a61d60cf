"""Numbers in digits and in words: 25, 1,5, 2 000, kaksikymmentäviisi, tjugofem, two hundred."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from nlu.day_words import any_of

_UNITS: Mapping[str, int] = {
    "kaksi": 2, "kaks": 2, "kahta": 2, "kolme": 3, "kolmea": 3, "nelja": 4, "viisi": 5, "viis": 5,
    "kuusi": 6, "kuus": 6, "seitseman": 7, "seittema": 7, "kahdeksan": 8, "kaheksan": 8, "yhdeksan": 9,
    "yheksan": 9, "kymmenen": 10,
    "tva": 2, "tre": 3, "fyra": 4, "fem": 5, "sex": 6, "sju": 7, "atta": 8, "nio": 9, "tio": 10, "elva": 11,
    "tolv": 12, "tretton": 13, "fjorton": 14, "femton": 15, "sexton": 16, "sjutton": 17, "arton": 18, "nitton": 19,
    "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11,
    "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18,
    "nineteen": 19,
}  # fmt: skip
_TENS: Mapping[str, int] = {
    "tjugo": 20, "trettio": 30, "fyrtio": 40, "femtio": 50, "sextio": 60, "sjuttio": 70, "attio": 80, "nittio": 90,
    "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
}  # fmt: skip
_TIMES: Mapping[str, int] = {
    "kymmenta": 10, "kymment": 10, "kyt": 10, "sataa": 100, "sata": 100, "hundra": 100, "hundred": 100,
    "tuhatta": 1_000, "tuhat": 1_000, "tusen": 1_000, "thousand": 1_000,
}  # fmt: skip
_OTHERS: Mapping[str, str] = {
    "nolla": "0", "noll": "0", "zero": "0", "puolitoista": "1.5", "pari": "2", "ett par": "2", "a couple": "2",
}  # fmt: skip
_ALONE: Mapping[str, int] = {"yksi": 1, "yks": 1, "en": 1, "ett": 1, "one": 1}
"""Words that are an article or a pronoun within a sentence, and a number as an answer."""
_ONES: Mapping[str, int] = {"yksi": 1, "yks": 1, "en": 1, "ett": 1, "one": 1, "a": 1}

_DIGITS = re.compile(r"(?<![\w.,:-])-?(?:\d{1,3}(?:[ \u00a0]\d{3}){1,3}|\d{1,12})(?:[.,]\d{1,6})?(?![\w])(?![.,:]\d)")
_PIECE = re.compile(any_of([*_UNITS, *_TENS, *_TIMES, "yksi", "yks", "ett", "one", "toista"]))
_LINK = r"[\s-]+(?:and\s+|och\s+)?"
_WORD = rf"(?>(?:{_PIECE.pattern}|(?<=\w)en)+)"  # atomic: sex + tio is never tried after sextio
_SPELT = re.compile(
    rf"\b(?:{_WORD}(?:(?<=hundra|tusen){_LINK}|(?<=hundred){_LINK}|(?<=thousand){_LINK}|(?<=sata|tuhat|sataa){_LINK}"
    rf"|(?<=ty)[\s-]|{_LINK}(?=hundred\b|thousand\b|tuhatta\b|tusen\b|hundra\b)))*{_WORD}\b".replace(
        "(?<=hundra|tusen)", "(?:(?<=hundra)|(?<=tusen))"
    ).replace("(?<=sata|tuhat|sataa)", "(?:(?<=sata)|(?<=tuhat)|(?<=sataa))")
)
_OTHER = re.compile(rf"\b(?:{any_of(_OTHERS)})\b")


class Number(NamedTuple):
    """A number as ``value`` writes it (``2.5``), and where the text says it."""

    start: int
    end: int
    value: str


def find_numbers(text: str) -> Iterator[Number]:
    """The numbers of a folded text."""
    for match in _DIGITS.finditer(text):
        yield Number(*match.span(), re.sub(r"[ \u00a0]", "", match.group()).replace(",", "."))
    for match in _SPELT.finditer(text):
        value = spelt(match.group())
        if value is not None:
            yield Number(*match.span(), str(value))
    for match in _OTHER.finditer(text):
        yield Number(*match.span(), _OTHERS[" ".join(match.group().split())])
    whole = text.strip(" .!?")
    if whole in _ALONE:
        start = text.index(whole)
        yield Number(start, start + len(whole), str(_ALONE[whole]))


def spelt(words: str) -> int | None:
    """The value of a folded number in words, or ``None``; a lone ``one`` is none, since it is an article too."""
    pieces = _PIECE.findall(words)
    if not pieces or pieces in (["yksi"], ["yks"], ["ett"], ["one"], ["toista"]):
        return None
    whole = part = last = 0
    for piece in pieces:
        if piece == "toista":
            part += 10
        elif piece in _TIMES and _TIMES[piece] == 1_000:
            whole, part, last = whole + max(part, 1) * 1_000, 0, 0
        elif piece in _TIMES:
            part, last = part - last + max(last, 1) * _TIMES[piece], 0
        else:
            last = {**_UNITS, **_TENS, **_ONES}[piece]
            part += last
    return whole + part
