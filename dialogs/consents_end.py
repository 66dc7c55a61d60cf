"""End one purpose: a yes that names it, and what was written down."""

from __future__ import annotations

from dialogs.dialog import dialog
from dialogs.errors import EffectFailed
from dialogs.my_data_words import PURPOSE, allowed, moment_words, title_words, way
from dialogs.services_mydata import Consent, Consents, Decision
from dialogs.talk import Talk


async def consent_end(talk: Talk, consents: Consents, *, meant: Consent) -> None:
    """Ask whether it is this one that is meant, and end it at once."""
    title = title_words(meant)
    if not allowed(meant):
        await talk.say("nothing", title=title)
        return
    if not await talk.confirm("sure_task" if meant["basis"] == "public_task" else "sure", title=title):
        await talk.say("kept", title=title)
        return
    try:
        made: Decision = await talk.do(
            "withdraw", consents.withdraw, talk.edge.conversation, meant["id"], talk.language
        )
    except EffectFailed:
        await talk.say("failed", title=title)
        return
    if made["outcome"] != "done":
        await talk.say("failed", title=title)
        return
    await talk.say(
        "done",
        choices=[way(talk, "consent_give", (PURPOSE, meant["id"]))],
        title=title,
        at=moment_words(made["at"], talk.edge),
        receipt=made["receipt"],
    )


CONSENT_END = dialog(consent_end)
