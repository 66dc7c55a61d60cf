"""Why did I get this: of the last message that the city wrote first."""

from __future__ import annotations

from dialogs.dialog import dialog
from dialogs.my_data_private import MY_DATA_PRIVATE
from dialogs.my_data_words import PURPOSE, moment_words, way
from dialogs.services import ServiceUnavailable
from dialogs.services_mydata import MyData, Nudge
from dialogs.speech import Spoken, Voice
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
    basis, here = nudge["basis"], nudge["here"]
    given = moment_words(nudge["given"], talk.edge)
    await talk.say(
        "why",
        choices=[way(talk, "consent_withdraw", (PURPOSE, nudge["purpose"])), way(talk, "my_consents")],
        title=nudge["title"],
        at=moment_words(nudge["at"], talk.edge),
        data=nudge["data"],
        basis=Spoken([basis, nudge["given"]], lambda language: _ground(basis, given, Voice(talk.edge.texts, language))),
        here=Spoken(here, lambda language: talk.edge.texts(f"message_reason.here.{here or 'chosen'}", language)),
        end=nudge["words"][0].upper() if nudge["words"] else "",
    )


def _ground(basis: str, given: Spoken, voice: Voice) -> str:
    """The ground of it, and when it was given, where somebody gave it."""
    at = given.words(voice.language)
    return voice.text("message_reason.basis.given", {"at": at}) if at else voice.text(f"message_reason.basis.{basis}")


MESSAGE_REASON = dialog(message_reason)
