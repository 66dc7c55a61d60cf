"""A check-in: how are you? Words of one's own answer it, and whatever is not clearly well goes to people."""

from __future__ import annotations

import asyncio
import re
from datetime import datetime, timedelta
from typing import cast

from bot.messages import Choice, Match
from dialogs import buttons, intents, nudge_effects, nudge_press, nudged
from dialogs.scene import Scene
from dialogs.services import ServiceUnavailable
from dialogs.services_nudges import Nudges
from dialogs.words import SURE, Words, bare

ANSWERED_WITHIN = timedelta(hours=24)
"""How long words of one's own are an answer to it."""
INTENT = "checkin"
MARKS = "checkin"
_ASIDE = frozenset(("greeting", "thanks", "goodbye", "bot_identity", "human_handoff", "language_switch"))
"""What says nothing of how somebody is, and is no question either."""
_FEW = 4
"""So many words are about nothing but the question."""
_SAD = re.compile(r"[:;=]['’]?-?[(\[/|]|[😐-😒😓-😖😞-😣😥-😨😩-😫😭😰😱😳😵😷🙁☹🤒🤕🤢🤮🥺👎💔🆘]")
"""Faces and signs of who is not well, whatever the words say."""
_UNCLEAR = frozenset(("affirm", "deny", "complaint"))


def asked(scene: Scene) -> nudged.Row | None:
    """The check-in that waits for an answer."""
    return next((row for row in nudged.waiting(scene) if _lately(scene, row)), None)


def _lately(scene: Scene, row: nudged.Row) -> bool:
    return bool(row["alarm"]) and datetime.fromisoformat(row["at"]) + ANSWERED_WITHIN > scene.turn.now


async def heard(scene: Scene, text: str, match: Match) -> bool:
    """Take a message for the answer, where nothing is open; false for a command and what is clearly another matter."""
    row = asked(scene)
    command = scene.house.words.command(text, scene.turn.channel)
    if command is not None and command.name != "help":
        return False
    if row is None:
        return _worse(scene, text, helpless=command is not None)
    if command is None and _well(scene.house.words, row, text):
        return await nudge_press.answer(scene, _press(row, alarm=False), match)
    if command is None and _another_matter(scene, row, text, match):
        return False
    scene.intent = INTENT
    nudge_effects.alarm(scene, _press(row, alarm=True))
    return True


def _worse(scene: Scene, text: str, *, helpless: bool) -> bool:
    """Take a cry for help for another answer to what was answered with "well" before."""
    rows = (
        row for row in scene.state.nudges if _lately(scene, row) and row.get("answered") not in {None, row["alarm"]}
    )
    row = next(rows, None)
    if row is None or not (helpless or "alarm" in scene.house.words.marks(MARKS, text)):
        return False
    scene.intent = INTENT
    nudge_effects.alarm(scene, _press(row, alarm=True))
    return True


def moaned(scene: Scene, text: str) -> bool:
    """Take a few words with a sad face for the answer, whatever they say; false where nothing is asked."""
    row, command = asked(scene), scene.house.words.command(text, scene.turn.channel)
    few = len(bare(text).split()) <= _FEW and _SAD.search(text) is not None
    if row is None or not few or (command is not None and command.name != "help"):
        return False
    scene.intent = INTENT
    nudge_effects.alarm(scene, _press(row, alarm=True))
    return True


async def remind(scene: Scene) -> None:
    """After another matter, ask again."""
    row = asked(scene)
    if row is None or scene.state.top is not None or scene.effects or scene.state.opted_out is not None:
        return
    scene.say("checkin.again", choices=[await _worded(scene, row, choice) for choice in row["choices"]])


def endangered(scene: Scene, *, crisis: bool) -> None:
    """The answer was a cry for help that safety has answered: people hear of it too, if they do not already."""
    row = asked(scene)
    if row is None or scene.turn.owned:
        return
    if crisis:
        nudge_effects.answered(scene, _press(row, alarm=True))
    else:
        nudge_effects.help_for(scene, _press(row, alarm=True), quietly=True)


def _well(words: Words, row: nudged.Row, text: str) -> bool:
    """Whether a text says of its writer that all is well, and has no word that could say anything else."""
    if _SAD.search(text):
        return False
    rest = bare(text).split()
    well = _numbered(row, text, alarm=False)
    rest = rest[well:]
    while rest:
        phrase, marks = words.well(" ".join(rest)), words.marks(MARKS, rest[0])
        if not phrase and not {"fine", "beside"} & set(marks):
            return False
        well = well or phrase > 0 or "fine" in marks
        rest = rest[phrase or 1 :]
    return well


def _unwell(words: Words, text: str) -> bool:
    """Whether a short text says "not well", whatever else its words could be about: "not fine"."""
    return len(bare(text).split()) <= _FEW and words.negated(text) and "fine" in words.marks(MARKS, text)


def _numbered(row: nudged.Row, text: str, *, alarm: bool) -> bool:
    """Whether a text begins with the number of the choice that asks for help, or of another: "2 please"."""
    numbers = [str(place) for place, choice in enumerate(row["choices"], 1) if (choice[0] == row["alarm"]) is alarm]
    return bare(text).split(" ")[0] in numbers


def _another_matter(scene: Scene, row: nudged.Row, text: str, match: Match) -> bool:
    told = match.concern is not None or _numbered(row, text, alarm=True)
    if told or "alarm" in scene.house.words.marks(MARKS, text) or _unwell(scene.house.words, text):
        return False
    if match.intent in _ASIDE:
        return True
    return match.confidence >= SURE and match.intent not in _UNCLEAR and intents.clear(scene, match)


def _press(row: nudged.Row, *, alarm: bool) -> buttons.Nudged:
    choice = next(choice[0] for choice in row["choices"] if (choice[0] == row["alarm"]) is alarm)
    return buttons.Nudged(nudge=str(row["id"]), choice=str(choice))


async def _worded(scene: Scene, row: nudged.Row, choice: list[str]) -> Choice:
    """A choice in the language of now, if the city can tell it."""
    choice_id, label, payload, _ = choice
    service = cast("Nudges | None", scene.house.services.get(nudge_effects.SERVICE))
    if service is None or row["language"] == scene.language:
        return Choice(label, payload)
    try:
        async with asyncio.timeout(nudge_press.SECONDS):
            offer = await service.choice(scene.turn.conversation_id, str(row["id"]), choice_id, scene.language)
    except (TimeoutError, ServiceUnavailable):
        offer = None
    return Choice(offer["label"] if offer is not None else label, payload)
