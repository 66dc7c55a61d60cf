"""End a purpose by its name: "stop the library reminders"."""

from __future__ import annotations

from dialogs.consents_end import CONSENT_END
from dialogs.consents_known import CONSENTS_KNOWN
from dialogs.dialog import dialog
from dialogs.my_data_words import allowed, which_purpose
from dialogs.services_mydata import Consent
from dialogs.talk import Talk


async def consent_withdraw(talk: Talk) -> None:
    """Which one, unless the message names it: of those that are allowed."""
    known: list[Consent] = await talk.call("known", CONSENTS_KNOWN)
    if not known:
        return
    given = [one for one in known if allowed(one)]
    name = talk.given("named", which_purpose(talk, known))
    if name is None and not given:
        await talk.say("none")
        return
    if name is None:
        name = await talk.ask("which", which_purpose(talk, given))
    await talk.call("one", CONSENT_END, meant=next(one for one in known if one["id"] == name))


CONSENT_WITHDRAW = dialog(consent_withdraw)
