"""Who used my data: the newest readings in words."""

from __future__ import annotations

from dialogs.dialog import dialog
from dialogs.my_data_private import MY_DATA_PRIVATE
from dialogs.my_data_words import moment_words, way
from dialogs.services import ServiceUnavailable
from dialogs.services_mydata import MyData, Use
from dialogs.speech import Spoken, Voice
from dialogs.talk import Talk

MOST = 5
"""So many are told here; all of them are on the page."""


async def data_uses(talk: Talk, mydata: MyData) -> None:
    """Tell them, the newest first."""
    if not await talk.call("here", MY_DATA_PRIVATE):
        return
    try:
        uses: list[Use] = await talk.read("uses", mydata.uses, talk.edge.conversation, talk.language, MOST)
    except ServiceUnavailable:
        await talk.say("unavailable")
        return
    if uses:
        await talk.say("list", choices=[way(talk, "strong_login")], uses=_lines(talk, uses), most=MOST)
    else:
        await talk.say("none", choices=[way(talk, "strong_login")])


def _lines(talk: Talk, uses: list[Use]) -> Spoken:
    """A line each."""

    def words(language: str) -> str:
        voice = Voice(talk.edge.texts, language)
        return "\n".join(
            voice.text("data_uses.line", {**use, "at": moment_words(use["at"], talk.edge).words(language)})
            for use in uses
        )

    return Spoken([use["at"] for use in uses], words)


DATA_USES = dialog(data_uses)
