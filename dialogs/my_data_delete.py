"""Delete my data: this conversation, or, of somebody who has just logged in, everything."""

from __future__ import annotations

from dialogs.dialog import dialog
from dialogs.errors import EffectFailed
from dialogs.my_data_private import MY_DATA_PRIVATE
from dialogs.my_data_words import channel_words, way
from dialogs.services import ServiceUnavailable
from dialogs.services_mydata import Held, MyData
from dialogs.speech import Spoken
from dialogs.talk import Talk


async def my_data_delete(talk: Talk, mydata: MyData) -> None:
    """Say what goes and what stays, and erase after a yes. The erasure itself sends the last message."""
    here = talk.edge.conversation
    if not await talk.call("here", MY_DATA_PRIVATE):
        return
    try:
        held: Held = await talk.read("held", mydata.held, here)
        against: list[str] = await talk.read("obstacles", mydata.obstacles, here, talk.language)
    except ServiceUnavailable:
        await talk.say("unavailable")
        return
    if held["linked"] and not held["fresh"]:
        await talk.say("needs_login", choices=[way(talk, "strong_login")])
        return
    if against:
        await talk.say("refused", reasons=_reasons(against))
        return
    channel = channel_words(held["channel"], "", talk.edge)
    if not await talk.confirm("sure_all" if held["linked"] else "sure", channel=channel):
        await talk.say("kept")
        return
    try:
        against = await talk.do("erase", mydata.erase, here, talk.language)
    except EffectFailed:
        await talk.say("failed")
        return
    # Only where it was refused is there still somebody to tell.
    await talk.say("refused", reasons=_reasons(against))


def _reasons(against: list[str]) -> Spoken:
    return Spoken(list(against), lambda _: "\n".join(against))


MY_DATA_DELETE = dialog(my_data_delete)
