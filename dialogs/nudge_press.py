"""An answer to what the city wrote first: recorded, and gone on with in the dialog that it opens."""

from __future__ import annotations

import asyncio
from typing import cast

from bot.messages import Entity, Match
from dialogs import buttons, intents, nudge_effects
from dialogs.nudge_words import CHOICE
from dialogs.scene import Scene
from dialogs.services import ServiceUnavailable
from dialogs.services_nudges import Nudges, Offer

SECONDS = 2.0
"""How long the look-up of a choice may take."""
ANSWER = "nudge_answer"


async def answer(scene: Scene, press: buttons.Nudged, match: Match) -> bool:
    """Do what a choice of a nudge says, at any time after it; the open question comes again. False without nudges."""
    service = cast("Nudges | None", scene.house.services.get(nudge_effects.SERVICE))
    if service is None:
        return False
    scene.intent, scene.state.failed = ANSWER, 0
    before = scene.state.top
    if any(row["id"] == press.nudge and row["alarm"] == press.choice for row in scene.state.nudges):
        nudge_effects.alarm(scene, press)  # help is never too late, and needs no look-up
    else:
        await _look_up(scene, service, press, match)
    resumed = before is not None and scene.state.top is before
    await scene.advance(scene.voice.text("engine.resume") if resumed else "")
    return True


async def _look_up(scene: Scene, service: Nudges, press: buttons.Nudged, match: Match) -> None:
    try:
        async with asyncio.timeout(SECONDS):
            offer = await service.choice(scene.turn.conversation_id, press.nudge, press.choice, scene.language)
    except (TimeoutError, ServiceUnavailable):
        scene.say("nudge_answer.unavailable", choices=[scene.button("human")])
    else:
        await _taken(scene, press, match, offer)


async def _taken(scene: Scene, press: buttons.Nudged, match: Match, offer: Offer | None) -> None:
    if offer is None:
        scene.state.nudges = [row for row in scene.state.nudges if row["id"] != press.nudge]
        scene.say("nudge_answer.over", choices=[scene.button("human")])
        return
    if offer["alarm"]:
        nudge_effects.alarm(scene, press)
        return
    if offer["opens"] is None and not offer["confirm"]:
        _thanked(scene, press, offer)
        return
    opens, given = ANSWER, [(CHOICE, f"{press.nudge}|{press.choice}")]
    if offer["opens"] is not None:
        opens, given = offer["opens"], [(kind, value) for kind, value in offer["entities"]]
        nudge_effects.answered(scene, press)
    entities = tuple(Entity(kind=kind, value=value, text="", start=0, end=0) for kind, value in given)
    # The words of the choice are the city's: nothing is read out of them.
    await intents.act(scene, Match(text="", language=match.language, intent=opens, confidence=1.0, entities=entities))
    scene.intent = ANSWER


def _thanked(scene: Scene, press: buttons.Nudged, offer: Offer) -> None:
    """Pressing a choice is the yes to it, where the city does not ask once more."""
    if offer["answered"] == press.choice:
        scene.say("nudge_answer.already", label=offer["label"])
        return
    nudge_effects.answered(scene, press, thanked=True)
    if offer["thanks"]:
        scene.say("nudge_answer.thanks", thanks=offer["thanks"])
    else:
        scene.say("nudge_answer.done", label=offer["label"])
