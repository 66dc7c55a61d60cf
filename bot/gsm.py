"""What a text costs as a text message, and how it is made to cost less.

A message in the GSM 03.38 alphabet holds 160 septets; a single character outside of it turns the whole message into
UCS-2, which holds 70 UTF-16 units. Longer texts are sent in parts of 153 or 67, since each part carries a header. The
counting is that of Twilio's own calculator: nothing that is one character to a reader is split over two parts, so a
part may be left short by some units.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import regex

# 3GPP TS 23.038, clause 6.2.1: the default alphabet, without the escape itself.
_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
# Clause 6.2.1.1: the extension table; each of these is an escape and a septet.
_EXTENSION = frozenset("\f^{}\\[~]|€")
_ALPHABET = _BASIC | _EXTENSION

_GRAPHEME = regex.compile(r"\X")


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """What a text takes: its encoding, its units (septets or UTF-16 units), and the parts that are paid for."""

    encoding: Literal["GSM-7", "UCS-2"]
    units: int
    parts: int


def count(text: str) -> Count:
    """What the text takes as it is; ``downgrade`` it first. An empty text is one part of nothing."""
    if all(character in _ALPHABET for character in text):
        sizes = [2 if character in _EXTENSION else 1 for character in text]
        return Count(encoding="GSM-7", units=sum(sizes), parts=_parts(sizes, 160, 153))
    sizes = [size for grapheme in _GRAPHEME.findall(text) for size in _sizes(grapheme)]
    return Count(encoding="UCS-2", units=sum(sizes), parts=_parts(sizes, 70, 67))


def units(text: str) -> int:
    """The units of a text alone, without packing it into parts."""
    if all(character in _ALPHABET for character in text):
        return len(text) + sum(character in _EXTENSION for character in text)
    return _utf16(text)


def foreign(text: str) -> tuple[str, ...]:
    """The characters of a text, once composed, that are not in the alphabet; each once, in their order."""
    return tuple(dict.fromkeys(c for c in unicodedata.normalize("NFC", text) if c not in _ALPHABET))


def _utf16(text: str) -> int:
    return len(text) + sum(character > "\uffff" for character in text)


def _sizes(grapheme: str) -> list[int]:
    """What cannot be split further: a grapheme, unless it is two lines' ends or larger than a part."""
    size = _utf16(grapheme)
    return [_utf16(character) for character in grapheme] if grapheme == "\r\n" or size > 67 else [size]


def _parts(sizes: Iterable[int], whole: int, part: int) -> int:
    """How many parts hold things of these sizes, in their order."""
    sizes = list(sizes)
    if sum(sizes) <= whole:
        return 1
    parts, room = 1, part
    for size in sizes:
        if size > room:
            parts, room = parts + 1, part
        room -= size
    return parts


_INVISIBLE = "\u00ad\u200b\u200e\u200f\u2060\ufeff"
_TIDY = str.maketrans(
    {
        **dict.fromkeys(_INVISIBLE, ""),
        **{chr(code): "" for code in (*range(0x20), *range(0x7F, 0xA0)) if chr(code) not in "\t\n\f\r"},
        **{chr(code): "?" for code in range(0xD800, 0xE000)},  # half a pair: it cannot be sent at all
        "\t": " ",
        "\f": "\n",
        "\u2028": "\n",
        "\u2029": "\n",
    }
)
_ALIKE = {
    **dict.fromkeys("‘’‚‛′`´ʹʻʼʽˈˊˋ‹›", "'"),
    **dict.fromkeys("“”„‟″«»ʺ˝", '"'),
    **dict.fromkeys("‐‑‒–—―−⁃", "-"),
    **dict.fromkeys("•‣·∙●▪", "-"),
    **dict.fromkeys("⁄∕÷", "/"),
    **dict.fromkeys("đð", "d"),
    **dict.fromkeys("ĐÐ", "D"),
    **{"ł": "l", "Ł": "L", "ħ": "h", "Ħ": "H", "ı": "i", "ŋ": "n", "Ŋ": "N", "ŧ": "t", "Ŧ": "T"},
    **{
        "œ": "oe",
        "Œ": "OE",
        "þ": "th",
        "Þ": "Th",
        "ẞ": "ß",
        "ə": "e",
        "Ə": "E",
        "ʒ": "z",
        "Ʒ": "Z",
        "ǥ": "g",
        "Ǥ": "G",
    },
    **{"×": "x", "→": "->", "←": "<-", "µ": "u", "©": "(c)", "®": "(R)", "°": "", "¦": "|", "≤": "<=", "≥": ">="},
}
"""Characters whose look-alike is not their own decomposition."""


def downgrade(text: str) -> str:
    """The text in the alphabet of text messages, wherever every reader still takes it for the same.

    Composed (NFC), lines ended by LF, without invisible characters. Quotes, dashes and spaces become plain, and
    letters that the alphabet lacks lose their marks (š, á); those that it has stay (å ä ö Å Ä Ö É é). When anything
    is left for which there is no look-alike (an emoji, another script), the message costs its full price anyway, and
    is left in its own spelling.
    """
    tidy = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n").translate(_TIDY))
    alike = "".join(map(_alike, tidy))
    return alike if all(character in _ALPHABET for character in alike) else tidy


def _alike(character: str) -> str:
    if character in _ALPHABET:
        return character
    if character in _ALIKE:
        return _ALIKE[character]
    if unicodedata.category(character) == "Zs":
        return " "
    bare = "".join(
        _ALIKE.get(part, part) for part in unicodedata.normalize("NFKD", character) if not unicodedata.combining(part)
    )
    return bare if all(part in _ALPHABET for part in bare) else character
