"""Values of another's JSON, read leniently: what is of the wrong type is as if it were not there.

Texts come out composed (NFC), on one line, without control characters and lone surrogates, which a database refuses.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from math import isfinite
from typing import Any
from urllib.parse import urlsplit

_ID = re.compile(r"[A-Za-z0-9:_.-]{1,80}")
_UNREADABLE = frozenset(("Cc", "Cs", "Cf", "Zl", "Zp"))


def words(value: Any, longest: int = 300) -> str | None:
    """A text on one line, cut to ``longest`` characters; ``None`` where there is none."""
    if not isinstance(value, str):
        return None
    # Cut first: what is longer by far is no name, and normalising it would take its time.
    plain = value[: 4 * longest]
    if not plain.isprintable():
        plain = "".join(" " if unicodedata.category(c) in _UNREADABLE else c for c in plain)
    found = " ".join(unicodedata.normalize("NFC", plain).split())
    return (found if len(found) <= longest else found[: longest - 1].rstrip() + "…") or None


def by_language(row: Mapping[str, Any], key: str, languages: Iterable[str], longest: int = 300) -> dict[str, str]:
    """A text by language, nested (``name: {fi: …}``) or flat (``name_fi: …``); a missing language is absent."""
    nested = row.get(key)
    found = {}
    for language in languages:
        value = nested.get(language) if isinstance(nested, Mapping) else row.get(f"{key}_{language}")
        text = words(value, longest)
        if text is not None:
            found[language] = text
    return found


def webs_by_language(row: Mapping[str, Any], key: str, languages: Iterable[str]) -> dict[str, str]:
    """Web addresses by language, as ``by_language``; what is no address of the web is absent."""
    found = by_language(row, key, languages, 2000)
    return {language: url for language, text in found.items() if (url := web(text)) is not None}


def web(value: Any) -> str | None:
    """An http or https address without a user's name in it."""
    if not isinstance(value, str) or len(value) > 1900:
        return None
    text = value.strip()
    try:
        parts = urlsplit(text)
        host = parts.hostname
    except ValueError:
        return None
    fine = parts.scheme in {"http", "https"} and host and "." in host and parts.username is None
    return text if fine and not any(c.isspace() for c in text) else None


def identity(value: Any) -> str | None:
    """An id: a whole number, or a short word of plain characters."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    text = str(value) if isinstance(value, str) or abs(value) < 10**18 else ""
    return text if _ID.fullmatch(text) else None


def number(value: Any) -> float | None:
    """A finite number, also where it is written as text."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if isfinite(found) else None


def rows(value: Any) -> list[Mapping[str, Any]]:
    """The objects of a list; nothing where it is no list."""
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


def point(value: Any) -> tuple[float, float] | None:
    """Latitude and longitude of a GeoJSON point, which has them the other way round."""
    pair = value.get("coordinates") if isinstance(value, Mapping) else None
    if not isinstance(pair, list) or len(pair) < 2:
        return None
    longitude, latitude = number(pair[0]), number(pair[1])
    return None if latitude is None or longitude is None else (latitude, longitude)
