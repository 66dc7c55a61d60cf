"""Sums of money, ages and licence plates in a text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.messages import Entity
from nlu.numbers import find_numbers, spelt

_SUM = r"\d{1,3}(?:[ \u00a0.]\d{3}){1,3}(?:,\d{1,2})?|\d{1,9}(?:[.,]\d{1,2})?"
_UNIT = r"euro(?!p)\w{0,6}|eur|€|e|egee\w{0,3}|eki\w{0,3}|eskoo"
_MONEY = re.compile(rf"(?<![\w.,:-])(?:(?P<sum>{_SUM})\s?(?:{_UNIT})(?![^\W_])|€\s?(?P<after>{_SUM})(?![\w]))")
_CENTS = re.compile(r"(?<![\w.,:-])(?P<sum>\d{1,4})\s?(?:senttia|sentilla|sentin|sentti|snt|cent|cents)(?![^\W_])")
_SPELT_SUM = re.compile(r"\s*(?:euro(?!p)\w{0,6}|eur)\b")

_OLDEST = 120
_AGE = re.compile(
    r"(?<![\w.,:-])(?P<age>\d{1,3})(?:"
    r"\s?-?\s?vuoti(?:as|aa|ai)\w{0,6}"
    r"|\s?-?\s?aring\w{0,4}|\s+ar\s+gam\w{1,3}|\s+ars?\s+alder"
    r"|\s?-?\s?years?[\s-]olds?|\s?-?\s?yrs?\s+old|\s?yo)\b"
    r"|\b(?:aged|ikainen|ialtaan)\s+(?P<after>\d{1,3})\b"
)
_SPELT_AGE = re.compile(
    r"\b(?P<age>[a-z]{2,24}?)(?:[\s-]?vuoti(?:as|aa|ai)\w{0,6}|[\s-]?aring\w{0,4}|\s+ar\s+gam\w{1,3}|[\s-]years?[\s-]olds?)\b"
)
_ONE = {"yksi": 1, "yks": 1, "ett": 1, "en": 1, "one": 1}

_PLATE = re.compile(r"(?<![\w-])(?P<letters>[A-ZÅÄÖ]{2,3})\s?-\s?(?P<digits>[1-9]\d{0,2})(?![\w-])", re.IGNORECASE)
_NO_PLATES = frozenset({
    "HSL", "HRT", "ISO", "PDF", "EU", "SMS", "CO", "KLO", "KL", "NO", "NRO", "TI", "MA", "KE", "TO", "PE", "LA", "SU",
    "MÅ", "ON", "FR", "LÖ", "SÖ", "ID", "TV", "PC", "USB", "GPS", "WC", "OY", "RY", "SV", "FI", "EN", "AT",
    "IN", "BUS", "TOP", "AGE", "MAX", "MIN", "DIN", "UTF", "VR", "COV", "SUM", "N", "JA", "TAI", "OCH", "AND", "OR",
})  # fmt: skip


def money(text: str, plain: str) -> Iterator[Entity]:
    """Sums in euros, as ``12.50 EUR``. ``plain`` is the text folded."""
    for match in _MONEY.finditer(plain):
        yield _sum(text, match.span(), _amount(match["sum"] or match["after"]))
    for match in _CENTS.finditer(plain):
        yield _sum(text, match.span(), int(match["sum"]) / 100)
    for number in find_numbers(plain):
        unit = _SPELT_SUM.match(plain, number.end)
        if unit is not None and not plain[number.start : number.end].isdigit():
            yield _sum(text, (number.start, unit.end()), float(number.value))


def _amount(digits: str) -> float:
    """``1 200,50`` and ``1.200,50`` with their thousands apart; ``12.50`` is a decimal."""
    bare = re.sub(r"[ \u00a0]", "", digits)
    if "," in bare or re.fullmatch(r"\d{1,3}(?:\.\d{3})+", bare):
        bare = bare.replace(".", "").replace(",", ".")
    return float(bare)


def _sum(text: str, span: tuple[int, int], amount: float) -> Entity:
    start, end = span
    return Entity(kind="money", value=f"{amount:.2f} EUR", text=text[start:end], start=start, end=end)


def ages(text: str, plain: str) -> Iterator[Entity]:
    """Ages in years, as a number."""
    for match in _AGE.finditer(plain):
        yield from _age(text, match.span(), int(match["age"] or match["after"]))
    for match in _SPELT_AGE.finditer(plain):
        said = match["age"].strip()
        years = spelt(said) or _ONE.get(said)
        if years is not None:
            yield from _age(text, match.span(), years)


def _age(text: str, span: tuple[int, int], years: int) -> Iterator[Entity]:
    start, end = span
    if years <= _OLDEST:
        yield Entity(kind="age", value=str(years), text=text[start:end], start=start, end=end)


def plates(text: str) -> Iterator[Entity]:
    """Finnish plates of cars and motorcycles: two or three letters, a hyphen, up to three digits."""
    for match in _PLATE.finditer(text):
        letters = match["letters"].upper()
        if letters not in _NO_PLATES:
            value = f"{letters}-{match['digits']}"
            yield Entity(kind="plate", value=value, text=match.group(), start=match.start(), end=match.end())
