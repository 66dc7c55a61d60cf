"""A place in day care: when to apply, where, and with what."""

from __future__ import annotations

from dialogs.dialog import dialog
from dialogs.guidance import links, options, said, source
from dialogs.services import Topics
from dialogs.speech import Spoken
from dialogs.talk import Talk

INTENT = "daycare_application"
NAME = "guide_daycare_application"


async def guide_daycare_application(talk: Talk, topics: Topics) -> None:
    """When the place is needed, how old the child is then, and how to identify oneself."""
    when = await talk.choose("when", options("guide_daycare_application.when", "later", "work", "soon"))
    if not await talk.confirm("nine_months"):
        await talk.say("young", links=links(talk, topics, INTENT), source=source(talk, topics, INTENT))
        return
    how = "online" if await talk.confirm("identify") else "phone"
    await talk.say(
        "apply",
        links=links(talk, topics, INTENT),
        when=Spoken(when, lambda language: said(talk, f"{NAME}.when_{when}_then", language)),
        how=Spoken(how, lambda language: said(talk, f"{NAME}.how_{how}", language)),
        source=source(talk, topics, INTENT),
    )


GUIDE_DAYCARE_APPLICATION = dialog(guide_daycare_application)
