"""Requests that differ by one verb: booking and cancelling look alike to every counter of words.

Where the two likeliest intents are such a pair, the verb decides: a cancelling word that is there wins, unless what is
said of it is that it is not wanted ("en halua perua").
"""

from __future__ import annotations

from collections.abc import Sequence

from nlu.text import folded, words

PAIRS = {"health_booking": "health_booking_cancel"}
"""An intent, and the one that undoes it."""

_UNDO = (
    "peru",
    "peruu",
    "peruut",
    "avbok",
    "avbest",
    "annuller",
    "cancel",
    "cansel",
    "kanselo",
    "aterbud",
    "lamna aterbud",
)
_DO = ("vara", "varaa", "boka", "bestall", "book", "reserv", "schedul", "make an app")
_NOT = frozenset(
    ("en", "ei", "et", "emme", "ala", "alkaa", "inte", "int", "ej", "icke", "not", "dont", "never", "didnt", "no")
)
_REACH = 3


def settle(text: str, likeliest: Sequence[str]) -> str | None:
    """The intent of a pair that the text's verbs speak for; ``None`` where they say nothing."""
    for do, undo in PAIRS.items():
        if do in likeliest and undo in likeliest:
            said = words(folded(text.replace("'", "").replace("’", "")))
            undoing, doing = _wanted(said, _UNDO), _wanted(said, _DO)
            if undoing:
                return undo
            if doing:
                return do
    return None


def _wanted(said: Sequence[str], verbs: Sequence[str]) -> bool:
    """Whether a verb is there that no negation stands just before."""
    for place, word in enumerate(said):
        if word.startswith(tuple(verbs)) and not _NOT & set(said[max(0, place - _REACH) : place]):
            return True
    return False
