"""The appointments that were booked in this conversation, and the one whose code is written."""

from __future__ import annotations

from bot.messages import JSON
from dialogs.appointments_prompts import Known, Own
from dialogs.appointments_time import BOOKING
from dialogs.appointments_which import MOST
from dialogs.appointments_words import name_words, to_come, when_words
from dialogs.dialog import dialog
from dialogs.guidance import links
from dialogs.services import Appointment, Appointments, ServiceUnavailable, Topics
from dialogs.talk import Talk


async def appointment_mine(talk: Talk, appointments: Appointments, topics: Topics) -> JSON:
    """List what is still to come; nobody else's is shown without its code."""
    known: list[str] = talk.given("known", Known()) or []
    written = talk.given("written", Own((), talk.voice.label))
    asked = talk.now("asked")
    found: list[Appointment] = []
    try:
        for number in talk.each("own", [*known[-MOST:], *([written] if written and written not in known else [])]):
            found.append(await talk.read("found", appointments.find, number))
    except ServiceUnavailable:
        await talk.say("unavailable", links=links(talk, topics, BOOKING))
        return None
    coming = sorted((one for one in found if one["known"] and to_come(one, asked)), key=lambda one: one["starts"] or "")
    if not coming:
        await talk.say("none", links=links(talk, topics, BOOKING))
        return None
    await talk.say("list", appointments="\n".join(_line(one, talk) for one in coming))
    return None


def _line(found: Appointment, talk: Talk) -> str:
    name = name_words(found["kind"], found["names"]).words(talk.language)
    when = when_words(found, talk.edge).words(talk.language)
    return talk.voice.text("appointment.line", {"kind": name, "time": when, "number": found["number"]})


APPOINTMENT_MINE = dialog(appointment_mine)
