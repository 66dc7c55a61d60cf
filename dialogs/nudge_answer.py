"""The answer to a nudge that the city asks about once more: a yes, and thanks when it is recorded."""

from __future__ import annotations

from dialogs.dialog import dialog
from dialogs.errors import EffectFailed
from dialogs.nudge_words import CHOICE
from dialogs.prompts import Given
from dialogs.services import ServiceUnavailable
from dialogs.services_nudges import Nudges, Offer
from dialogs.speech import Spoken
from dialogs.talk import Talk


async def nudge_answer(talk: Talk, nudges: Nudges) -> None:
    """Ask what the choice means, and record it: until then it binds nobody."""
    here = talk.edge.conversation
    nudge, _, choice = str(talk.given("which", Given(CHOICE)) or "").partition("|")
    try:
        offer: Offer | None = await talk.read("offer", nudges.choice, here, nudge, choice, talk.language)
    except ServiceUnavailable:
        await talk.say("unavailable")
        return
    if offer is None:
        await talk.say("over")
        return
    label, asked, thanks = offer["label"], offer["confirm"], offer["thanks"]
    if offer["answered"] == choice:
        await talk.say("already", label=lambda _: label)
        return
    if not await talk.confirm("sure", ask=Spoken([nudge, choice], lambda _: asked)):
        await talk.say("kept")
        return
    try:
        recorded: bool = await talk.do("record", nudges.answered, here, nudge, choice)
    except EffectFailed:
        await talk.say("failed")
        return
    if not recorded:
        await talk.say("over")
    elif thanks:
        await talk.say("thanks", thanks=lambda _: thanks)
    else:
        await talk.say("done", label=lambda _: label)


NUDGE_ANSWER = dialog(nudge_answer)
