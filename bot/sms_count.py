"""``neuvo sms count``: what a text costs as a text message, and which of its characters make it dear."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator

from bot.gsm import count, downgrade, foreign

_NAMED = 10
"""Characters that are named; a text in another script has many, and they say the same."""


def lines(text: str) -> Iterator[str]:
    """The cost of a text as it is and as it is sent, and the characters outside the GSM alphabet."""
    sent = downgrade(text)
    for name, form in (("as it is", text), ("as it is sent", sent)):
        found = count(form)
        yield f"{name}: {found.encoding}, {found.units} units, {found.parts} part{'s' * (found.parts != 1)}"
    outside = foreign(text)
    kept = [character for character in outside if foreign(downgrade(character))]
    if outside:
        yield f"not in the GSM alphabet: {_names(outside)}"
    if kept:
        yield f"nothing looks alike, so that the text is sent as it is: {_names(kept)}"
    elif not outside and count(text).encoding != "GSM-7":
        yield "not in the GSM alphabet: marks that stand apart from their letters (NFD); they are put together"


def _names(characters: Iterable[str]) -> str:
    found = list(characters)
    more = f" and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
    return ", ".join(map(_name, found[:_NAMED])) + more


def _name(character: str) -> str:
    """A character as a reader sees it, where it can be seen, with its code point and its name."""
    shown = f"{character} " if character.isprintable() and not unicodedata.combining(character) else ""
    name = unicodedata.name(character, "")
    return f"{shown}(U+{ord(character):04X}{' ' * bool(name)}{name})"
