"""A place in a school: the local school, another one, or preparatory education."""

from __future__ import annotations

from dialogs.dialog import dialog
from dialogs.guidance import links, options, source
from dialogs.services import Topics
from dialogs.talk import Talk


async def guide_school_enrolment(talk: Talk, topics: Topics) -> None:
    """What the matter is, and who can tell."""
    what = await talk.choose("what", options("guide_school_enrolment.what", "first", "move", "other", "language"))
    outcome = str(what)
    if what in {"first", "move"} and not await talk.confirm("knows"):
        outcome = f"{what}_find"
    await talk.say(
        outcome, links=links(talk, topics, "school_enrolment"), source=source(talk, topics, "school_enrolment")
    )


GUIDE_SCHOOL_ENROLMENT = dialog(guide_school_enrolment)
