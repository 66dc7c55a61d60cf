"""Ending by a word: of one purpose, or (with "no more messages") of all on this channel. It is done at once.

The effect belongs to no dialog: it is asked for whatever is open, and its result is told when it comes.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from bot.messages import Effect, EffectResult, Turn
from dialogs.my_data_words import moment
from dialogs.services_mydata import Ended

if TYPE_CHECKING:
    from dialogs.scene import Scene

SERVICE = "consents"
ENDS = "end_"
"""Begins the name of the command that ends a purpose."""


def ending(turn: Turn, purpose: str, language: str) -> Effect:
    """The effect: of all purposes, where none is named."""
    seed = f"{turn.conversation_id}|{turn.incoming.message_id}"
    key = hashlib.blake2s(seed.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
    return Effect(id=f"{SERVICE}:{key}", name=f"{SERVICE}.end", arguments=(turn.conversation_id, purpose, language))


def is_answer(result: EffectResult) -> bool:
    """Whether a result is that of ``ending``."""
    return result.effect_id.startswith(f"{SERVICE}:")


def told(scene: Scene, result: EffectResult) -> None:
    """Tell what has ended, when, and under which number; where nothing had been allowed, nothing more is said."""
    if result.error is not None:
        scene.say("consents.not_ended", choices=[scene.button("human")])
        return
    ended: list[Ended] = result.value or []
    if not ended:
        return
    lines = [
        scene.voice.text(
            "consents.line",
            {
                "title": one["titles"].get(scene.language, ""),
                "at": moment(one["at"], scene.now, scene.voice),
                "receipt": one["receipt"],
            },
        )
        for one in ended
    ]
    scene.say("consents.ended", ended="\n".join(lines))
