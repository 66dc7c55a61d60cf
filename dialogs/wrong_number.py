"""A message that was meant for somebody else: nothing of it is repeated, nothing more is sent, and nobody is known."""

from __future__ import annotations

from dialogs.dialog import dialog
from dialogs.nudge_words import NUDGE
from dialogs.prompts import Given
from dialogs.talk import Talk


async def wrong_number(talk: Talk) -> dict[str, str] | None:
    """Who has got a message of the city's is believed at once; else it is asked whether this was meant."""
    written = talk.given("written", Given(NUDGE)) is not None
    if not written and not await talk.confirm("sure"):
        await talk.say("kept")
        return None
    await talk.say("done")
    return {"mark": "wrong_number"}


WRONG_NUMBER = dialog(wrong_number)
