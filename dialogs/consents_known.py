"""The purposes that one can allow or refuse here."""

from __future__ import annotations

from dialogs.dialog import dialog
from dialogs.my_data_private import MY_DATA_PRIVATE
from dialogs.services import ServiceUnavailable
from dialogs.services_mydata import Consent, Consents
from dialogs.talk import Talk


async def consents_known(talk: Talk, consents: Consents) -> list[Consent]:
    """All of them, in the language of now; none where the talk cannot go on, which has been said."""
    if not await talk.call("here", MY_DATA_PRIVATE):
        return []
    try:
        known: list[Consent] = await talk.read("known", consents.standings, talk.edge.conversation, talk.language)
    except ServiceUnavailable:
        await talk.say("unavailable")
        return []
    if not known:
        await talk.say("none")
    return known


CONSENTS_KNOWN = dialog(consents_known)
