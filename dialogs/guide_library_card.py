"""Which library card, and what to have at hand."""

from __future__ import annotations

from dialogs.dialog import dialog
from dialogs.guidance import links, options, source
from dialogs.services import Topics
from dialogs.talk import Talk


async def guide_library_card(talk: Talk, topics: Topics) -> None:
    """Who needs what card or code, and what to have at hand in the library."""
    who = await talk.choose("who", options("guide_library_card.who", "adult", "child", "lost"))
    outcome = str(who)
    if who == "adult":
        code = await talk.confirm("code")
        outcome = "adult" if code else "adult_no_code"
    await talk.say(outcome, links=links(talk, topics, "library_card"), source=source(talk, topics, "library_card"))


GUIDE_LIBRARY_CARD = dialog(guide_library_card)
