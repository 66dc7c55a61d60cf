"""The alphabet of a text message (GSM 03.38): which characters fit, and what each of them counts."""

from __future__ import annotations

import unicodedata

# 3GPP TS 23.038, clause 6.2.1: the default alphabet, without the escape itself.
_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
# Clause 6.2.1.1: the extension table; each of these is sent as two.
_EXTENSION = frozenset("\f^{}\\[~]|€")


def septets(text: str) -> int:
    """How much of a message the text takes, composed first; foreign characters count as one."""
    composed = unicodedata.normalize("NFC", text)
    return len(composed) + sum(character in _EXTENSION for character in composed)


def foreign(text: str) -> tuple[str, ...]:
    """The characters that do not fit, each once, in their order."""
    composed = unicodedata.normalize("NFC", text)
    return tuple(dict.fromkeys(c for c in composed if c not in _BASIC and c not in _EXTENSION))
