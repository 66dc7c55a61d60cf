"""Report a fault in a street or park to the city."""

from __future__ import annotations

import re

from bot.messages import JSON
from dialogs.cityscape import place_words
from dialogs.dialog import dialog
from dialogs.errors import EffectFailed
from dialogs.prompt_entities import Place
from dialogs.prompt_report import Contact, FaultKind
from dialogs.prompts import Text
from dialogs.services import Contact as Reached
from dialogs.services import Directory, FeedbackDesk, Kind, Masking, ServiceUnavailable, Ticket
from dialogs.speech import Option, Spoken, Voice
from dialogs.talk import Talk

MANY = 10
"""More kinds than this are chosen by their group first."""
SHORTEST, LONGEST = 10, 2000
"""Characters of a description: the desk takes no shorter one."""
_TOLD = 15
_QUOTED = 280
_MARK = re.compile(r"‹([^‹›]{1,20})›")
_MARKS = {"identity code": "code", "e-mail": "email", "phone": "phone", "account": "account"}


async def report_fault(talk: Talk, feedback: FeedbackDesk, directory: Directory, masking: Masking) -> JSON:
    """Ask what, where and how, name all of it for a yes, and send it."""
    try:
        kinds: list[Kind] = await talk.read("kinds", feedback.kinds, talk.language)
    except ServiceUnavailable:
        await talk.say("unavailable")
        return None
    kind, named_at_once = await _kind(talk, kinds)
    place = await talk.ask("place", Place(directory, free=True))
    contact: Reached = await talk.ask("contact", Contact())
    # A first message that told what or where is the description too, as a rule; its words are shown for the yes.
    told = _TOLD if named_at_once or talk.opened("place") else None
    text = Text(min_length=SHORTEST, max_length=LONGEST, opening=told, masked=masking.mask)
    details = await talk.ask("details", text)
    named = {option["code"]: option["name"] for option in kinds}
    agreed = await talk.confirm(
        "send",
        kind=Spoken(kind, lambda _: named.get(kind, kind)),
        place=place_words(directory, place),
        details=Spoken(details, lambda language: _quoted(details, Voice(talk.edge.texts, language))),
        contact=Spoken(dict(contact), lambda language: _reached(contact, Voice(talk.edge.texts, language))),
        photos=Spoken(talk.photos, lambda _: str(len(talk.photos))),
    )
    if not agreed:
        await talk.say("not_sent")
        return None
    told_words = _unmarked(details, talk.voice)
    try:
        ticket: Ticket = await talk.do("submit", "feedback.submit", kind, place, told_words, talk.photos, contact)
    except EffectFailed:
        await talk.say("failed")
        return None
    await talk.say("thanks_demonstration" if ticket["demonstration"] else "thanks", number=ticket["number"])
    return {"recent": {"report": ticket["number"]}}


def _quoted(details: str, voice: Voice) -> str:
    """The beginning of a description, and a word about what was taken out of it."""
    shown = _unmarked(details, voice)
    shown = shown if len(shown) <= _QUOTED else shown[:_QUOTED] + "…"
    return f"{shown}\n{voice.text('report_fault.hidden')}" if _MARK.search(details) else shown


def _unmarked(details: str, voice: Voice) -> str:
    """The marks of what was taken out, in words of the language."""
    return _MARK.sub(lambda mark: f"[{voice.text('report_fault.' + _MARKS.get(mark[1], 'data'))}]", details)


def _reached(contact: Reached, voice: Voice) -> str:
    given = ", ".join(value for value in (contact["email"], contact["phone"]) if value)
    return given or voice.text("report_fault.no_contact")


async def _kind(talk: Talk, kinds: list[Kind]) -> tuple[str, bool]:
    """The kind's code, and whether the first message said it."""
    groups = list(dict.fromkeys(kind["group"] for kind in kinds))
    if len(kinds) > MANY and len(groups) > 1:
        told = talk.given("told_kind", _choice(talk, kinds))
        if told is not None:
            return str(told), True
        # A group has no id but its place in the list, which is the same in every language.
        options = [Option(str(i), lambda _, name=name: name) for i, name in enumerate(groups)]  # type: ignore[misc]
        group = groups[int(await talk.choose("group", options))]
        kinds = [kind for kind in kinds if kind["group"] == group]
    kind = await talk.ask("kind", _choice(talk, kinds))
    return str(kind), talk.opened("kind")


def _choice(talk: Talk, kinds: list[Kind]) -> FaultKind:
    options = [Option(kind["code"], lambda _, kind=kind: kind["name"]) for kind in kinds]  # type: ignore[misc]
    words = {kind["code"]: kind["words"] for kind in kinds}
    return FaultKind(tuple(options), talk.voice.label, words=words)


REPORT_FAULT = dialog(report_fault, photos=True)
