"""The ways into the dialogs of appointments: which one a message opens, and the buttons under the topics' answers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from bot.messages import Choice, Entity, Match, Reply
from dialogs import buttons, recent
from dialogs.appointments_words import KNOWN
from dialogs.house import House
from dialogs.scene import Scene
from dialogs.words import SURE, bare, word_count

KEPT = timedelta(days=365)
"""How long the codes of appointments are remembered."""
ACTS = "appointment_acts"
WAYS: Mapping[str, tuple[str, ...]] = {"health_booking": ("book",), "health_booking_cancel": ("cancel", "move")}
"""What can be done about the intents of the topics."""
_CHANGES = frozenset(("appointment_cancel", "appointment_move"))
_MINE = "appointment_mine"
_SHORT = 9
"""So many words are about the appointment that was just spoken of, more are about something else."""
_FIRST = 2
"""A question shows in so many words."""


def wanted(house: House, match: Match) -> str | None:
    """The dialog that a message asks for by a word such as "cancel", whatever the intent it looks most like.

    A question is answered by its topic, and so is what names several things to do or none.
    """
    if match.intent not in WAYS or _asks(house, match):
        return None
    acts = house.words.wanted(ACTS, match.text)
    strong = [act for act in acts if act in {"cancel", "move"}]
    if not strong:
        strong = [act for act in acts if act == "mine"] or [act for act in acts if act in WAYS[match.intent]]
    name = f"appointment_{strong[0]}" if len(strong) == 1 else None
    return name if name in house.dialogs else None


def settled(house: House, match: Match) -> Match:
    """The same match; where appointments are among the close intents, a word such as "my appointments" decides."""
    close = [intent for intent in match.suggestions if intent in WAYS]
    found = replace(match, intent=close[0], suggestions=()) if close else match
    return found if close and wanted(house, found) is not None else match


def own(house: House, dialog: str, match: Match) -> bool:
    """Whether a message goes on with a dialog of appointments: "the doctor" to "what for?" is no question beside it."""
    if match.intent not in WAYS or not dialog.startswith("appointment_") or _asks(house, match):
        return False
    return wanted(house, match) in {None, dialog}


def follow_up(scene: Scene, match: Match) -> tuple[Match, tuple[Entity, ...]] | None:
    """What "can I move it to Friday" opens, shortly after an appointment was made or changed here."""
    words = scene.house.words
    other = match.confidence >= SURE and scene.house.knows(match.intent) and match.intent not in WAYS
    if other or recent.recalled(scene, KNOWN) is None or word_count(match.text) > _SHORT:
        return None
    if {"when", "own", "appointment"} <= set(words.marks("of_mine", match.text)):
        return (replace(match, intent=_MINE, suggestions=()), ()) if _MINE in scene.house.dialogs else None
    acts = [name for act in words.wanted(ACTS, match.text) if (name := f"appointment_{act}") in _CHANGES]
    if len(acts) != 1 or acts[0] not in scene.house.dialogs:
        return None
    return replace(match, intent=acts[0], suggestions=()), ()


def _asks(house: House, match: Match) -> bool:
    """Whether a message begins as a question does."""
    return bool(house.words.marks("questions", " ".join(bare(match.text).split()[:_FIRST])))


def known(scene: Scene, intent: str) -> tuple[Entity, ...]:
    """The codes of the appointments that were booked in this conversation, for a dialog of theirs."""
    found = recent.recalled(scene, KNOWN, KEPT) if intent.startswith("appointment_") else None
    return () if found is None else (Entity(kind=KNOWN, value=json.dumps(found[0]), text="", start=0, end=0),)


def with_ways(scene: Scene, answer: Reply, intent: str) -> Reply:
    """A topic's answer with the buttons of what can be done about it here."""
    acts = [act for act in WAYS.get(intent, ()) if f"appointment_{act}" in scene.house.dialogs]
    ways = [
        Choice(scene.voice.text(f"appointment.button_{act}"), buttons.intent_payload(f"appointment_{act}"))
        for act in acts
    ]
    return replace(answer, choices=(*answer.choices, *ways)) if ways else answer
