"""Allow a purpose by its name: "remind me of the waste collection"."""

from __future__ import annotations

from dialogs.consents_ask import CONSENT_ASK
from dialogs.consents_known import CONSENTS_KNOWN
from dialogs.dialog import dialog
from dialogs.my_data_words import which_purpose
from dialogs.services_mydata import Consent
from dialogs.talk import Talk


async def consent_give(talk: Talk) -> None:
    """Which one, unless the message names it; then its own question."""
    known: list[Consent] = await talk.call("known", CONSENTS_KNOWN)
    if not known:
        return
    name = await talk.ask("which", which_purpose(talk, known))
    await talk.call("one", CONSENT_ASK, meant=next(one for one in known if one["id"] == name))


CONSENT_GIVE = dialog(consent_give)
