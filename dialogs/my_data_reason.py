"""Why did I get this: of the last message that the city wrote first."""

from __future__ import annotations

from dialogs.dialog import dialog
from dialogs.my_data_private import MY_DATA_PRIVATE
from dialogs.my_data_words import PURPOSE, moment_words, way
from dialogs.services import ServiceUnavailable
from dialogs.services_mydata import MyData, Nudge
from dialogs.speech import Spoken
from dialogs.talk import Talk


async def message_reason(talk: Talk, mydata: MyData) -> None:
    """Tell the purpose, the data, the ground, and how it ends."""
    if not await talk.call("here", MY_DATA_PRIVATE):
        return
    try:
        nudge: Nudge | None = await talk.read("last", mydata.last_nudge, talk.edge.conversation, talk.language)
    except ServiceUnavailable:
        await talk.say("unavailable")
        return
    if nudge is None:
        await talk.say("none", choices=[way(talk, "my_consents")])
        return
    basis = nudge["basis"]
    await talk.say(
        "why",
        choices=[way(talk, "consent_withdraw", (PURPOSE, nudge["purpose"])), way(talk, "my_consents")],
        title=nudge["title"],
        at=moment_words(nudge["at"], talk.edge),
        data=nudge["data"],
        basis=Spoken(basis, lambda _: talk.voice.text(f"message_reason.basis.{basis}")),
        end=nudge["words"][0].upper() if nudge["words"] else "",
    )


MESSAGE_REASON = dialog(message_reason)
