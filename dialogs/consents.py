"""What may the city write to me about: the purposes and how each stands here, and each of them to read and change."""

from __future__ import annotations

from dialogs.consents_ask import CONSENT_ASK
from dialogs.consents_end import CONSENT_END
from dialogs.consents_known import CONSENTS_KNOWN
from dialogs.dialog import dialog
from dialogs.my_data_words import allowed, which_purpose
from dialogs.services_mydata import Consent
from dialogs.speech import Option
from dialogs.talk import Talk

NOTHING = "nothing"


async def my_consents(talk: Talk) -> None:
    """List them; the one that is chosen is ended where it is allowed, and asked for where it is not."""
    known: list[Consent] = await talk.call("known", CONSENTS_KNOWN)
    if not known:
        return
    prompt = which_purpose(talk, known, Option(NOTHING, "my_consents.which_nothing"), stated=True)
    name = await talk.ask("which", prompt)
    if name == NOTHING:
        await talk.say("left")
        return
    meant = next(one for one in known if one["id"] == name)
    await talk.call("one", CONSENT_END if allowed(meant) else CONSENT_ASK, meant=meant)


MY_CONSENTS = dialog(my_consents)
