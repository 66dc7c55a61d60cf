"""The views of a text: as understood (NFC), exact (lower case) and folded (without diacritics).

All views of one text have the same length, so that a span of one is a span of every other.
"""

from __future__ import annotations

import re
import unicodedata

WORD = re.compile(r"[^\W_]+(?:[:'’-][^\W_]+)*")
"""A word, with a colon suffix (``FPA:s``), an apostrophe or a hyphen inside."""
MODEL_LIMIT = 2_000
"""Characters that the models read of one text: an utterance of many times the usual length."""

_INVISIBLE = dict.fromkeys(
    code for code in range(0x10000) if unicodedata.category(chr(code)) == "Cf" and code not in {0x200D}
)
_KEPT_LETTERS = {"ø": "o", "æ": "a", "ß": "s", "đ": "d", "ł": "l", "ı": "i"}


def _table() -> dict[int, str]:
    """Lower-case letters with marks to letters without, one to one; fixed in size whatever citizens write."""
    table = {}
    for code in (*range(0xC0, 0x250), *range(0x1E00, 0x1F00)):
        letter = chr(code)
        base = _KEPT_LETTERS.get(letter) or unicodedata.normalize("NFD", letter)[0]
        if base != letter:
            table[code] = base
    return table


_FOLD = _table()


def understood(text: str) -> str:
    """The text in NFC without invisible characters, lone surrogates replaced: what spans of entities count in."""
    if text.isascii():
        return text
    whole = text.encode("utf-8", "replace").decode("utf-8")
    return unicodedata.normalize("NFC", whole).translate(_INVISIBLE)


def exact(text: str) -> str:
    """Lower case, of the same length (``İ`` is the one letter whose lower case is longer)."""
    return text.replace("İ", "I").lower()


def folded(text: str) -> str:
    """Lower case without diacritics, of the same length: ``Mäkelänkatu`` and ``makelankatu`` are one."""
    return exact(text).translate(_FOLD)


def words(text: str) -> list[str]:
    """The words of a view."""
    return WORD.findall(text)
