"""A resident parking permit: whether it can be had, and from where."""

from __future__ import annotations

from dialogs.dialog import dialog
from dialogs.guidance import links, options, source
from dialogs.services import Topics
from dialogs.talk import Talk


async def guide_parking_permit(talk: Talk, topics: Topics) -> None:
    """What is wanted of the permit, and whether it can be had."""
    what = await talk.choose("what", options("guide_parking_permit.what", "new", "change"))
    outcome = str(what)
    if what == "new":
        if not await talk.confirm("lives"):
            outcome = "elsewhere"
        elif not await talk.confirm("holds"):
            outcome = "not_holder"
    await talk.say(outcome, links=links(talk, topics, "parking_permit"), source=source(talk, topics, "parking_permit"))


GUIDE_PARKING_PERMIT = dialog(guide_parking_permit)
