"""Report a fault in a street or park to the city."""

from __future__ import annotations

from dialogs.cityscape import place_words
from dialogs.dialog import dialog
from dialogs.errors import EffectFailed
from dialogs.prompt_entities import Place
from dialogs.prompts import Text
from dialogs.services import Directory, FeedbackDesk, Kind, ServiceUnavailable, Ticket
from dialogs.speech import Option, Spoken
from dialogs.talk import Talk

MANY = 10
"""More kinds than this are chosen by their group first."""
SHORTEST, LONGEST = 10, 2000
"""Characters of a description: the desk takes no shorter one."""
_TOLD = 15
_QUOTED = 280


async def report_fault(talk: Talk, feedback: FeedbackDesk, directory: Directory) -> None:
    """Ask what, where and how, name all of it for a yes, and send it."""
    try:
        kinds: list[Kind] = await talk.read("kinds", feedback.kinds, talk.language)
    except ServiceUnavailable:
        await talk.say("unavailable")
        return
    kind = await _kind(talk, kinds)
    place = await talk.ask("place", Place(directory, free=True))
    # A first message that told what or where is the description too, as a rule; its words are shown for the yes.
    told = _TOLD if talk.opened("kind") or talk.opened("place") else None
    details = await talk.ask("details", Text(min_length=SHORTEST, max_length=LONGEST, opening=told))
    named = {option["code"]: option["name"] for option in kinds}
    agreed = await talk.confirm(
        "send",
        kind=Spoken(kind, lambda _: named.get(kind, kind)),
        place=place_words(directory, place),
        details=Spoken(details, lambda _: details if len(details) <= _QUOTED else details[:_QUOTED] + "…"),
        photos=Spoken(talk.photos, lambda _: str(len(talk.photos))),
    )
    if not agreed:
        await talk.say("not_sent")
        return
    try:
        ticket: Ticket = await talk.do("submit", "feedback.submit", kind, place, details, talk.photos)
    except EffectFailed:
        await talk.say("failed")
        return
    await talk.say("thanks_demonstration" if ticket["demonstration"] else "thanks", number=ticket["number"])


async def _kind(talk: Talk, kinds: list[Kind]) -> str:
    groups = list(dict.fromkeys(kind["group"] for kind in kinds))
    if len(kinds) > MANY and len(groups) > 1:
        # A group has no id but its place in the list, which is the same in every language.
        options = [Option(str(i), lambda _, name=name: name) for i, name in enumerate(groups)]  # type: ignore[misc]
        group = groups[int(await talk.choose("group", options))]
        kinds = [kind for kind in kinds if kind["group"] == group]
    options = [Option(kind["code"], lambda _, kind=kind: kind["name"]) for kind in kinds]  # type: ignore[misc]
    return str(await talk.choose("kind", options))


REPORT_FAULT = dialog(report_fault, photos=True)
