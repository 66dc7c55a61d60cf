"""Move an appointment: which one, to when, a yes that names both, and what became of it."""

from __future__ import annotations

from bot.messages import JSON
from dialogs.appointments_book import ROUNDS
from dialogs.appointments_prompts import Known
from dialogs.appointments_time import APPOINTMENT_TIME, BOOKING
from dialogs.appointments_which import APPOINTMENT_WHICH
from dialogs.appointments_words import bring_words, free_words, name_words, note_words, remembered, when_words
from dialogs.dialog import dialog
from dialogs.errors import EffectFailed
from dialogs.guidance import links
from dialogs.services import Appointment, Change, FreeTime, Topics
from dialogs.talk import Talk


async def appointment_move(talk: Talk, topics: Topics) -> JSON:
    """Offer times until the appointment is moved to one; until then it stays where it is."""
    known: list[str] = talk.given("known", Known()) or []
    meant: Appointment | None = await talk.call("which", APPOINTMENT_WHICH)
    if meant is None:
        return None
    for _ in talk.each("round", range(ROUNDS)):
        if not await _taken(talk, topics, meant):
            return remembered([*known, meant["number"]])
    return None


async def _taken(talk: Talk, topics: Topics, meant: Appointment) -> bool:
    """Whether the time that was chosen was taken meanwhile; else it has been said how the matter ended."""
    name, old = name_words(meant["kind"], meant["names"]), when_words(meant, talk.edge)
    time: FreeTime | None = await talk.call("pick", APPOINTMENT_TIME, kind=meant["kind"], label=name)
    if time is None:
        return False
    new = free_words(time, talk.edge)
    if not await talk.confirm("sure", kind=name, old=old, new=new):
        await talk.say("kept", old=old)
        return False
    try:
        change: Change = await talk.do("move", "appointments.move", meant["number"], time["id"])
    except EffectFailed:
        await talk.say("failed", links=links(talk, topics, BOOKING), number=meant["number"])
        return False
    moved = change["appointment"]
    if change["outcome"] == "done" and moved is not None:
        bring, note = bring_words(moved, talk.edge), note_words(moved, talk.edge)
        await talk.say("done", kind=name, new=new, number=moved["number"], bring=bring, note=note)
    elif change["outcome"] == "taken":
        await talk.say("taken", new=new, old=old)
    else:
        await talk.say("gone", links=links(talk, topics, BOOKING))
    return change["outcome"] == "taken"


APPOINTMENT_MOVE = dialog(appointment_move)
