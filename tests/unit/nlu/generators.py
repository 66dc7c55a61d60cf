"""Ways in which people write the same thing."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

_PLAIN = str.maketrans("äöåÄÖÅé", "aoaAOAe")


def spellings(text: str) -> Iterator[str]:
    """Capitals, NFD, no diacritics, no punctuation, too much of it, odd spaces, a zero-width space."""
    yield text
    yield text.upper()
    yield unicodedata.normalize("NFD", text)
    yield text.translate(_PLAIN)
    yield "".join(letter for letter in text if letter.isalnum() or letter in " :-'’")
    yield f"  {text}!!! "
    yield f"{text}."
    yield "\n".join(text.split(" "))
    yield "\u200b" + text + "\u200b"
