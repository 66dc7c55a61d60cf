"""Cancel an appointment: which one, a yes that names it, and what became of it."""

from __future__ import annotations

from bot.messages import JSON
from dialogs.appointments_prompts import Known
from dialogs.appointments_time import BOOKING
from dialogs.appointments_which import APPOINTMENT_WHICH
from dialogs.appointments_words import name_words, note_words, remembered, when_words
from dialogs.dialog import dialog
from dialogs.errors import EffectFailed
from dialogs.guidance import links
from dialogs.services import Appointment, Change, Topics
from dialogs.talk import Talk

OUTCOMES = frozenset(("done", "gone", "late"))


async def appointment_cancel(talk: Talk, topics: Topics) -> JSON:
    """Name the appointment for a yes, cancel it, and forget its code."""
    known: list[str] = talk.given("known", Known()) or []
    meant: Appointment | None = await talk.call("which", APPOINTMENT_WHICH)
    if meant is None:
        return None
    name, time = name_words(meant["kind"], meant["names"]), when_words(meant, talk.edge)
    if not await talk.confirm("sure", kind=name, time=time, number=meant["number"]):
        await talk.say("kept", kind=name, time=time)
        return None
    try:
        change: Change = await talk.do("cancel", "appointments.cancel", meant["number"])
    except EffectFailed:
        await talk.say("failed", links=links(talk, topics, BOOKING), number=meant["number"])
        return None
    outcome = change["outcome"] if change["outcome"] in OUTCOMES else "late"
    elsewhere = [] if outcome == "done" else links(talk, topics, BOOKING)
    await talk.say(outcome, links=elsewhere, kind=name, time=time, note=note_words(meant, talk.edge))
    return remembered([number for number in known if outcome == "late" or number != meant["number"]])


APPOINTMENT_CANCEL = dialog(appointment_cancel, acts=("cancel",))
